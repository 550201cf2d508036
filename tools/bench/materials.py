"""What the whole commands work on, made once in a folder: two checkpoints of random weights as HuggingFace lays them out, pictures, texts."""
import itertools
import json
import os
import struct

import numpy as np

import works

PICTURES, TEXTS = 200, 1000
SHORTEST, LONGEST = 3, 60  # tokens of a text, [CLS] and [SEP] among them


def read_tensors(path):
    """The f32 tensors of a safetensors file by name."""
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(length))
        data = f.read()
    return {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"])
            for k, v in header.items() if k != "__metadata__" and v["dtype"] == "F32"}


def write_tensors(path, tensors):
    kinds = {np.dtype(np.float32): "F32", np.dtype(np.int64): "I64"}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + t.nbytes]}
        at += t.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            f.write(np.ascontiguousarray(t).tobytes())
    os.rename(path + ".part", path)


def named(tower):
    """A tower's weights under the names of transformers' classes."""
    w, out = works.tower_weights(tower), {}

    def both(name, key):
        out[name + ".weight"] = w[key + ".weight"].T if w[key + ".weight"].ndim == 2 else w[key + ".weight"]
        if key + ".bias" in w:
            out[name + ".bias"] = w[key + ".bias"]

    if tower.kind == "bert":
        for name, key in (("word", "words"), ("position", "positions"), ("token_type", "types")):
            out[f"embeddings.{name}_embeddings.weight"] = w[key]
        both("embeddings.LayerNorm", "norm")
    else:
        size = tower.patch
        clip = tower.kind == "clip"
        kernel = w["patch.weight"].T.reshape(works.HIDDEN, 3, size, size)
        if clip:
            out["vision_model.embeddings.patch_embedding.weight"] = kernel
            out["vision_model.embeddings.class_embedding"] = w["cls"][0]
            out["vision_model.embeddings.position_embedding.weight"] = w["positions"]
            both("vision_model.pre_layrnorm", "first")
            both("vision_model.post_layernorm", "norm")
        else:
            out["embeddings.patch_embeddings.projection.weight"] = kernel
            out["embeddings.patch_embeddings.projection.bias"] = w["patch.bias"]
            out["embeddings.cls_token"], out["embeddings.position_embeddings"] = w["cls"][None], w["positions"][None]
            both("layernorm", "norm")
    if tower.kind != "clip":
        both("pooler.dense", "pooler")
    layer, qkv, rest = {
        "bert": ("encoder.layer.", ["attention.self." + n for n in ("query", "key", "value")],
                 ["attention.output.dense", "intermediate.dense", "output.dense", "attention.output.LayerNorm", "output.LayerNorm"]),
        "vit": ("encoder.layer.", ["attention.attention." + n for n in ("query", "key", "value")],
                ["attention.output.dense", "intermediate.dense", "output.dense", "layernorm_before", "layernorm_after"]),
        "clip": ("vision_model.encoder.layers.", ["self_attn.%s_proj" % n for n in "qkv"],
                 ["self_attn.out_proj", "mlp.fc1", "mlp.fc2", "layer_norm1", "layer_norm2"]),
    }[tower.kind]
    for i in range(works.LAYERS):
        at = f"{layer}{i}."
        for part, name in enumerate(qkv):
            columns = slice(part * works.HIDDEN, (part + 1) * works.HIDDEN)
            out[at + name + ".weight"] = w[f"{i}.qkv.weight"][:, columns].T
            out[at + name + ".bias"] = w[f"{i}.qkv.bias"][columns]
        for name, key in zip(rest, ("out", "up", "down", "norm1", "norm2")):
            both(at + name, f"{i}.{key}")
    return out, w["projection.weight"].T


def vocabulary():
    """As many words as BERT has, each of them one token."""
    syllables = [a + b for a in "bcdfghjklmnprstvz" for b in "aeiou"]
    words = itertools.islice(("".join(s) for s in itertools.product(syllables, repeat=3)), works.VOCABULARY - 5)
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]


def checkpoint(folder, towers):
    if os.path.isfile(os.path.join(folder, "model.safetensors")):
        return folder
    os.makedirs(folder, exist_ok=True)
    vision = {"model_type": "vit"} if towers[0].kind == "vit" else {"model_type": "clip_vision_model", "patch_size": 32}
    config = {"model_type": "vision-text-dual-encoder", "architectures": ["VisionTextDualEncoderModel"], "projection_dim": works.PROJECTION,
              "vision_config": vision, "text_config": {"model_type": "bert"}}
    half = [0.5] * 3
    processor = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 224, "width": 224}, "resample": 2,
                 "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": half, "image_std": half}
    for name, value in (("config.json", config), ("preprocessor_config.json", processor),
                        ("tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512})):
        with open(os.path.join(folder, name), "w") as f:
            json.dump(value, f)
    with open(os.path.join(folder, "vocab.txt"), "w") as f:
        f.write("\n".join(vocabulary()) + "\n")
    tensors = {"logit_scale": np.array(2.6592, np.float32)}
    for tower, side, projection in zip(towers, ("vision_model", "text_model"), ("visual_projection", "text_projection")):
        names, tensors[projection + ".weight"] = named(tower)
        tensors |= {f"{side}.{k}": v for k, v in names.items()}
    write_tensors(os.path.join(folder, "model.safetensors"), dict(sorted(tensors.items())))
    return folder


def pictures(folder, n=PICTURES):
    """JPEGs of 640 × 480: coarse noise made large, so that they decode like photographs and not like a plain area."""
    from PIL import Image
    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        path = os.path.join(folder, f"{i:04d}.jpg")
        if not os.path.isfile(path):
            rng = np.random.default_rng(i)
            coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((640, 480), Image.Resampling.BICUBIC)
            fine = rng.normal(0, 8, (480, 640, 3))
            Image.fromarray(np.clip(np.asarray(coarse) + fine, 0, 255).astype(np.uint8)).save(path, quality=90)
    return folder


def texts(folder, n=TEXTS):
    """Two files of n texts with the same number of tokens in all: of mixed lengths, and of one length."""
    os.makedirs(folder, exist_ok=True)
    rng, words = np.random.default_rng(3), vocabulary()[5:]
    mixed = rng.integers(SHORTEST, LONGEST + 1, n)
    mean = round(mixed.mean())
    while mixed.sum() != n * mean:
        i, step = rng.integers(n), np.sign(n * mean - mixed.sum())
        mixed[i] = np.clip(mixed[i] + step, SHORTEST, LONGEST)
    paths = []
    for name, lengths in (("mixed", mixed), ("equal", [mean] * n)):
        paths.append(os.path.join(folder, f"{name}-{n}.txt"))
        with open(paths[-1], "w") as f:
            f.writelines(" ".join(rng.choice(words, k - 2)) + "\n" for k in lengths)
    return *paths, int(n * mean)

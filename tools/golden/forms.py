"""One model in the safetensors and PyTorch forms in which checkpoints are found; generate.py calls it with vit-bert.

ref_half.safetensors holds the outputs of the weights as rounded to f16 and bf16, computed in f32. bin-evil runs a shell
command when it is unpickled carelessly. Flax's form comes from flax_types.py, TensorFlow's from tf_form.py.
"""
import os
import shutil
from collections import OrderedDict

import torch
from safetensors.torch import load_file, save_file


def old_name(key):
    """The spelling that TensorFlow checkpoints left in old PyTorch ones."""
    if "layernorm" in key.lower():
        for new, old in (("weight", "gamma"), ("bias", "beta")):
            if key.endswith(new):
                return key[: -len(new)] + old
    return key


class Evil:
    def __reduce__(self):
        return os.system, ("touch pwned",)


def strange(weights):
    """Parameters, a view that is not contiguous, and two that share a storage."""
    out = OrderedDict((k, torch.nn.Parameter(v)) for k, v in weights.items())
    turned = "text_model.encoder.layer.0.intermediate.dense.weight"
    out[turned] = weights[turned].t().contiguous().t()
    pair = ["visual_projection.weight", "text_projection.weight"]
    joined = torch.cat([weights[k].flatten() for k in pair])
    for k, part in zip(pair, joined.split([weights[k].numel() for k in pair])):
        out[k] = part.view_as(weights[k])
    return out


def save_bin(weights, folder, **options):
    torch.save(weights, os.path.join(folder, "pytorch_model.bin"), **options)


def make(source, out, model):
    def folder(name):
        path = os.path.join(out, name)
        os.makedirs(path, exist_ok=True)
        shutil.copy(os.path.join(source, "config.json"), path)
        return path

    weights = load_file(os.path.join(source, "model.safetensors"))
    ref = load_file(os.path.join(source, "ref.safetensors"))
    given = {k[3:]: v for k, v in ref.items() if k.startswith("in.")}

    model.config.name_or_path = "vit-bert"  # as in a model that was itself loaded
    model.save_pretrained(folder("sharded-safetensors"), max_shard_size="60KB", safe_serialization=True)
    model.save_pretrained(folder("sharded-bin"), max_shard_size="60KB", safe_serialization=False)
    old = OrderedDict((old_name(k), v) for k, v in weights.items())
    old["text_model.embeddings.position_ids"] = torch.arange(40).unsqueeze(0)
    save_bin(weights, folder("bin-zip"))
    save_bin(old, folder("bin-legacy-gamma-beta"), _use_new_zipfile_serialization=False)
    save_bin(strange(weights), folder("bin-views"))
    save_bin({"visual_projection.weight": weights["visual_projection.weight"], "x": Evil()}, folder("bin-evil"))
    mixed = dict(weights)
    mixed["extra.f8"] = torch.zeros(4, dtype=torch.uint8).view(torch.float8_e4m3fn)
    mixed["extra.i64"] = torch.arange(3)
    save_file(mixed, os.path.join(folder("safetensors-extras"), "model.safetensors"), metadata={"format": "pt"})

    outputs = {}
    for name, dtype in (("f16", torch.float16), ("bf16", torch.bfloat16)):
        rounded = {k: v.to(dtype) for k, v in weights.items()}
        save_file(rounded, os.path.join(folder("safetensors-" + name), "model.safetensors"), metadata={"format": "pt"})
        save_bin(rounded, folder("bin-" + name))
        model.load_state_dict({k: v.float() for k, v in rounded.items()})
        with torch.no_grad():
            o = model(**given)
        outputs[name + ".logits_per_image"] = o.logits_per_image.contiguous()
        outputs[name + ".text_embeds"], outputs[name + ".image_embeds"] = o.text_embeds, o.image_embeds
    save_file(outputs, os.path.join(out, "ref_half.safetensors"))
    model.load_state_dict(weights)
    model.config.name_or_path = ""

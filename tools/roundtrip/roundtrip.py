"""Holds vkdual's files against transformers 4.37.2, both ways.

    pip install -r tools/golden/requirements.txt
    python tools/roundtrip/roundtrip.py VKDUAL [testdata]

For every model and form in testdata: what `vkdual convert` writes is loaded without a warning, holds the bits of the
original, gives the bits of its outputs, and is, byte for byte, what save_pretrained writes: whole, in shards, and in
half precision. Flax's and TensorFlow's files become those of the PyTorch model that they were made of. For pairs of towers saved with and without heads: what `vkdual new` writes is loaded without a
warning, and its towers hold the bits that from_vision_text_pretrained has; what both draw has the same
spread. The exit status is 1 where anything differs.
"""
import filecmp
import json
import logging
import os
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModel, VisionTextDualEncoderConfig, VisionTextDualEncoderModel

import pairs

assert transformers.__version__ == "4.37.2", transformers.__version__
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)
VKDUAL = sys.argv[1]
DATA = sys.argv[2] if len(sys.argv) > 2 else "testdata"
failures, counts = [], {}


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


heard = Warnings()
logging.getLogger("transformers").addHandler(heard)
transformers.logging.disable_default_handler()
transformers.logging.disable_progress_bar()


def check(what, name, good, detail=""):
    counts[what] = counts.get(what, 0) + 1
    if not good:
        failures.append(f"{name}: {what} {detail}")


def vkdual(*args):
    done = subprocess.run([VKDUAL, *args], capture_output=True, text=True)
    if done.returncode:
        failures.append(f"vkdual {' '.join(args)}: {done.stderr.strip()}")
    return done


def class_of(folder):
    kind = json.load(open(os.path.join(folder, "config.json"))).get("model_type")
    return VisionTextDualEncoderModel if kind == "vision-text-dual-encoder" else AutoModel


def load(folder, quiet, dtype="auto"):
    """The model; with quiet, loading it may say nothing and find nothing amiss."""
    heard.said.clear()
    model, info = class_of(folder).from_pretrained(folder, output_loading_info=True, torch_dtype=dtype)
    if quiet:
        amiss = {k: v for k, v in info.items() if v}
        check("loads without a warning", folder, not heard.said and not amiss, f"{heard.said} {amiss}")
    return model.eval()


def same_bits(a, b):
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a)


def outputs(model, reference):
    inputs = {k[3:]: v for k, v in load_file(reference).items() if k.startswith("in.")}
    with torch.no_grad():
        out = model(**inputs)
    return {k: out[k] for k in ("logits_per_image", "text_embeds", "image_embeds")}


def same_files(a, b, names=None):
    names = names or sorted(n for n in os.listdir(a) if n.startswith("model"))
    others = sorted(n for n in os.listdir(b) if n.startswith("model"))
    if names != others:
        return f"{names} {others}"
    return next((n for n in names if not filecmp.cmp(f"{a}/{n}", f"{b}/{n}", shallow=False)), "")


def same_config(a, b):
    """What both mean; a file that vkdual writes keeps what it does not know."""
    read = lambda folder: VisionTextDualEncoderConfig.from_pretrained(folder).to_dict()
    leave = lambda c: {k: leave(v) if isinstance(v, dict) else v for k, v in c.items() if k not in ("transformers_version", "_name_or_path")}
    return leave(read(a)) == leave(read(b))


def convert(folder, reference, tmp):
    name = os.path.basename(folder)
    ours, theirs, again = (os.path.join(tmp, f"{name}-{n}") for n in ("ours", "theirs", "again"))
    if vkdual("convert", "--model", folder, ours).returncode:
        return
    dtype = getattr(torch, json.load(open(os.path.join(ours, "config.json")))["torch_dtype"])  # that of the file, whatever its old config says
    model, got = load(folder, quiet=False, dtype=dtype), load(ours, quiet=True)
    check("holds the original's bits", name, same_bits(model.state_dict(), got.state_dict()))
    if reference:
        a, b = outputs(model.float(), reference), outputs(got.float(), reference)
        check("gives the original's outputs, to the bit", name, same_bits(a, b))
    model = load(folder, quiet=False, dtype=dtype)
    model.save_pretrained(theirs)
    if name != "extra-mixed-storage":  # convert keeps the types, transformers has one
        check("is save_pretrained's file, byte for byte", name, not same_files(ours, theirs), same_files(ours, theirs))
    if class_of(folder) is VisionTextDualEncoderModel:
        check("its config means the same", name, same_config(ours, theirs))
    vkdual("convert", "--model", theirs, again)
    check("save_pretrained's model comes back as it was", name, not same_files(theirs, again), same_files(theirs, again))
    for n, size in enumerate(["40KB", "7KB"]):
        a, b = f"{ours}{n}", f"{theirs}{n}"
        vkdual("convert", "--model", theirs, "--max-shard-size", size, a)
        model.save_pretrained(b, max_shard_size=size)
        check("is save_pretrained's shards and index, byte for byte", name, not same_files(a, b), same_files(a, b))
    for dtype, torch_dtype in (("f16", torch.float16), ("bf16", torch.bfloat16)):
        a, b = f"{ours}-{dtype}", f"{theirs}-{dtype}"
        vkdual("convert", "--model", folder, "--dtype", dtype, a)
        class_of(folder).from_pretrained(folder).to(torch_dtype).save_pretrained(b)
        check("is rounded as PyTorch rounds, byte for byte", name, not same_files(a, b), same_files(a, b))


def foreign(form, original, tmp):
    """A form that only another framework loads, against the model that it was made of."""
    out = os.path.join(tmp, f"{form}-ours")
    if vkdual("convert", "--model", os.path.join(DATA, "forms", form), out).returncode:
        return
    load(out, quiet=True, dtype=getattr(torch, json.load(open(os.path.join(out, "config.json")))["torch_dtype"]))
    want = os.path.join(DATA, original)
    check("is the PyTorch model's file, byte for byte", form, not same_files(want, out), same_files(want, out))


def spread(x):
    x = x.double().flatten()
    return torch.tensor([x.mean(), x.std() if x.numel() > 1 else 0.0, x.abs().max()])


def new(name, vision, text, tmp):
    """vision and text: functions that save a tower's checkpoint into a folder."""
    v, t, out = (os.path.join(tmp, f"{name}-{n}") for n in ("vision", "text", "out"))
    vision(v), text(t)
    done = vkdual("new", "--vision", v, "--text", t, "--projection-dim", "24", "--seed", "3", out)
    if done.returncode:
        return
    got = load(out, quiet=True)
    want = VisionTextDualEncoderModel.from_vision_text_pretrained(v, t, projection_dim=24)
    a, b = got.state_dict(), want.state_dict()
    check("has the tensors of from_vision_text_pretrained", name, list(a) == list(b) and all(a[k].shape == b[k].shape for k in a))
    for k in b:
        if k in done.stderr and (k.startswith(("visual_projection", "text_projection")) or ".pooler." in k):
            check("draws as PyTorch does", f"{name}: {k}", bool((spread(a[k]) - spread(b[k])).abs().max() <= 0.25 * spread(b[k])[2] + 1e-9))
        else:
            check("holds the towers' bits", f"{name}: {k}", torch.equal(a[k], b[k]))
    for k in ("visual_projection.weight", "text_projection.weight", "logit_scale"):
        check("names what is new", name, k in done.stderr, done.stderr)
    for head in [k for k in list(load_all(v)) + list(load_all(t)) if k.split(".")[0] in ("classifier", "cls", "lm_head")][:1]:
        check("names what is left out", name, head in done.stderr, done.stderr)


def load_all(folder):
    return load_file(os.path.join(folder, "model.safetensors"))


def drawn(name, vision, text, tmp):
    """A random model of two configs has the spread of transformers' own, tensor by tensor."""
    v, t, out = (os.path.join(tmp, f"{name}-{n}") for n in ("v.json", "t.json", "random"))
    vision.to_json_file(v), text.to_json_file(t)
    if vkdual("new", "--vision-config", v, "--text-config", t, out).returncode:
        return
    a = load(out, quiet=True).state_dict()
    b = VisionTextDualEncoderModel(VisionTextDualEncoderConfig.from_vision_text_configs(vision, text)).state_dict()
    check("has the tensors of a random model", name, list(a) == list(b))
    for k in b:
        if not b[k].is_floating_point() or b[k].numel() == 0:
            check("draws as transformers does", f"{name}: {k}", torch.equal(a[k], b[k]))
            continue
        x, y = spread(a[k]), spread(b[k])
        few = 6 / max(b[k].numel(), 1) ** 0.5  # standard errors of a mean or a deviation
        good = abs(x[0] - y[0]) <= few * y[1] + 1e-9 and abs(x[1] - y[1]) <= few * y[1] + 1e-9
        zero = torch.equal((a[k].reshape(len(a[k]) if a[k].ndim else 1, -1) == 0).all(1), (b[k].reshape(len(b[k]) if b[k].ndim else 1, -1) == 0).all(1))
        check("draws as transformers does", f"{name}: {k}", bool(good) and zero, f"{x.tolist()} {y.tolist()} zero rows the same: {zero}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        for kind in ("models", "forms", "public"):
            for name in sorted(os.listdir(os.path.join(DATA, kind))):
                folder = os.path.join(DATA, kind, name)
                readable = [n for n in os.listdir(folder) if n.startswith(("model", "pytorch_model"))] if os.path.isdir(folder) else []
                if not readable or name == "bin-evil":
                    continue
                reference = os.path.join(folder if kind == "models" else os.path.join(DATA, "models", "vit-bert"), "ref.safetensors")
                convert(folder, reference if kind != "public" and class_of(folder) is VisionTextDualEncoderModel else "", tmp)
        for form, original in (("flax", "models/vit-bert"), ("tf", "models/vit-bert"), ("flax-bf16", "forms/safetensors-bf16")):
            foreign(form, original, tmp)
        for name, vision, text in pairs.saved():
            new(name, vision, text, tmp)
        for name, vision, text in pairs.configs(DATA):
            drawn(name, vision, text, tmp)
    for what, n in counts.items():
        print(f"{n:6} {what}")
    for failure in failures:
        print("FAILED", failure[:1000])
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

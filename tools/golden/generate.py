"""Makes the golden files of testdata/models and testdata/forms with transformers 4.37.2 and PyTorch 2.1.2.

    python generate.py OUT [CASE ...]            the models of cases.py (all without CASE), and with vit-bert its forms
    python generate.py --check OUT [CASE ...]    makes them in memory and compares with what OUT holds

A model becomes a folder as a user could have downloaded it (config.json, model.safetensors) and ref.safetensors:
    in.*       the inputs of forward
    out.*      all its outputs with hidden states and attentions (and the loss, where there are as many pictures as texts)
    feat.*     get_text_features and get_image_features
    act.PATH   the output of the sub-module of that path (the first, where it has several)
    grad.NAME  the loss's gradient by that parameter
    in2.*, out2.*    a second call: 2 pictures, 5 texts, neither mask nor token types
Weights, pictures and tokens are random; every parameter is drawn anew, so that no bias is 0 and no norm's weight 1.
"""
import argparse
import json
import math
import os
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import VisionTextDualEncoderConfig, VisionTextDualEncoderModel

import forms
from cases import CASES

assert transformers.__version__ == "4.37.2", transformers.__version__
transformers.logging.set_verbosity_error()
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)  # the order of every sum is part of a file's last digits
SEED = 1
LARGEST_ACTIVATION = 12000  # numbers; larger outputs are not recorded


def redraw(model, seed, gain):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            r = torch.randn(p.shape, generator=g)
            if name == "logit_scale":
                continue
            if p.ndim <= 1:
                norm = name.endswith("weight") or any(s in name for s in ("lambda", "layer_scale", "gamma"))
                p.copy_(1 + 0.2 * r if norm else 0.1 * r)
            elif any(s in name for s in ("embed", "token", "position", "bias_table")):
                p.copy_(0.5 * r)
            else:
                p.copy_(r * (1.2 / p[0].numel() ** 0.5))
                if "intermediate.dense" in name or "mlp.fc1" in name:
                    p.mul_(gain)


def draw_inputs(vision, text, images, texts, length, seed, masks=None, picture=None, left=None):
    g = torch.Generator().manual_seed(seed)
    size = vision.image_size
    height, width = (size, size) if isinstance(size, int) else size
    pixels = torch.randn((images, vision.num_channels, height, width), generator=g)
    if picture:
        pixels = torch.randn((images, vision.num_channels, *picture), generator=torch.Generator().manual_seed(seed))
    pad = text.pad_token_id or 0
    ids = torch.randint(5, text.vocab_size, (texts, length), generator=g)
    mask = torch.ones_like(ids)
    if masks is None:
        for i in range(1, texts):
            cut = 1 + int(torch.randint(1, length - 2, (1,), generator=g))
            mask[i, cut:] = 0
    else:
        for i in range(texts):
            pattern = masks[i % len(masks)]
            assert len(pattern) == length, (pattern, length)
            mask[i] = torch.tensor([int(c) for c in pattern])
    for i, n in (left or {}).items():
        mask[i] = (torch.arange(length) >= n).long()
    ids[mask == 0] = pad
    drawn = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}
    if getattr(text, "type_vocab_size", 0) > 1:
        drawn["token_type_ids"] = torch.randint(0, text.type_vocab_size, ids.shape, generator=g)
    return drawn


def flatten(prefix, value, into):
    """Nested outputs to dotted names: out.text_model_output.hidden_states.0."""
    if torch.is_tensor(value):
        into[prefix] = value.detach().clone().contiguous()
    elif hasattr(value, "items"):
        for k, v in value.items():
            flatten(f"{prefix}.{k}", v, into)
    elif isinstance(value, (tuple, list)):
        for i, v in enumerate(value):
            flatten(f"{prefix}.{i}", v, into)


def record_activations(model, into):
    def hook_for(path):
        def hook(_, __, output):
            if not torch.is_tensor(output):
                output = output[0] if isinstance(output, (tuple, list)) else next(iter(output.values()))
            if torch.is_tensor(output) and output.numel() <= LARGEST_ACTIVATION:
                into.setdefault("act." + path, output.detach().clone().contiguous())
        return hook
    return [m.register_forward_hook(hook_for(path)) for path, m in model.named_modules() if path]


def build(case):
    seed = case.get("seed", SEED)
    torch.manual_seed(seed)
    vision = getattr(transformers, case["vision"][0])(**case["vision"][1])
    text = getattr(transformers, case["text"][0])(**case["text"][1])
    config = VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, **case.get("config", {}))
    for side in (config.vision_config, config.text_config):
        side._attn_implementation = "eager"
    model = VisionTextDualEncoderModel(config).eval()
    redraw(model, seed, case.get("gain", 1.0))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith(".logit_scale"):
                p.add_(case.get("cosine", 0.0))
    if case.get("storage") == "mixed":
        with torch.no_grad():
            for p in model.parameters():
                if p.ndim > 1:
                    p.copy_(p.half().float())
    return model, vision, text


def reference(case, model, vision, text):
    images, texts, length = case.get("images", 3), case.get("texts", 3), case.get("length", 13)
    seed = case.get("seed", SEED)
    given = draw_inputs(vision, text, images, texts, length, seed, case.get("masks"), case.get("picture"), case.get("left"))
    if case.get("position_ids") == "arange":
        given["position_ids"] = torch.arange(length).repeat(texts, 1)
    elif case.get("position_ids"):
        first = 2 if text.pad_token_id else 0
        g = torch.Generator().manual_seed(seed)
        given["position_ids"] = torch.stack([first + torch.randperm(length, generator=g) for _ in range(texts)])
    ref = {}
    flatten("in", given, ref)
    hooks = record_activations(model, ref) if "acts" in case["record"] else []
    out = model(**given, return_loss=images == texts, output_hidden_states=True, output_attentions=True)
    for h in hooks:
        h.remove()
    flatten("out", out, ref)
    if "grads" in case["record"]:
        out.loss.backward()
        for name, p in model.named_parameters():
            if p.grad is not None:
                ref["grad." + name] = p.grad.detach().clone().contiguous()
    with torch.no_grad():
        ref["feat.text"] = model.get_text_features(**{k: v for k, v in given.items() if k != "pixel_values"})
        ref["feat.image"] = model.get_image_features(given["pixel_values"])
        if "second" in case["record"]:
            other = draw_inputs(vision, text, 2, 5, length - 4, seed + 100)
            other = {k: other[k] for k in ("input_ids", "pixel_values")}
            flatten("in2", other, ref)
            flatten("out2", model(**other), ref)
    return ref


def restore_as(case, folder):
    """Rewrites the saved folder in the case's storage and spelling."""
    weights_file, config_file = os.path.join(folder, "model.safetensors"), os.path.join(folder, "config.json")
    storage = case.get("storage")
    if storage:
        weights = load_file(weights_file)
        if storage == "mixed":
            weights = {k: v.half() if v.ndim > 1 else v for k, v in weights.items()}
        if storage == "old":
            weights = {forms.old_name(k): v for k, v in weights.items()}
            weights["text_model.embeddings.position_ids"] = torch.arange(case["text"][1]["max_position_embeddings"])[None]
        save_file(weights, weights_file, metadata={"format": "pt"})
    if case.get("nested"):
        with open(config_file) as f:
            config = json.load(f)
        tower = transformers.CLIPVisionConfig(**case["vision"][1])
        config["vision_config"] = transformers.CLIPConfig.from_text_vision_configs(transformers.CLIPTextConfig(), tower).to_dict()
        with open(config_file, "w") as f:
            json.dump(config, f, indent=2, sort_keys=True)


def make(name, case, out):
    model, vision, text = build(case)
    ref = reference(case, model, vision, text)
    for key, value in ref.items():
        assert not value.is_floating_point() or key.startswith("act.") or torch.isfinite(value).all(), key
    folder = os.path.join(out, "models", name)
    os.makedirs(folder, exist_ok=True)
    model.save_pretrained(folder, safe_serialization=True)
    restore_as(case, folder)
    save_file(ref, os.path.join(folder, "ref.safetensors"), metadata={"made_by": "transformers 4.37.2, torch " + torch.__version__, "case": name})
    if name == "vit-bert":
        forms.make(folder, os.path.join(out, "forms"), model)
    # What was saved must be what was run: the folder is the test's input.
    again = VisionTextDualEncoderModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        logits = again(**{k[3:]: v for k, v in ref.items() if k.startswith("in.")}).logits_per_image
    assert torch.allclose(logits, ref["out.logits_per_image"], atol=1e-6, rtol=1e-6), "the saved model answers otherwise"
    size = sum(e.stat().st_size for e in os.scandir(folder))
    print(f"{name:40s} {size >> 10:5d} KiB  logits {ref['out.logits_per_image'].flatten()[:3].tolist()}", flush=True)


def compare(fresh, kept):
    """Prints each file's largest difference; returns the number of files that differ by more than another CPU explains."""
    bad = 0
    for folder, _, names in sorted(os.walk(fresh)):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), fresh)
            ours, theirs = os.path.join(fresh, path), os.path.join(kept, path)
            if name.endswith(".bin") and os.path.exists(theirs) and "evil" not in path:
                worst = difference(torch.load(ours, weights_only=True), torch.load(theirs, weights_only=True))
            elif not name.endswith(".safetensors"):
                same = os.path.exists(theirs) and open(ours, "rb").read() == open(theirs, "rb").read()
                worst = 0.0 if same else math.inf
            elif not os.path.exists(theirs):
                worst = math.inf
            else:
                worst = difference(load_file(ours), load_file(theirs))
            bad += worst > 1e-5
            print(f"{path:60s} {worst:.2e}{'  DIFFERS' if worst > 1e-5 else ''}")
    return bad


def difference(a, b):
    if a.keys() != b.keys() or any(a[k].shape != b[k].shape or a[k].dtype != b[k].dtype for k in a):
        return math.inf
    worst = 0.0
    for k in a:
        x, y = a[k].detach().double(), b[k].detach().double()
        if x.numel():
            worst = max(worst, ((x - y).abs() / (1 + y.abs())).max().item())
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what OUT holds, change nothing")
    parser.add_argument("out")
    parser.add_argument("case", nargs="*")
    args = parser.parse_args()
    unknown = set(args.case) - set(CASES)
    if unknown:
        parser.error("no such case: " + ", ".join(sorted(unknown)))
    names = args.case or list(CASES)
    if not args.check:
        for name in names:
            make(name, CASES[name], args.out)
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        for name in names:
            make(name, CASES[name], fresh)
        return 1 if compare(fresh, args.out) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Whole commands: a folder of pictures, texts of mixed lengths, a cold start, and weights in fewer bits.

Each function gives rows for the report: what was done, by whom, the figures of each round.
"""
import json
import os
import subprocess
import sys
import time

import numpy as np

import materials
import works
from engines import Failed, HERE, environment_for, TimedOut

FEW = 8  # pictures and texts of a first run, by which the number of the real one is chosen
LIMIT_S = 900  # for one command: a busy machine must not end a run


def timed(command, timeout, icd=None):
    """Wall seconds and standard output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], env=environment_for(icd), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as e:
        process.kill()
        process.communicate()
        raise TimedOut(timeout) from e
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise Failed(f"exit status {process.returncode}: {err.strip()[-300:]}")
    return seconds, out


def folder_of(bench, name):
    return materials.checkpoint(os.path.join(bench.folder, name), works.MODELS[name])


def enough(seconds_each, most, cap):
    """How many of most fit into the cap."""
    return int(min(most, max(4 * FEW, cap / seconds_each)))


def pictures(bench):
    """A folder of JPEGs to CLIP-B/32 embeddings, start and loading taken off; the answers against PyTorch's."""
    model, rows = folder_of(bench, "clip-bert"), []
    pictures = materials.pictures(os.path.join(bench.folder, "pictures"))
    files = sorted(os.path.join(pictures, f) for f in os.listdir(pictures))
    expected = None
    if bench.torch:
        target = os.path.join(bench.folder, "torch.npy")
        row = {"work": "pictures", "engine": "PyTorch + Pillow", "rate": []}
        rows.append(row)
        try:
            for _ in range(bench.rounds):
                _, out = timed([bench.torch, os.path.join(HERE, "torch_commands.py"), "pictures", model, pictures, target, "--threads", bench.threads], LIMIT_S)
                row["rate"].append(json.loads(out)["rate"])
            row["count"], expected = len(files), np.load(target)
        except Failed as err:
            row["error"] = str(err)
    for vk in bench.vkduals:
        row = {"work": "pictures", "engine": vk.label, "rate": [], "decode": [], "model": []}
        rows.append(row)
        target = os.path.join(bench.folder, f"{vk.driver}.npy")

        def embed(n, command="embed", extra=("-o", target)):
            return timed([vk.command, command, "--model", model, "--image", *files[:n], *extra], LIMIT_S, vk.icd)[0]

        try:
            embed(1)  # kernels chosen, pipelines kept
            one, few = embed(1), embed(FEW)
            n = row["count"] = enough(max(few - one, 1e-3) / (FEW - 1), len(files), bench.cap)
            processed = os.path.join(bench.folder, "pixels.safetensors")
            for _ in range(bench.rounds):
                row["rate"].append((n - 1) / max(embed(n) - embed(1), 1e-6))
                row["decode"].append((n - 1) / max(embed(n, "process", [processed]) - embed(1, "process", [processed]), 1e-6))
                batch = 8
                runs = max(1, n // batch)  # as long as the whole: a shared machine is fast and slow for seconds
                row["model"].append(1e3 * batch / vk.bench("clip-b32", "--batch", batch, "--runs", runs, timeout=LIMIT_S)["median_ms"])
            got = np.load(target)
            if expected is not None:
                # embed(1) came last in a round: the whole is made once more, to be compared.
                embed(n)
                got = np.load(target)
                row["difference"] = float(np.abs(got - expected[:n]).max())
                if row["difference"] > bench.wrong:
                    row["error"] = f"wrong by {row['difference']:.1e}"
        except Failed as err:
            row["error"] = str(err)
    return rows


def texts(bench):
    """Texts of 3 to 60 tokens against as many texts of one length and the same number of tokens: BERT-base."""
    model, rows = folder_of(bench, "vit-bert"), []
    for vk in bench.vkduals:
        row = {"work": "texts", "engine": vk.label, "mixed": [], "equal": [], "ratio": []}
        rows.append(row)

        def embed(path):
            return timed([vk.command, "embed", "--model", model, "--texts-from", path, "-o", os.path.join(bench.folder, "texts.npy")], LIMIT_S, vk.icd)[0]

        try:
            none, _, _ = materials.texts(os.path.join(bench.folder, "texts"), 1)
            _, some, _ = materials.texts(os.path.join(bench.folder, "texts"), FEW)
            embed(none)
            one, few = embed(none), embed(some)
            n = row["count"] = enough(max(few - one, 1e-3) / (FEW - 1), materials.TEXTS, 2 * bench.cap)
            mixed, equal, tokens = materials.texts(os.path.join(bench.folder, "texts"), n)
            for turn in range(bench.rounds):
                start, times = embed(none), {}
                for path in (mixed, equal) if turn % 2 == 0 else (equal, mixed):
                    times[path] = max(embed(path) - start, 1e-6)
                row["mixed"].append(tokens / times[mixed])
                row["equal"].append(tokens / times[equal])
                row["ratio"].append(times[equal] / times[mixed])
        except Failed as err:
            row["error"] = str(err)
    return rows


def start(bench):
    """Process start to the first text's embedding, ViT-B/16 + BERT-base in f32, beside reading the file into memory; its pages are in the cache."""
    model = folder_of(bench, "vit-bert")
    weights = os.path.join(model, "model.safetensors")
    read = {"work": "start", "engine": "reading the file", "seconds": []}
    rows = [read]
    commands = [(vk.label, [vk.command, "embed", "--model", model, "--text", "bababa"], vk.icd) for vk in bench.vkduals]
    if bench.torch:
        commands.append(("PyTorch + transformers", [bench.torch, os.path.join(HERE, "torch_commands.py"), "start", model, "--threads", bench.threads], None))
    for label, command, icd in commands:
        rows.append({"work": "start", "engine": label, "seconds": [], "ratio": []})
        try:
            timed(command, LIMIT_S, icd)  # kernels chosen, caches filled
        except Failed as err:
            rows[-1]["error"] = str(err)
    for _ in range(max(3, bench.rounds)):
        begin = time.perf_counter()
        with open(weights, "rb") as f:
            f.read()
        read["seconds"].append(time.perf_counter() - begin)
        for row, (_, command, icd) in zip(rows[1:], commands):
            if "error" not in row:
                row["seconds"].append(timed(command, LIMIT_S, icd)[0])
                row["ratio"].append(row["seconds"][-1] / read["seconds"][-1])
    return rows


def dtypes(bench):
    """Weights in f16, bf16, q8 and q4 against f32: time of ViT-B/16 and BERT-base, memory, and how far the answers turn."""
    rows = []
    both = [works.Work("vit-b16", 1), works.Work("bert-base", 1, 32)]
    for vk in bench.vkduals:
        usable, base = ["f32"], {}
        for dtype in ("f16", "bf16", "q8", "q4"):
            try:
                vk.bench("matmul", "--dtype", dtype, "--runs", 1, timeout=LIMIT_S)
                usable.append(dtype)
            except Failed as err:
                print(f"  {vk.label}: --dtype {dtype} skipped: {str(err).splitlines()[0]}", file=sys.stderr)
        times = {d: {w: [] for w in both} for d in usable}
        answers = {d: {} for d in usable}
        try:
            for _ in range(bench.rounds):
                for dtype in usable:
                    for w in both:
                        args = ["--length", w.length] if w.length else []
                        answers[dtype][w] = vk.bench(w.name, "--dtype", dtype, *args, "--runs", 1 if bench.quick else 3, timeout=LIMIT_S)
                        times[dtype][w].append(answers[dtype][w]["median_ms"])
            for dtype in usable:
                for w in both:
                    row = {"work": f"{dtype} {w}", "engine": vk.label, "dtype": dtype, "of": str(w), "ms": times[dtype][w], "device_bytes": answers[dtype][w]["device_bytes"]}
                    row["ratio"] = [a / b for a, b in zip(times[dtype][w], times["f32"][w])]
                    y = np.array(vk.answer(w, dtype), np.float64)
                    base.setdefault(w, y)
                    row["cosine"] = float(y @ base[w] / np.linalg.norm(y) / np.linalg.norm(base[w]))
                    rows.append(row)
        except Failed as err:
            rows.append({"work": "weights in fewer bits", "engine": vk.label, "error": str(err)})
    return rows


COMMANDS = {"pictures": pictures, "texts": texts, "start": start, "dtypes": dtypes}

"""Compares vkdual with what else a person would pick, on one machine and the same cores, in one run.

    tools/bench/run.sh --readme README.md

Engines take turns, round by round, each right after one of ONNX Runtime's, for the ratio; the tables give medians and ranges. Answers are compared
first: one that is wrong is listed as wrong and not with its time. README.md has more.
"""
import argparse
import json
import os
import platform
import statistics
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np

import report
from commands import COMMANDS
from engines import Failed, find_drivers, HERE, TimedOut, Worker
from vkdual_engine import VkDual
from works import Work

WRONG = 5e-3  # of the largest number: farther from ONNX Runtime than an approximated GELU goes
SLOW_S = 2  # a run that takes longer has its turn in two rounds, and one that takes SLOWEST_S in one
SLOWEST_S = 8
COMMAND_S = 20  # a whole command gets as many inputs as take about so long
SUBGROUPS = {"lavapipe": 8, "SwiftShader": 4}
WORKS = {
    "matmul": Work("matmul"),
    "bert-32": Work("bert-base", 1, 32), "bert-128": Work("bert-base", 1, 128), "vit": Work("vit-b16", 1), "clip-bert": Work("clip-bert", 1, 32),
    "bert-32x8": Work("bert-base", 8, 32), "bert-128x8": Work("bert-base", 8, 128), "vitx8": Work("vit-b16", 8),
}
QUICK = ["matmul", "bert-32", "vit", "start"]


class Bench:
    """The settings that the whole commands need."""

    def __init__(self, args, vkduals, threads):
        self.folder, self.vkduals, self.threads = args.folder, vkduals, threads
        self.torch = None if "torch" in args.skip else sys.executable
        self.rounds, self.cap, self.quick, self.wrong = (1 if args.quick else min(3, args.rounds)), min(args.cap, COMMAND_S), args.quick, WRONG


def describe_machine(cores):
    flags, model = set(), platform.processor()
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                key, _, value = line.partition(":")
                if key.strip() == "flags":
                    flags = set(value.split())
                if key.strip() == "model name":
                    model = value.strip()
    except OSError:
        pass  # no Linux: the flags stay unknown
    versions = []
    for package in ("onnxruntime", "torch", "transformers", "ncnn", "iree-base-runtime"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            pass
    return {
        "cpu": model, "cores_used": sorted(cores), "cores": os.cpu_count(), "avx2": "avx2" in flags, "avx512f": "avx512f" in flags,
        "load": os.getloadavg()[0], "system": platform.platform(), "python": platform.python_version(), "versions": versions,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def tell(text):
    print(text, file=sys.stderr, flush=True)


def predicted(row, history, work):
    """Whether a batch is certain to exceed the cap, by what one of it took: engines do no better than 8 times."""
    one = history.get((row["engine"], work.name, work.length))
    return one * work.batch / 2 if one and work.batch > 1 else 0


def collect(work, engines, args, history):
    """Runs the rounds of a work; returns a row for each engine. In each of its turns an engine follows ONNX Runtime, for the ratio: a shared machine's speed changes within a round."""
    rows = {e.label: {"work": str(work), "engine": e.label, "driver": e.driver, "flop": work.flop(), "rounds_ms": {}, "samples_ms": [], "ratios": []} for e in engines}
    base, others = rows[engines[0].label], engines[1:]
    for turn in range(args.rounds):
        first = turn % len(others) if others else 0
        base_ms = []
        for engine in others[first:] + others[:first]:
            row = rows[engine.label]
            least = min(row["rounds_ms"].values(), default=0) / 1e3
            if row.get("error") or (least > SLOW_S and turn >= 2) or (least > SLOWEST_S and turn >= 1):
                continue
            guess = predicted(row, history, work)
            if guess > args.cap:
                row["error"] = f"> {args.cap:g} s"
                row["why"] = "not tried, by what a batch of 1 took"
                continue
            runs = 1 if turn == 0 or least > SLOW_S else args.runs
            before = None if base.get("error") else take_turn(engines[0], base, work, min(3, args.runs), args.cap)
            answer = take_turn(engine, row, work, runs, args.cap)
            base_ms += before["ms"] if before else []
            if not answer:
                continue
            row["rounds_ms"][turn] = statistics.median(answer["ms"])
            if before:
                row["ratios"].append(row["rounds_ms"][turn] / statistics.median(before["ms"]))
                judge(row, before, answer)
            tell(f"  round {turn + 1}: {engine.label}: {row['rounds_ms'][turn]:.2f} ms{', ' + row['error'] if row.get('error') else ''}")
        if not base_ms and not others:
            base_ms = (take_turn(engines[0], base, work, args.runs, args.cap) or {"ms": []})["ms"]
        if base_ms:
            base["rounds_ms"][turn] = statistics.median(base_ms)
            base["ratios"].append(1)
            tell(f"  round {turn + 1}: {base['engine']}: {base['rounds_ms'][turn]:.2f} ms")
    for row in rows.values():
        if row["rounds_ms"] and not row.get("error"):
            history[row["engine"], work.name, work.length] = statistics.median(row["rounds_ms"].values()) / 1e3 / work.batch
    return list(rows.values())


def take_turn(engine, row, work, runs, cap):
    """An engine's answer with its times; None, and the fault in the row, where there is none."""
    try:
        answer = engine.measure(work, runs, cap)
    except TimedOut:
        row["error"] = f"> {cap:g} s"
    except Failed as err:
        row["error"] = str(err)
    except Exception as err:  # an engine's fault must not end the run
        row["error"] = f"{type(err).__name__}: {err}"[:300]
    else:
        row["samples_ms"] += answer["ms"]
        row |= {k: answer[k] for k in ("engine_version", "device", "own") if k in answer}
        row["version"] = answer["engine"]
        return answer
    tell(f"  {engine.label}: {row['error']}")
    return None


def judge(row, base, answer):
    """Holds an answer against ONNX Runtime's: a row that is wrong has no time."""
    if answer.get("output") is None or base.get("output") is None:
        return
    want = np.array(base["output"])
    row["difference"] = max(row.get("difference", 0), float(np.abs(np.array(answer["output"]) - want).max() / np.abs(want).max()))
    if not row["difference"] <= WRONG:
        row["error"] = f"wrong by {row['difference']:.1e}"


def engines_of(args, drivers, threads):
    here, webgpu = sys.executable, args.webgpu_python
    engines = [Worker("ONNX Runtime CPU", here, "ort", threads)]
    if "torch" not in args.skip:
        engines.append(Worker("PyTorch CPU", here, "torch", threads))
    vkduals = []
    for name, icd in drivers.items():
        vk = VkDual(os.path.abspath(args.vkdual), name, icd, args.folder)
        vkduals.append(vk)
        engines.append(vk)
    for kind, label, python in (("ncnn", "ncnn", here), ("iree", "IREE", here), ("webgpu", "ONNX Runtime WebGPU", webgpu)):
        if kind in args.skip:
            continue
        if not os.path.isfile(python):
            tell(f"bench: {label} is left out: no {python}")
            continue
        engines += [Worker(f"{label} {name}", python, kind, threads, name, icd, SUBGROUPS.get(name, args.subgroup)) for name, icd in drivers.items()]
    return engines, vkduals


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vkdual", metavar="PATH", required=True, help="the vkdual binary")
    parser.add_argument("--driver", action="append", metavar="NAME=ICD.json", help="a Vulkan driver; default: lavapipe and SwiftShader where they are found")
    parser.add_argument("--only", action="append", metavar="NAME", choices=[*WORKS, *COMMANDS], help="some of the works: " + ", ".join([*WORKS, *COMMANDS]))
    parser.add_argument("--skip", action="append", default=[], choices=["torch", "ncnn", "iree", "webgpu"], help="an engine")
    parser.add_argument("--quick", action="store_true", help="some minutes: " + ", ".join(QUICK) + "; few rounds, a cap of 10 s")
    parser.add_argument("--cores", type=int, default=2, help="all engines are held to that many (Linux)")
    parser.add_argument("--rounds", type=int, help="default: 5, quick 2")
    parser.add_argument("--runs", type=int, default=5, help="of a fast engine in a round, after the first")
    parser.add_argument("--cap", type=float, help="seconds for one run of an engine; default: 40, quick 10")
    parser.add_argument("--subgroup", type=int, default=32, help="subgroup size of a --driver, for IREE")
    parser.add_argument("--webgpu-python", metavar="PATH", default=os.path.join(HERE, "../../build/bench/requirements-webgpu/bin/python"), help="the Python that has onnxruntime-webgpu")
    parser.add_argument("--folder", default=os.path.join(HERE, "../../build/bench"), help="where models, pictures and texts are made, 2 GB")
    parser.add_argument("--after", metavar="FILE", action="append", default=[], help="results.json of an earlier run on this machine, whose works come before this one's")
    parser.add_argument("--json", metavar="FILE", help="default: results.json in --folder")
    parser.add_argument("--markdown", metavar="FILE", help="default: results.md in --folder")
    parser.add_argument("--readme", metavar="FILE", help="put the tables into this file, between its two marks")
    args = parser.parse_args()
    args.rounds = args.rounds or (2 if args.quick else 5)
    args.cap = args.cap or (10 if args.quick else 40)
    args.folder = os.path.abspath(args.folder)
    os.makedirs(args.folder, exist_ok=True)
    chosen = args.only or (QUICK if args.quick else [*WORKS, *COMMANDS])

    if args.readme:
        report.around(args.readme)  # a page without its marks is told now and not after 20 minutes

    cores = set(range(args.cores))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])  # inherited by every engine
        cores = os.sched_getaffinity(0)
    drivers = find_drivers(args.driver)
    engines, vkduals = engines_of(args, drivers, len(cores))
    result = {"machine": describe_machine(cores), "drivers": drivers, "works": [], "commands": {}}
    for path in args.after:
        with open(path) as f:
            earlier = json.load(f)
        result["works"] += earlier["works"]
        result["commands"] |= earlier["commands"]
    tell(json.dumps(result["machine"]))
    json_path, markdown_path = (path or os.path.join(args.folder, "results." + end) for path, end in ((args.json, "json"), (args.markdown, "md")))
    history, begin = {}, time.time()
    try:
        for name in [n for n in WORKS if n in chosen]:
            tell(f"{WORKS[name]}  ({time.time() - begin:.0f} s so far)")
            result["works"] += collect(WORKS[name], engines, args, history)
            report.write(result, json_path, markdown_path)  # after each work: a run that is cut off keeps what it has
        for engine in engines:
            engine.close()  # their weights make room
        for name in [n for n in COMMANDS if n in chosen]:
            tell(f"{name}  ({time.time() - begin:.0f} s so far)")
            result["commands"][name] = COMMANDS[name](Bench(args, vkduals, len(cores)))
            report.write(result, json_path, markdown_path)
    finally:
        for engine in engines:
            engine.close()
    tell(f"took {time.time() - begin:.0f} s; {json_path}, {markdown_path}")
    print(report.markdown(result))
    if args.readme:
        report.into_readme(result, args.readme)


if __name__ == "__main__":
    main()

"""One engine on one driver, in a process of its own: reads requests as JSON lines, answers each with one or two.

    {"work": [name, batch, length], "runs": n, "at_least_ms": t}  →  {"ready": true}
                                                              then  {"ms": [...], "device": …, "output": [numbers]} or {"error": …}

The first request for a work builds it and, after "ready", runs it once untimed. Only the work last asked for is kept in memory.
"""
import argparse
import json
import os
import sys
import time

import numpy as np

from works import Work

MOST_RUNS = 100  # of a request, unless it asks for more
COMPARED = 4096  # numbers of an output that are sent


def open_engine(args):
    if args.engine in ("ort", "webgpu"):
        import onnx_engine
        return onnx_engine.Engine(args.threads, webgpu=args.engine == "webgpu")
    if args.engine == "torch":
        import torch_engine
        return torch_engine.Engine(args.threads)
    if args.engine == "iree":
        import iree_engine
        return iree_engine.Engine(args.threads, args.subgroup)
    import ncnn_engine
    return ncnn_engine.Engine(args.threads, vulkan=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["ort", "webgpu", "torch", "iree", "ncnn"])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--subgroup", type=int, default=8, help="the driver's subgroup size, for iree")
    args = parser.parse_args()
    # Libraries print to stdout as they like; answers keep the real one.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    engine = current = run = output = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            engine = engine or open_engine(args)
            work = Work(*request["work"])
            if work != current:
                run = output = None
                run, current = engine.prepare(work), work
                say({"ready": True})
                output = run()
            else:
                say({"ready": True})
            times = []
            # A few milliseconds of a small work say little on a busy machine.
            while len(times) < request["runs"] or (sum(times) < request["at_least_ms"] and len(times) < MOST_RUNS):
                start = time.perf_counter()
                output = run()
                times.append(1e3 * (time.perf_counter() - start))
            if output.shape != work.output_shape() or not np.isfinite(output).all():
                raise RuntimeError(f"wrong: output {output.shape}, want {work.output_shape()}, all finite")
            say({"ms": times, "engine": engine.name, "device": engine.device, "output": output.ravel()[:COMPARED].tolist()})
        except Exception as err:  # one work may fail where others do not
            text = str(err)
            current = None
            say({"error": text if text.startswith(("refused", "skipped", "wrong")) else f"{type(err).__name__}: {text[:500]}"})


if __name__ == "__main__":
    main()

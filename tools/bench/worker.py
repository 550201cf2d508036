"""One engine on one driver, in a process of its own: reads requests as JSON lines, answers each with one.

    {"work": [name, batch, length], "runs": n, "at_least_ms": t}  →  {"ms": [...], "device": …, "output": [first numbers]} or {"error": …}

The first request for a work builds it and runs it once untimed. Only the work last asked for is kept in memory.
"""
import argparse
import json
import os
import sys
import time

import numpy as np

from works import Work

MOST_RUNS = 100  # of a request, unless it asks for more


def check(output, work):
    if output.shape != work.output_shape():
        raise RuntimeError(f"output {output.shape}, want {work.output_shape()}")
    if not np.isfinite(output).all() or output.std() < 1e-6:
        raise RuntimeError("output is not finite, or constant")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["ort", "ncnn", "ncnn-vulkan"])
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    # Libraries print to stdout as they like; answers keep the real one.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if args.engine == "ort":
        import ort_engine
        engine = ort_engine.Engine(args.threads)
    else:
        import ncnn_engine
        engine = ncnn_engine.Engine(args.threads, vulkan=args.engine == "ncnn-vulkan")
    current = run = output = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            work = Work(*request["work"])
            if work != current:
                run = output = None
                run, current = engine.prepare(work), work
                output = run()
                check(output, work)
            times = []
            # A few milliseconds of a small work say little on a busy machine.
            while len(times) < request["runs"] or (sum(times) < request["at_least_ms"] and len(times) < MOST_RUNS):
                start = time.perf_counter()
                output = run()
                times.append(1e3 * (time.perf_counter() - start))
            check(output, work)
            answer = {"ms": times, "engine": engine.name, "device": engine.device, "output": output.ravel()[:768].tolist()}
        except Exception as err:  # one work may fail where others do not
            current, answer = None, {"error": f"{type(err).__name__}: {err}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()

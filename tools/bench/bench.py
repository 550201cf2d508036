"""Compares vkdual with ONNX Runtime on the CPU and ncnn on Vulkan: the same shapes, one machine, one run, interleaved.

    python bench.py --vkdual ../../build/vkdual --json results.json

Every round runs every engine once after the other, each round starting with another one, so that a
machine that slows down slows them all. A ratio is taken within a round; the table gives the median of the
rounds and their range. README.md has more.
"""
import argparse
import glob
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time

from works import Work

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# vkdual's time over ONNX Runtime's, at most.
GOALS = {
    "lavapipe": {"matmul": 6, "vit-b16": 7, "bert-base": 7},
    "swiftshader": {"matmul": 25, "vit-b16": 25, "bert-base": 25},
}
AT_LEAST_MS = 300  # of measured time a round, from the second on
SLOW_MS = 3000  # an engine that takes longer for one run has its turn in the first rounds only


class Failed(Exception):
    pass


class Worker:
    """An engine of worker.py, kept running so that a round costs no start."""

    def __init__(self, label, kind, threads, driver=None, icd=None):
        self.label, self.kind, self.threads, self.driver, self.icd = label, kind, threads, driver, icd
        self.process = None

    def measure(self, work, runs, timeout):
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, os.path.join(HERE, "worker.py"), self.kind, "--threads", str(self.threads)],
                env=environment_for(self.icd), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        request = {"work": [work.name, work.batch, work.length], "runs": runs, "at_least_ms": AT_LEAST_MS if runs > 1 else 0}
        signal.alarm(timeout)
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except (BrokenPipeError, TimeoutError) as err:
            self.close()
            raise Failed(f"no answer in {timeout} s" if isinstance(err, TimeoutError) else "the process ended") from err
        finally:
            signal.alarm(0)
        if not line:
            status = self.process.wait()
            self.process = None
            raise Failed(f"the process ended with status {status}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class VkDual:
    """`vkdual bench`, started anew each round; it measures by itself."""

    def __init__(self, label, command, driver, icd):
        self.label, self.command, self.driver, self.icd = label, command, driver, icd

    def measure(self, work, runs, timeout):
        command = [self.command, "bench", work.name, "--batch", str(work.batch), "--json"]
        if work.length:
            command += ["--length", str(work.length)]
        try:
            done = subprocess.run(command, env=environment_for(self.icd), capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired as err:
            raise Failed(f"no answer in {timeout} s") from err
        if done.returncode != 0:
            raise Failed(f"exit status {done.returncode}: {done.stderr.strip()[-300:]}")
        for line in done.stdout.splitlines():
            try:
                answer = json.loads(line)
            except ValueError as err:
                raise Failed(f"want JSON lines, found {line[:200]!r}") from err
            if answer["work"] == work.name and answer["batch"] == work.batch:
                break
        else:
            raise Failed(f"no line about {work.name} in {done.stdout[:300]!r}")
        if not 0 < answer["min_ms"] <= answer["median_ms"]:
            raise Failed(f"impossible times: {answer}")
        return {"ms": [answer["median_ms"]], "engine": "vkdual", "device": answer["device"], "own": answer}

    def close(self):
        pass


def environment_for(icd):
    env = dict(os.environ)
    if icd:
        env["VK_DRIVER_FILES"] = env["VK_ICD_FILENAMES"] = icd  # the second is the older loaders' name
    return env


def find_drivers(given):
    """Name to ICD file of the software drivers: what --driver gave, else what is installed."""
    if given:
        drivers = dict(text.split("=", 1) for text in given)
    else:
        drivers = {}
        places = {
            "lavapipe": ["/usr/share/vulkan/icd.d/lvp_icd*.json", "/usr/local/share/vulkan/icd.d/lvp_icd*.json"],
            "swiftshader": [os.path.join(ROOT, "build/drivers/*swiftshader_icd.json")],
        }
        for name, patterns in places.items():
            found = sorted(f for p in patterns for f in glob.glob(p))
            if found:
                drivers[name] = found[0]
    for name, icd in drivers.items():
        if not os.path.isfile(icd):
            sys.exit(f"bench: driver {name}: no file {icd}")
    return {name: os.path.abspath(icd) for name, icd in drivers.items()}


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
    import numpy
    import onnxruntime
    return {
        "cpu": model, "cores_used": sorted(cores), "cores": os.cpu_count(),
        "avx2": "avx2" in flags, "avx512f": "avx512f" in flags, "load": os.getloadavg()[0],
        "system": platform.platform(), "python": platform.python_version(), "numpy": numpy.__version__, "onnxruntime": onnxruntime.__version__,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def collect(work, engines, args):
    """Runs the rounds; returns by engine the medians of its rounds, all times, and its last answer or failure."""
    seen = {e.label: {"rounds": {}, "ms": [], "least": [], "answer": None, "error": None} for e in engines}
    for turn in range(args.rounds):
        first = turn % len(engines)
        for engine in engines[first:] + engines[:first]:
            s = seen[engine.label]
            slow = s["ms"] and min(s["ms"]) > SLOW_MS
            if s["error"] or (slow and turn >= args.slow_rounds):
                continue
            try:
                answer = engine.measure(work, 1 if slow or turn == 0 else args.runs, args.timeout)
            except Failed as err:
                s["error"] = str(err)
                print(f"  {engine.label}: {err}", file=sys.stderr)
                continue
            s["rounds"][turn] = statistics.median(answer["ms"])
            s["ms"] += answer["ms"]
            s["least"].append(answer["own"]["min_ms"] if "own" in answer else min(answer["ms"]))
            s["answer"] = answer
            print(f"  round {turn + 1}: {engine.label}: {s['rounds'][turn]:.2f} ms", file=sys.stderr)
    return seen


def summarize(work, engines, seen):
    rows = []
    base = seen[engines[0].label]
    for engine in engines:
        s = seen[engine.label]
        row = {"work": work.name, "batch": work.batch, "length": work.length, "engine": engine.label, "driver": engine.driver}
        rows.append(row)
        if not s["rounds"]:
            row["error"] = s["error"]
            continue
        answer = s["answer"]
        # Rounds weigh the same, however many runs one holds.
        median = statistics.median(s["rounds"].values())
        row |= {"version": answer["engine"], "device": answer["device"], "rounds": len(s["rounds"]), "runs": len(s["ms"]), "median_ms": median,
                "min_ms": min(s["least"]), "max_ms": max(s["ms"]), "gflops": work.flop() / median / 1e6, "samples_ms": s["ms"], "error": s["error"]}
        if "own" in answer:
            row["own"] = answer["own"]
            row["runs"] = answer["own"]["runs"] * len(s["rounds"])
        if "output" in answer and base["answer"]:
            row["difference"] = max(abs(a - b) for a, b in zip(answer["output"], base["answer"]["output"]))
        ratios = [ms / base["rounds"][turn] for turn, ms in s["rounds"].items() if turn in base["rounds"]]
        if ratios:
            row |= {"ratio": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
        if isinstance(engine, VkDual):
            row["goal"] = GOALS.get(engine.driver, {}).get(work.name)
    return rows


def print_table(work, rows):
    print(f"\n{work}  ({work.flop() / 1e9:.2f} GFLOP)")
    print(f"  {'engine':30s} {'runs':>5s} {'median ms':>10s} {'min':>9s} {'max':>9s} {'GFLOP/s':>8s} {'x ORT':>7s} {'range':>13s}  notes")
    for r in rows:
        if "median_ms" not in r:
            print(f"  {r['engine']:30s} failed: {r['error']}")
            continue
        notes = []
        if r.get("difference"):
            notes.append(f"differs by {r['difference']:.1e}")
        if r.get("goal") and "ratio" in r:
            notes.append(f"goal {r['goal']}: {'met' if r['ratio'] <= r['goal'] else 'MISSED'}")
        if "own" in r:
            notes.append(f"host {r['own'].get('host_us', '?')} us, {r['own'].get('allocs', '?')} allocations")
        ratio = f"{r['ratio']:7.2f} {r['ratio_min']:6.2f}-{r['ratio_max']:.2f}" if "ratio" in r else ""
        print(f"  {r['engine']:30s} {r['runs']:5d} {r['median_ms']:10.2f} {r['min_ms']:9.2f} {r['max_ms']:9.2f} {r['gflops']:8.1f} {ratio}  {'; '.join(notes)}")
    by_driver = {(r["engine"].split(" ")[0], r["driver"]): r for r in rows if "median_ms" in r}
    for (name, driver), r in by_driver.items():
        other = by_driver.get(("ncnn", driver))
        if name == "vkdual" and other:
            print(f"  on {driver}, vkdual is {other['median_ms'] / r['median_ms']:.1f} x as fast as ncnn")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vkdual", metavar="PATH", help="the vkdual binary; without it the other engines run alone")
    parser.add_argument("--driver", action="append", metavar="NAME=ICD.json", help="a Vulkan driver; default: lavapipe and SwiftShader where they are found")
    parser.add_argument("--work", action="append", choices=["matmul", "bert-base", "vit-b16"], help="default: all three")
    parser.add_argument("--batch", type=int, default=1, help="ncnn takes part with 1 only")
    parser.add_argument("--length", type=int, default=32, help="tokens of bert-base's texts")
    parser.add_argument("--cores", type=int, default=2, help="all engines are held to that many (Linux)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--runs", type=int, default=5, help="of a fast engine in a round, after the first")
    parser.add_argument("--slow-rounds", type=int, default=2, help=f"rounds for engines that take over {SLOW_MS} ms")
    parser.add_argument("--timeout", type=int, default=400, help="seconds for one engine's turn")
    parser.add_argument("--no-ncnn", action="store_true")
    parser.add_argument("--json", metavar="FILE", help="all samples and the machine")
    args = parser.parse_args()

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])  # inherited by every engine
        cores = os.sched_getaffinity(0)
    else:
        cores = set(range(args.cores))
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    drivers = find_drivers(args.driver)
    engines = [Worker("onnxruntime cpu", "ort", len(cores))]
    for name, icd in drivers.items():
        if args.vkdual:
            engines.append(VkDual(f"vkdual {name}", os.path.abspath(args.vkdual), name, icd))
        if not args.no_ncnn:
            engines.append(Worker(f"ncnn {name}", "ncnn-vulkan", len(cores), name, icd))
    machine = describe_machine(cores)
    print(json.dumps(machine | {"drivers": drivers}, indent=1))
    results = []
    try:
        for name in args.work or ["matmul", "bert-base", "vit-b16"]:
            work = Work(name, 1 if name == "matmul" else args.batch, args.length if name == "bert-base" else 0)
            rows = summarize(work, engines, collect(work, engines, args))
            results += rows
            print_table(work, rows)
            if args.json:  # after each work: a run that is cut off keeps what it has
                with open(args.json, "w") as f:
                    json.dump({"machine": machine, "drivers": drivers, "results": results}, f, indent=1)
    finally:
        for engine in engines:
            engine.close()
    return 1 if any(r.get("error") for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())

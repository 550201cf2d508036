"""Compares the speed of dualencoder/tokenizer with HuggingFace's tokenizers: one core each, turn by turn, the same text.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.15.2
    venv/bin/python tokenizers_bench.py [--megabytes 10] [--rounds 3] [NAME ...]

The text is made of the strings in testdata/tokenizers: words of some twenty languages in new orders, some of them
misspelt (--misspelt), so that no cache sees only known words. NAME is a file of testdata/tokenizers without its .json.
What is compared is processor time, so a busy machine does not matter much; here it includes opening the tokenizer.
"""
import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer  # noqa: E402

root = Path(__file__).resolve().parents[2]
folder = root / "testdata" / "tokenizers"
names = ["bert_base_uncased", "bert_cased", "clip", "roberta", "xlmr_old"]


def corpus(size, misspelt):
    """Lines of 8 to 40 words, each line of one language; some words have a letter swapped for another one's."""
    rng = random.Random(7)
    prose = [s.split() for s in json.loads((folder / "strings.json").read_text()) if len(s.encode()) > 60 and len(set(s)) > 20]
    lines, total = [], 0
    while total < size:
        words = rng.choice(prose)
        line = []
        for _ in range(rng.randint(8, 40)):
            w = rng.choice(words)
            if rng.random() < misspelt and len(w) > 1:
                i = rng.randrange(len(w))
                w = w[:i] + rng.choice(rng.choice(words)) + w[i + 1 :]
            elif rng.random() < 1 / 20:
                w = str(rng.randrange(10000))
            line.append(w)
        lines.append(" ".join(line))
        total += len(lines[-1].encode()) + 1
    return lines


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("names", nargs="*", default=names)
    p.add_argument("--megabytes", type=float, default=10)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--misspelt", type=float, default=1 / 8)
    a = p.parse_args()
    lines = corpus(int(a.megabytes * 1e6), a.misspelt)
    size = sum(len(s.encode()) for s in lines)
    with tempfile.TemporaryDirectory() as tmp:
        text, binary = Path(tmp, "text"), Path(tmp, "tokenizer.test")
        text.write_text("\n".join(lines))
        subprocess.run(["go", "test", "-c", "-o", binary, "./dualencoder/tokenizer/"], cwd=root, check=True)
        env = {**os.environ, "TOKENIZER_BENCH_TEXT": str(text), "GOMAXPROCS": "1"}
        print(f"{size / 1e6:.1f} MB in {len(lines)} lines; MB per second of one core\n{'':20} {'HuggingFace':>12} {'here':>8} {'ratio (of each round)':>24}")
        for name in a.names:
            theirs = Tokenizer.from_file(str(folder / f"{name}.json"))
            hf, go = [], []
            for _ in range(a.rounds):
                start = time.process_time()
                for i in range(0, len(lines), 1000):
                    theirs.encode_batch(lines[i : i + 1000])
                hf.append(size / 1e6 / (time.process_time() - start))
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(
                    [binary, "-test.run", "^$", "-test.bench", f"^BenchmarkEncode$/^{name}$", "-test.benchtime", "1x"],
                    cwd=root / "dualencoder" / "tokenizer", env=env, check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                go.append(size / 1e6 / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
            ratios = [g / h for g, h in zip(go, hf)]
            print(f"{name:20} {statistics.median(hf):12.2f} {statistics.median(go):8.2f}   {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()

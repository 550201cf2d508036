"""Compares the speed of dualencoder/imageprocessor with Pillow and NumPy: one core each, turn by turn, the same 4 megapixels.

    python3 -m venv venv && venv/bin/pip install pillow==10.2.0 numpy==1.26.4
    venv/bin/python pictures_bench.py [--rounds 5] [--times 10] [NAME ...]

A picture from its file to [3, 224, 224]: opened, converted to RGB, resized, scaled and normalised, as transformers does.
The picture is drawn here: noise with a photograph's spectrum, edges, and the grain of a sensor. NAME is one of those listed.
What is compared is processor time, so a busy machine does not matter much.
"""
import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np  # noqa: E402
from PIL import Image, ImageDraw, ImageFilter  # noqa: E402

root = Path(__file__).resolve().parents[2]
files = {
    "q90.jpg": dict(quality=90),
    "q75.jpg": dict(quality=75),
    "q90-444.jpg": dict(quality=90, subsampling=0),
    "q90-422.jpg": dict(quality=90, subsampling=1),
    "q90-progressive.jpg": dict(quality=90, progressive=True),
    "rgb.png": {},
    "q80.webp": dict(quality=80),
    "lossless.webp": dict(lossless=True, method=2),
}
filters = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def draw(width=2464, height=1632, seed=3):
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1 / max(width, height)

    def field(power):
        f = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(height, width))) / frequency**power, s=(height, width))
        return f / f.std()

    light = field(1.25)
    picture = Image.fromarray(np.clip(np.stack([120 + 42 * light + 22 * field(1.9) for _ in range(3)], -1), 0, 255).astype("uint8"))
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, r = int(rng.integers(0, width)), int(rng.integers(0, height)), int(rng.integers(10, width // 10))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape([x - r, y - r // 2, x + r, y + r // 2], outline=tuple(int(v) for v in rng.integers(0, 256, 3)), width=int(rng.integers(1, 9)))
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.7)), "float32")
    pixels = pixels + rng.normal(0, 2.5, (height, width, 1)) + rng.normal(0, 1, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))


def theirs(path, how):
    picture = Image.open(path).convert("RGB").resize((224, 224), how)
    half = np.full(3, 0.5, "float32")
    pixels = np.asarray(picture) * np.float32(1 / 255)
    return np.ascontiguousarray(((pixels - half) / half).transpose(2, 0, 1))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("names", nargs="*", default=list(files))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--times", type=int, default=10, help="pictures in a round")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        picture, binary = draw(), Path(tmp, "pictures.test")
        subprocess.run(["go", "test", "-c", "-o", binary, "./dualencoder/imageprocessor/"], cwd=root, check=True)
        print(f"{'ms of one core':20} {'':9} {'Pillow':>8} {'here':>8} {'ratio (of each round)':>24}")
        for name in a.names:
            path = Path(tmp, name)
            picture.save(path, **files[name])
            for filter, how in filters.items():
                env = {**os.environ, "PICTURES_BENCH_FILE": str(path), "PICTURES_BENCH_PROCESSOR": filter, "GOMAXPROCS": "1"}

                def go(times):
                    """Processor time of a run of so many pictures."""
                    before = resource.getrusage(resource.RUSAGE_CHILDREN)
                    subprocess.run([binary, "-test.run", "^$", "-test.bench", "^BenchmarkProcessFile$", "-test.benchtime", f"{times}x"],
                                   cwd=root / "dualencoder" / "imageprocessor", env=env, check=True, capture_output=True)
                    after = resource.getrusage(resource.RUSAGE_CHILDREN)
                    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

                pillow, here = [], []
                for _ in range(a.rounds):
                    start = time.process_time()
                    for _ in range(a.times):
                        theirs(path, how)
                    pillow.append(1e3 * (time.process_time() - start) / a.times)
                    here.append(1e3 * (go(a.times + 1) - go(1)) / a.times)  # the start left out
                ratios = [h / p for h, p in zip(here, pillow)]
                print(f"{name:20} {filter:9} {statistics.median(pillow):8.1f} {statistics.median(here):8.1f}   "
                      f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()

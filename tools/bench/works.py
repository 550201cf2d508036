"""The works that are compared: their shapes, operations, random weights and inputs, the same for every engine."""
from dataclasses import dataclass

import numpy as np

HIDDEN, HEADS, INNER, LAYERS = 768, 12, 3072, 12
IMAGE = 224
VOCABULARY, POSITIONS = 30522, 512
PROJECTION = 512
ROWS = 197  # of the lone matmul: a ViT-B/16's tokens


@dataclass(frozen=True)
class Tower:
    kind: str  # "vit", "clip" or "bert"
    patch: int = 0

    @property
    def patches(self):
        return (IMAGE // self.patch) ** 2

    def tokens(self, length):
        return self.patches + 1 if self.patch else length

    @property
    def norm_first(self):
        return self.kind != "bert"

    @property
    def epsilon(self):
        return 1e-5 if self.kind == "clip" else 1e-12


VIT, CLIP, BERT = Tower("vit", 16), Tower("clip", 32), Tower("bert")
TOWERS = {"vit-b16": [VIT], "bert-base": [BERT], "clip-bert": [CLIP, BERT], "matmul": []}
MODELS = {"vit-bert": [VIT, BERT], "clip-bert": [CLIP, BERT]}  # the checkpoints of checkpoint.py


@dataclass(frozen=True)
class Work:
    name: str  # as `vkdual bench` calls it
    batch: int = 1
    length: int = 0  # tokens a text

    @property
    def towers(self):
        return TOWERS[self.name]

    @property
    def whole(self):
        """Both towers, projected and normalised."""
        return len(self.towers) == 2

    def flop(self):
        """Multiplications and additions of all matrix products."""
        if self.name == "matmul":
            return 2 * ROWS * HIDDEN * INNER
        total = 0
        for tower in self.towers:
            tokens = tower.tokens(self.length)
            total += LAYERS * (2 * tokens * HIDDEN * (4 * HIDDEN + 2 * INNER) + 4 * tokens**2 * HIDDEN)
            if tower.patch:
                total += 2 * tower.patches * HIDDEN * 3 * tower.patch**2
            if tower.kind != "clip":
                total += 2 * HIDDEN**2
            if self.whole:
                total += 2 * HIDDEN * PROJECTION
        return self.batch * total

    def output_shape(self):
        if self.name == "matmul":
            return ROWS, INNER
        return self.batch, 2 * PROJECTION if self.whole else HIDDEN

    def __str__(self):
        if self.name == "matmul":
            return f"matmul {ROWS}×{HIDDEN}×{INNER}"
        names = {"vit-b16": "ViT-B/16 at 224", "bert-base": "BERT-base", "clip-bert": "CLIP-B/32 + BERT-base"}
        length = f", {self.length} tokens" if self.length else ""
        return f"{names[self.name]}{length}, batch {self.batch}"


def tower_weights(tower):
    """Name to f32 array; matrices are [in, out]."""
    rng = np.random.default_rng({"vit": 1, "clip": 2, "bert": 3}[tower.kind])

    def matrix(rows, cols):
        return rng.standard_normal((rows, cols), dtype=np.float32) * np.float32(rows**-0.5)

    def vector(n, middle=0.0):
        return (middle + 0.1 * rng.standard_normal(n)).astype(np.float32)

    w = {}
    norms = ["norm"]  # after the embeddings (BERT) or at the end
    if tower.patch:
        w["patch.weight"] = matrix(3 * tower.patch**2, HIDDEN)
        w["cls"], w["positions"] = vector((1, HIDDEN)), vector((tower.patches + 1, HIDDEN))
        if tower.kind == "vit":
            w["patch.bias"] = vector(HIDDEN)
        else:
            norms.append("first")
    else:
        w["words"], w["positions"], w["types"] = vector((VOCABULARY, HIDDEN)), vector((POSITIONS, HIDDEN)), vector((2, HIDDEN))
    for i in range(LAYERS):
        for name, rows, cols in (("qkv", HIDDEN, 3 * HIDDEN), ("out", HIDDEN, HIDDEN), ("up", HIDDEN, INNER), ("down", INNER, HIDDEN)):
            w[f"{i}.{name}.weight"], w[f"{i}.{name}.bias"] = matrix(rows, cols), vector(cols)
        norms += [f"{i}.norm1", f"{i}.norm2"]
    for name in norms:
        w[name + ".weight"], w[name + ".bias"] = vector(HIDDEN, 1), vector(HIDDEN)
    if tower.kind != "clip":
        w["pooler.weight"], w["pooler.bias"] = matrix(HIDDEN, HIDDEN), vector(HIDDEN)
    w["projection.weight"] = matrix(HIDDEN, PROJECTION)
    return w


def matmul_weight():
    rng = np.random.default_rng(1)
    return rng.standard_normal((HIDDEN, INNER), dtype=np.float32) * np.float32(HIDDEN**-0.5)


def inputs(work):
    rng = np.random.default_rng(2)
    if work.name == "matmul":
        return {"x": rng.standard_normal((ROWS, HIDDEN), dtype=np.float32)}
    given = {}
    for tower in work.towers:
        if tower.patch:
            given["pixels"] = rng.standard_normal((work.batch, 3, IMAGE, IMAGE), dtype=np.float32)
        else:
            given["ids"] = rng.integers(0, VOCABULARY, (work.batch, work.length))
    return given

"""The works that are compared: their shapes, operations, random weights and inputs, the same for every engine."""
from dataclasses import dataclass

import numpy as np

HIDDEN, HEADS, INNER, LAYERS = 768, 12, 3072, 12
IMAGE, PATCH = 224, 16
PATCHES = (IMAGE // PATCH) ** 2
VOCABULARY, POSITIONS = 30522, 512
ROWS = 197  # of the lone matmul: a ViT-B/16's tokens


@dataclass(frozen=True)
class Work:
    name: str  # as `vkdual bench` calls it
    batch: int = 1
    length: int = 0  # tokens a text

    @property
    def tokens(self):
        return PATCHES + 1 if self.name == "vit-b16" else self.length

    @property
    def norm_first(self):
        return self.name == "vit-b16"

    @property
    def epsilon(self):
        return 1e-12

    def flop(self):
        """Multiplications and additions of all matrix products."""
        if self.name == "matmul":
            return 2 * ROWS * HIDDEN * INNER
        layer = 2 * self.tokens * HIDDEN * (4 * HIDDEN + 2 * INNER) + 4 * self.tokens**2 * HIDDEN
        first = 2 * PATCHES * HIDDEN * 3 * PATCH**2 if self.name == "vit-b16" else 0
        return self.batch * (LAYERS * layer + first + 2 * HIDDEN**2)

    def output_shape(self):
        return (ROWS, INNER) if self.name == "matmul" else (self.batch, HIDDEN)

    def __str__(self):
        text = self.name if self.name != "matmul" else f"matmul {ROWS}x{HIDDEN}x{INNER}"
        if self.length:
            text += f", {self.length} tokens"
        return text if self.name == "matmul" else f"{text}, batch {self.batch}"


def weights(work):
    """Name to f32 array; matrices are [in, out]."""
    rng = np.random.default_rng(1)

    def matrix(rows, cols):
        return rng.standard_normal((rows, cols), dtype=np.float32) * np.float32(rows**-0.5)

    def vector(n, middle=0.0):
        return (middle + 0.1 * rng.standard_normal(n)).astype(np.float32)

    if work.name == "matmul":
        return {"weight": matrix(HIDDEN, INNER)}
    w = {}
    if work.name == "vit-b16":
        w["patch.weight"], w["patch.bias"] = matrix(3 * PATCH**2, HIDDEN), vector(HIDDEN)
        w["cls"], w["positions"] = vector((1, HIDDEN)), vector((PATCHES + 1, HIDDEN))
    else:
        w["words"], w["positions"], w["types"] = vector((VOCABULARY, HIDDEN)), vector((POSITIONS, HIDDEN)), vector((2, HIDDEN))
    w["norm.weight"], w["norm.bias"] = vector(HIDDEN, 1), vector(HIDDEN)  # after the embeddings (BERT) or at the end (ViT)
    for i in range(LAYERS):
        for name, rows, cols in (("qkv", HIDDEN, 3 * HIDDEN), ("out", HIDDEN, HIDDEN), ("up", HIDDEN, INNER), ("down", INNER, HIDDEN)):
            w[f"{i}.{name}.weight"], w[f"{i}.{name}.bias"] = matrix(rows, cols), vector(cols)
        for name in ("norm1", "norm2"):
            w[f"{i}.{name}.weight"], w[f"{i}.{name}.bias"] = vector(HIDDEN, 1), vector(HIDDEN)
    w["pooler.weight"], w["pooler.bias"] = matrix(HIDDEN, HIDDEN), vector(HIDDEN)
    return w


def inputs(work):
    rng = np.random.default_rng(2)
    if work.name == "matmul":
        return {"x": rng.standard_normal((ROWS, HIDDEN), dtype=np.float32)}
    if work.name == "vit-b16":
        return {"pixels": rng.standard_normal((work.batch, 3, IMAGE, IMAGE), dtype=np.float32)}
    return {
        "ids": rng.integers(0, VOCABULARY, (work.batch, work.length)),
        "mask": np.zeros((work.batch, 1, 1, work.length), np.float32),
    }

"""Makes the small files that the fuzz target of serialize/flax starts from.

    python flax_seeds.py serialize/flax/testdata

Needs flax==0.7.5 and jax==0.4.20, as flax_types.py does.
"""
import os
import sys

import jax.numpy as jnp
import numpy as np
from flax import serialization


def main(out):
    model = {
        "text_model": {"dense": {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "bias": jnp.arange(3, dtype=jnp.bfloat16)}},
        "vision_model": {"layer": {"0": {"kernel": np.arange(8, dtype=np.float16).reshape(1, 2, 2, 2)}}},
        "logit_scale": np.float32(2.5),
    }
    files = {"nested": serialization.to_bytes(model), "params": serialization.to_bytes({"params": model, "step": 3})}
    serialization.MAX_CHUNK_SIZE = 16  # bytes, so that arrays are split
    files["parts"] = serialization.to_bytes({"embedding": np.arange(10, dtype=np.int32).reshape(5, 2)})
    for name, data in files.items():
        with open(os.path.join(out, name + ".msgpack"), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main(sys.argv[1])

"""Makes testdata/forms/ref_flax.safetensors: what the Flax class computes with models/vit-bert and a dtype; and
forms/flax and flax-bf16: the model as the Flax class saves it.

    python flax_types.py TESTDATA

TYPE.NAME is an output of FlaxVisionTextDualEncoderModel of dtype TYPE (f32, f16, bf16), for the inputs in.* of
models/vit-bert/ref.safetensors. Needs, beside requirements.txt, flax==0.7.5, jax==0.4.20, jaxlib==0.4.20 and scipy<1.12.
"""
import os
import sys

import jax.numpy as jnp
import numpy as np
import transformers
from safetensors.numpy import load_file, save_file
from transformers import FlaxVisionTextDualEncoderModel

assert transformers.__version__ == "4.37.2", transformers.__version__


def main(folder):
    model = os.path.join(folder, "models", "vit-bert")
    given = {k[3:]: v for k, v in load_file(os.path.join(model, "ref.safetensors")).items() if k.startswith("in.")}
    ref = {}
    for name, dtype in (("f32", jnp.float32), ("f16", jnp.float16), ("bf16", jnp.bfloat16)):
        out = FlaxVisionTextDualEncoderModel.from_pretrained(model, dtype=dtype, from_pt=True)(**given)
        for key in ("logits_per_image", "text_embeds", "image_embeds"):
            ref[f"{name}.{key}"] = np.ascontiguousarray(out[key].astype(jnp.float32))
    saved = FlaxVisionTextDualEncoderModel.from_pretrained(model, from_pt=True)
    saved.config.name_or_path = ""
    saved.save_pretrained(os.path.join(folder, "forms", "flax"))
    saved.params = saved.to_bf16(saved.params)
    saved.save_pretrained(os.path.join(folder, "forms", "flax-bf16"))
    save_file(ref, os.path.join(folder, "forms", "ref_flax.safetensors"))


if __name__ == "__main__":
    main(sys.argv[1])

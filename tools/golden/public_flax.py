"""Adds flax_model.msgpack to testdata/public/clip-italian, as the Flax class saves it.

    python public_flax.py TESTDATA

Needs what flax_types.py needs.
"""
import os
import shutil
import sys
import tempfile

from transformers import FlaxVisionTextDualEncoderModel

folder = os.path.join(sys.argv[1], "public", "clip-italian")
with tempfile.TemporaryDirectory() as out:
    FlaxVisionTextDualEncoderModel.from_pretrained(folder, from_pt=True).save_pretrained(out)
    shutil.copy(os.path.join(out, "flax_model.msgpack"), folder)

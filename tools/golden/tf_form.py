"""Makes testdata/forms/tf: models/vit-bert as the TensorFlow class saves it.

    python tf_form.py TESTDATA

Needs, beside requirements.txt, tensorflow-cpu==2.15.1.
"""
import os
import sys

import transformers
from transformers import TFVisionTextDualEncoderModel

assert transformers.__version__ == "4.37.2", transformers.__version__


def main(folder):
    model = TFVisionTextDualEncoderModel.from_pretrained(os.path.join(folder, "models", "vit-bert"), from_pt=True)
    model.config.name_or_path = ""
    model.save_pretrained(os.path.join(folder, "forms", "tf"))


if __name__ == "__main__":
    main(sys.argv[1])

"""Makes testdata/state_dicts.json.gz: the names and shapes of every tensor that transformers 4.37.2 saves of each model in
testdata/models, in its order.

    python state_dicts.py testdata
"""
import gzip
import json
import os
import sys

import transformers
from transformers import AutoConfig, AutoModel, VisionTextDualEncoderConfig, VisionTextDualEncoderModel

assert transformers.__version__ == "4.37.2", transformers.__version__

models, out = os.path.join(sys.argv[1], "models"), {}
for name in sorted(os.listdir(models)):
    folder = os.path.join(models, name)
    if json.load(open(os.path.join(folder, "config.json"))).get("model_type") == "vision-text-dual-encoder":
        model = VisionTextDualEncoderModel(VisionTextDualEncoderConfig.from_pretrained(folder))
    else:
        model = AutoModel.from_config(AutoConfig.from_pretrained(folder))
    out[name] = [f"{k} {list(v.shape)}" for k, v in model.state_dict().items()]
with open(os.path.join(sys.argv[1], "state_dicts.json.gz"), "wb") as f:
    f.write(gzip.compress(json.dumps(out).encode(), mtime=0))

"""Makes testdata/public: for each public checkpoint of the class a tiny random model with the same mix of towers,
tokenizer, image processor and files, and what the reference makes of texts and pictures with it, from end to end.

    python public.py testdata

The tokenizers' files are those of testdata/text and the pictures those of testdata: ref.json names them. Flax's file is made by
public_flax.py.
"""
import json
import os
import shutil
import sys
import tempfile

import torch
import transformers as tf
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, VisionTextDualEncoderConfig, VisionTextDualEncoderModel, VisionTextDualEncoderProcessor

from generate import redraw

assert tf.__version__ == "4.37.2", tf.__version__
tf.logging.set_verbosity_error()
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

SMALL = dict(hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=20)
CLIP = tf.CLIPVisionConfig(**SMALL, image_size=32, patch_size=16)
PICTURES = ["pictures/rocket.png", "pictures/cat-face.png", "images/files/large.jpg"]
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
# As transformers wrote it in 2021 and 2022, and as it does now.
OLD = {"crop_size": 32, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
       "image_mean": MEAN, "image_std": STD, "resample": 3, "size": 32}
NEW = {"crop_size": {"height": 32, "width": 32}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
       "image_mean": MEAN, "image_std": STD, "image_processor_type": "CLIPImageProcessor", "resample": 3, "rescale_factor": 1 / 255,
       "size": {"shortest_edge": 32}}
BIT = {**NEW, "image_processor_type": "BitImageProcessor", "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
       "crop_size": {"height": 42, "width": 42}, "size": {"shortest_edge": 48}}


def dino(size):
    return tf.Dinov2Config(**{k: v for k, v in SMALL.items() if k != "intermediate_size"}, image_size=size, patch_size=14)


# name: vision, text, tokenizer, preprocessor, projection_dim, texts, files (bin: zip; old: PyTorch's older container; sharded)
CASES = {
    "clip-italian": (CLIP, tf.BertConfig(**SMALL, vocab_size=1324, max_position_embeddings=64), "bert-json", OLD, 12, ["una foto di un gatto", "una foto di un cane: là!"], ["safetensors", "bin"]),
    "koclip": (CLIP, tf.RobertaConfig(**SMALL, vocab_size=1644, max_position_embeddings=66, type_vocab_size=1), "bert-cased-vocabtxt", OLD, 12,
               ["고양이 사진", "Two dogs"], ["old"]),
    "vitb32-bert-ko-small": (CLIP, tf.BertConfig(**SMALL, vocab_size=1321, max_position_embeddings=64), "bert-uncased-vocabtxt", NEW, 12, ["강아지", "A Cat, sitting"], ["safetensors", "bin"]),
    "clip-roberta-finetuned": (CLIP, tf.RobertaConfig(**SMALL, vocab_size=904, max_position_embeddings=64, type_vocab_size=1), "roberta-json", NEW, 12,
                               ["a photo of a rocket", " two  cats"], ["safetensors"]),
    "clip-roberta-finetuned-old": (CLIP, tf.RobertaConfig(**SMALL, vocab_size=901, max_position_embeddings=64, type_vocab_size=1), "roberta-files", OLD, 12,
                                   ["a photo of a rocket", " two  cats"], ["old"]),
    "vtde-dinov2-multilingual-e5": (dino(42), tf.BertConfig(**SMALL, vocab_size=740, max_position_embeddings=64), "xlmr-json", BIT, 16, ["query: eine Katze", "passage: 猫の写真"], ["safetensors"]),
    "vtde-dinov2-gte": (dino(42), tf.BertConfig(**SMALL, vocab_size=1321, max_position_embeddings=64), "bert-uncased-vocabtxt", BIT, 16,
                        ["a cat", "a very small rocket on a very long trip to a very far star"], ["safetensors", "bin"]),
    "clip-h-xlm-roberta-large": (tf.CLIPVisionConfig(**SMALL, image_size=28, patch_size=14, hidden_act="gelu"),
                                 tf.XLMRobertaConfig(**SMALL, vocab_size=702, max_position_embeddings=66, type_vocab_size=1), "xlmr-spm",
                                 {**NEW, "crop_size": {"height": 28, "width": 28}, "size": {"shortest_edge": 28}}, 32, ["un petit chat", "фотография ракеты"], ["sharded"]),
}


def make(data, name):
    vision, text, tokenizer, preprocessor, dim, texts, files = CASES[name]
    folder = os.path.join(data, "public", name)
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    model = VisionTextDualEncoderModel(VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, projection_dim=dim)).eval()
    redraw(model, 1, 1.0)
    model.config.vision_config._name_or_path = model.config.text_config._name_or_path = ""
    if "sharded" in files:
        model.save_pretrained(folder, max_shard_size="40KB")
    else:
        model.save_pretrained(folder)
        if "safetensors" not in files:
            os.remove(os.path.join(folder, "model.safetensors"))
    if {"bin", "old"} & set(files):
        state = model.state_dict()
        if "old" in files:  # buffers were saved then
            state["text_model.embeddings.position_ids"] = torch.arange(text.max_position_embeddings)[None]
            state["vision_model.vision_model.embeddings.position_ids"] = torch.arange(5)[None]
        torch.save(state, os.path.join(folder, "pytorch_model.bin"), _use_new_zipfile_serialization="old" not in files)
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
        json.dump(preprocessor, f, indent=2, sort_keys=True)
    with tempfile.TemporaryDirectory() as whole:  # with the tokenizer's files, as it would be downloaded
        for source in (os.path.join(data, "text", tokenizer), folder):
            for n in os.listdir(source):
                if n not in ("ref.json", "config.json") or source == folder:
                    shutil.copy(os.path.join(source, n), whole)
        model = VisionTextDualEncoderModel.from_pretrained(whole).eval()
        processor = VisionTextDualEncoderProcessor(AutoImageProcessor.from_pretrained(whole), AutoTokenizer.from_pretrained(whole))
        pictures = [Image.open(os.path.join(data, p)) for p in PICTURES]
        pictures = [p.convert("RGB") for p in pictures]
        given = processor(text=texts, images=pictures, padding=True, return_tensors="pt")
        with torch.no_grad():
            out = model(**given)
    ref = {"tokenizer": tokenizer, "texts": texts, "pictures": PICTURES, "input_ids": [i[m.bool()].tolist() for i, m in zip(given.input_ids, given.attention_mask)],
           **{k: [[float(x) for x in row] for row in out[k]] for k in ("text_embeds", "image_embeds", "logits_per_image")}}
    with open(os.path.join(folder, "ref.json"), "w") as f:
        json.dump(ref, f, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    for case in sys.argv[2:] or CASES:
        make(sys.argv[1], case)

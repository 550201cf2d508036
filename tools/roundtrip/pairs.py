"""Towers for roundtrip.py: tiny, random, saved as people upload them."""
import json
import os

import torch
import transformers as tf
from transformers import VisionTextDualEncoderConfig

SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=56)
PICTURE = dict(image_size=30, patch_size=10)
WORDS = dict(vocab_size=120, max_position_embeddings=40)


def saver(cls, config, **kw):
    def save(folder):
        torch.manual_seed(5)
        cls(config, **kw).save_pretrained(folder)
    return save


def saved():
    """(name, vision, text): what saves each side."""
    clip = tf.CLIPConfig.from_text_vision_configs(
        tf.CLIPTextConfig(**SMALL, **WORDS, eos_token_id=2), tf.CLIPVisionConfig(**SMALL, **PICTURE), projection_dim=16)
    vit = tf.ViTConfig(**SMALL, **PICTURE, num_labels=3)
    bert = tf.BertConfig(**SMALL, **WORDS)
    roberta = tf.RobertaConfig(**SMALL, **WORDS)
    return [
        ("towers", saver(tf.ViTModel, vit), saver(tf.BertModel, bert)),
        ("heads", saver(tf.ViTForImageClassification, vit), saver(tf.BertForMaskedLM, bert)),
        ("clip-roberta", saver(tf.CLIPModel, clip), saver(tf.RobertaForMaskedLM, roberta)),
        ("clipvision-xlmr", saver(tf.CLIPVisionModel, clip.vision_config), saver(tf.XLMRobertaModel, tf.XLMRobertaConfig(**SMALL, **WORDS))),
        ("beit-albert", saver(tf.BeitForImageClassification, tf.BeitConfig(**SMALL, **PICTURE, use_relative_position_bias=True, layer_scale_init_value=0.1)),
         saver(tf.AlbertForMaskedLM, tf.AlbertConfig(**SMALL, **WORDS, embedding_size=16))),
        ("dinov2-camembert", saver(tf.Dinov2ForImageClassification, tf.Dinov2Config(**SMALL, **PICTURE, mlp_ratio=2)),
         saver(tf.CamembertForMaskedLM, tf.CamembertConfig(**SMALL, **WORDS))),
        ("swin-mpnet", saver(tf.SwinForImageClassification, tf.SwinConfig(image_size=32, patch_size=2, embed_dim=16, depths=[2, 1], num_heads=[2, 4], window_size=4)),
         saver(tf.MPNetForMaskedLM, tf.MPNetConfig(**SMALL, **WORDS))),
        ("yolos-squeezebert", saver(tf.YolosForObjectDetection, tf.YolosConfig(**SMALL, image_size=[30, 30], patch_size=10, num_detection_tokens=5)),
         saver(tf.SqueezeBertForMaskedLM, tf.SqueezeBertConfig(**SMALL, **WORDS, embedding_size=32))),
        ("deit-data2vec", saver(tf.DeiTForImageClassificationWithTeacher, tf.DeiTConfig(**SMALL, **PICTURE)),
         saver(tf.Data2VecTextForMaskedLM, tf.Data2VecTextConfig(**SMALL, **WORDS))),
        ("swinv2-ibert", saver(tf.Swinv2ForImageClassification, tf.Swinv2Config(image_size=32, patch_size=2, embed_dim=16, depths=[2, 1], num_heads=[2, 4], window_size=4)),
         saver(tf.IBertForMaskedLM, tf.IBertConfig(**SMALL, **WORDS))),
        ("dpt-bigbird", saver(tf.DPTForDepthEstimation, tf.DPTConfig(**{**SMALL, "num_hidden_layers": 4}, image_size=32, patch_size=8, is_hybrid=False, neck_hidden_sizes=[8, 8, 8, 8], backbone_out_indices=[0, 1, 2, 3], fusion_hidden_size=8)),
         saver(tf.BigBirdForMaskedLM, tf.BigBirdConfig(**SMALL, **WORDS, attention_type="original_full"))),
        ("siglip-rembert", saver(tf.SiglipVisionModel, tf.SiglipVisionConfig(**SMALL, **PICTURE)),
         saver(tf.RemBertForMaskedLM, tf.RemBertConfig(**SMALL, **WORDS, input_embedding_size=16, output_embedding_size=16))),
    ]


def configs(data):
    """(name, vision, text): the configs of every pair in testdata/models."""
    for name in sorted(os.listdir(os.path.join(data, "models"))):
        folder = os.path.join(data, "models", name)
        path = os.path.join(folder, "config.json")
        if name.startswith("extra-") or not os.path.exists(path) or json.load(open(path)).get("model_type") != "vision-text-dual-encoder":
            continue
        pair = VisionTextDualEncoderConfig.from_pretrained(folder)
        yield name, pair.vision_config, pair.text_config

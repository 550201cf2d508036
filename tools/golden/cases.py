"""The models that generate.py makes: one entry a folder of testdata/models.

A case has `vision` and `text` (a transformers config class and its arguments), and may have
    config    arguments of VisionTextDualEncoderConfig
    seed      of everything drawn (1)
    picture   [height, width] of the pictures, where it is not the config's image_size
    images, texts, length    counts of the first call's pictures and texts, tokens a text (3, 3, 13)
    masks     one pattern a text, cycled: "1" or "0" for each token; default: random right padding
    left      {text: count} of texts that are padded before instead
    position_ids    True: also given, shuffled; "arange": 0, 1, 2, … as Flax's dual encoder gives them by default
    gain      factor on the weights before each activation, so that its far ends are reached
    cosine    added to the logarithms of the scales of Swin v2's cosines, some of which then go past their bound
    storage   "mixed": matrices in f16, biases and norms in f32; "old": LayerNorm.gamma and .beta, position_ids in the file
    nested    True: config.json names the vision tower as a whole "clip" with its vision_config inside
    record    which of "acts" (every sub-module's output), "grads" (of the loss), "second" (another call: 2 pictures, 5 texts) go into the file
"""
ALL = {"acts", "grads", "second"}
SMALL = {"acts"}

BERT = dict(vocab_size=120, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=56, max_position_embeddings=40)
ROBERTA = dict(BERT, max_position_embeddings=42, pad_token_id=1, bos_token_id=0, eos_token_id=2, type_vocab_size=1)
VIT = dict(image_size=30, patch_size=10, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=56)
SWIN = dict(image_size=32, patch_size=4, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4)
P24 = dict(projection_dim=24)

# One layer a tower, some kilobytes.
TINY_BERT = dict(BERT, vocab_size=40, hidden_size=12, num_hidden_layers=1, intermediate_size=20, max_position_embeddings=12)
TINY_ROBERTA = dict(ROBERTA, vocab_size=40, hidden_size=12, num_hidden_layers=1, intermediate_size=20, max_position_embeddings=14)
TINY_VIT = dict(VIT, image_size=8, patch_size=4, hidden_size=12, num_hidden_layers=1, intermediate_size=20)

TINY_DINOV2 = dict(hidden_size=12, num_hidden_layers=1, num_attention_heads=4, mlp_ratio=2, image_size=30, patch_size=10)
TINY_SWIN = dict(image_size=24, patch_size=4, embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=3, mlp_ratio=2)
TINY_DPT = dict(TINY_VIT, backbone_out_indices=[0, 0, 0, 0], neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8)

CASES = {
    "vit-bert": dict(vision=("ViTConfig", VIT), text=("BertConfig", BERT), config=P24, record=ALL),
    "clip-roberta": dict(vision=("CLIPVisionConfig", VIT), text=("RobertaConfig", ROBERTA), config=P24, record=ALL),
    "deit-xlmroberta": dict(vision=("DeiTConfig", VIT), text=("XLMRobertaConfig", ROBERTA), config=P24, record=ALL),
    "beit-camembert": dict(
        vision=("BeitConfig", dict(VIT, use_relative_position_bias=True, layer_scale_init_value=0.1, use_mean_pooling=True, vocab_size=50)),
        text=("CamembertConfig", ROBERTA), config=P24, record=ALL),
    "beitshared-bert": dict(
        vision=("BeitConfig", dict(VIT, use_shared_relative_position_bias=True, use_absolute_position_embeddings=True, layer_scale_init_value=0, use_mean_pooling=False, vocab_size=50)),
        text=("BertConfig", dict(BERT, position_embedding_type="relative_key_query")), config=P24, record=ALL),
    "dinov2-albert": dict(
        vision=("Dinov2Config", dict(VIT, mlp_ratio=2)), text=("AlbertConfig", dict(BERT, embedding_size=16, num_hidden_groups=1)), config=P24, record=ALL),
    "siglip-data2vec": dict(vision=("SiglipVisionConfig", VIT), text=("Data2VecTextConfig", ROBERTA), config=P24, record=ALL),
    "dpt-rembert": dict(
        vision=("DPTConfig", dict(VIT, backbone_out_indices=[0, 1, 1, 1], neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8)),
        text=("RemBertConfig", dict(BERT, input_embedding_size=16, output_embedding_size=20)), config=P24, record=ALL),
    "yolos-mobilebert": dict(
        vision=("YolosConfig", dict(VIT, image_size=[30, 20], num_detection_tokens=5)),
        text=("MobileBertConfig", dict(BERT, embedding_size=16, intra_bottleneck_size=16, true_hidden_size=16, num_feedforward_networks=2)), config=P24, record=ALL),
    "swin-mpnet": dict(vision=("SwinConfig", SWIN), text=("MPNetConfig", dict(BERT, pad_token_id=1)), config=P24, record=ALL),
    "swinv2-ernie": dict(vision=("Swinv2Config", SWIN), text=("ErnieConfig", dict(BERT, use_task_id=True, task_type_vocab_size=3)), config=P24, record=ALL),
    "donutswin-bert": dict(vision=("DonutSwinConfig", SWIN), text=("BertConfig", BERT), config=P24, record=ALL),
    "dinov2-resized": dict(
        vision=("Dinov2Config", dict(image_size=50, patch_size=10, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, mlp_ratio=2)), picture=[30, 30],
        text=("BertConfig", dict(BERT, vocab_size=130, max_position_embeddings=24)), config=dict(projection_dim=16), seed=3, length=11, record=set()),
    "yolos-resized": dict(
        vision=("YolosConfig", dict(VIT, image_size=[40, 60], num_hidden_layers=3, num_detection_tokens=5)), picture=[30, 40],
        text=("BertConfig", dict(BERT, vocab_size=130, max_position_embeddings=24)), config=dict(projection_dim=16), seed=3, length=11, record=set()),

    "vit-megatron": dict(vision=("ViTConfig", dict(VIT, hidden_act="gelu_pytorch_tanh")), text=("MegatronBertConfig", BERT), config=P24, left={1: 4}, record=ALL),
    "vit-layoutlm": dict(vision=("ViTConfig", VIT), text=("LayoutLMConfig", dict(BERT, max_2d_position_embeddings=16)), config=P24, record=ALL),
    "vit-bigbird": dict(vision=("ViTConfig", VIT), text=("BigBirdConfig", dict(BERT, attention_type="original_full")), config=P24, record=ALL),
    "vit-prelnroberta": dict(vision=("ViTConfig", dict(VIT, hidden_act="relu")), text=("RobertaPreLayerNormConfig", ROBERTA), config=P24, record=ALL),
    "vit-xlmrobertaxl": dict(vision=("ViTConfig", dict(VIT, hidden_act="silu")), text=("XLMRobertaXLConfig", ROBERTA), config=P24, record=ALL),
    "vit-xmod": dict(vision=("ViTConfig", VIT), text=("XmodConfig", dict(ROBERTA, languages=["en_XX", "de_DE"], default_language="en_XX")), config=P24, record=ALL),
    "vit-ibert": dict(vision=("ViTConfig", VIT), text=("IBertConfig", ROBERTA), config=P24, record=ALL),
    "vit-squeezebert": dict(
        vision=("ViTConfig", dict(VIT, hidden_act="gelu_new", qkv_bias=False)), config=P24, record=ALL,
        text=("SqueezeBertConfig", dict(BERT, embedding_size=32, q_groups=2, k_groups=2, v_groups=2, intermediate_groups=2, output_groups=2))),

    # Odd sizes everywhere: an oblong picture of one channel, head width 10, one picture and one text, projection 7.
    "extra-odd": dict(
        vision=("ViTConfig", dict(VIT, image_size=[30, 50], num_channels=1, hidden_size=30, num_attention_heads=3, intermediate_size=37, layer_norm_eps=1e-3)),
        text=("BertConfig", dict(BERT, vocab_size=53, num_hidden_layers=1, hidden_size=30, num_attention_heads=3, intermediate_size=37, max_position_embeddings=23, layer_norm_eps=1e-3)),
        config=dict(projection_dim=7), images=1, texts=1, length=9, record=SMALL),
    # Oblong patches that leave a rest of the picture unread; no bias on query, key and value; counts that differ.
    "extra-oblong-patches": dict(
        vision=("ViTConfig", dict(VIT, image_size=[35, 31], patch_size=[10, 5], num_channels=4, num_hidden_layers=1, hidden_size=28, num_attention_heads=2, intermediate_size=41, qkv_bias=False, hidden_act="gelu_new")),
        text=("BertConfig", dict(TINY_BERT, hidden_size=18, num_attention_heads=3, intermediate_size=31, type_vocab_size=3, hidden_act="silu")),
        config=dict(projection_dim=13), images=3, texts=5, length=11, record=set()),
    # CLIP with a picture that its patches do not divide, and a row whose mask is all 0.
    "extra-clip-odd": dict(
        vision=("CLIPVisionConfig", dict(VIT, image_size=35, patch_size=8, hidden_size=42, num_attention_heads=7, intermediate_size=37, num_hidden_layers=1, layer_norm_eps=1e-3, hidden_act="gelu")),
        text=("RobertaConfig", dict(TINY_ROBERTA, hidden_size=20, num_attention_heads=5, num_hidden_layers=2, intermediate_size=23, layer_norm_eps=1e-3, hidden_act="quick_gelu")),
        config=dict(projection_dim=17, logit_scale_init_value=5.0), images=2, texts=3, length=12, masks=["111111111111", "000000000000", "111110000000"], record=set()),
    "extra-deit-odd": dict(
        vision=("DeiTConfig", dict(VIT, image_size=[20, 40], num_channels=1, hidden_size=30, num_attention_heads=5, intermediate_size=37, hidden_act="relu")),
        text=("XLMRobertaConfig", dict(TINY_ROBERTA, hidden_size=14, num_attention_heads=2, type_vocab_size=2, hidden_act="gelu_pytorch_tanh")),
        config=dict(projection_dim=7), images=1, texts=4, length=10, record=SMALL),
    "extra-clip-camembert": dict(
        vision=("CLIPVisionConfig", dict(TINY_VIT, image_size=12)), text=("CamembertConfig", dict(TINY_ROBERTA, num_hidden_layers=2)),
        config=dict(projection_dim=5), length=12, record=SMALL),
    # Every kind of mask that a caller can make, the empty one included.
    "extra-masks": dict(
        vision=("ViTConfig", TINY_VIT), text=("BertConfig", dict(TINY_BERT, num_hidden_layers=2)),
        config=dict(projection_dim=9), images=5, texts=5, length=8, masks=["11111111", "00000000", "00011111", "11011011", "10000000"], record=SMALL),
    # The shortest input there is: one token, one patch.
    "extra-shortest": dict(
        vision=("ViTConfig", dict(TINY_VIT, image_size=4)), text=("RobertaConfig", TINY_ROBERTA),
        config=dict(projection_dim=3), images=2, texts=2, length=1, masks=["1"], record=SMALL),
    # As many tokens as the model has positions.
    "extra-longest": dict(
        vision=("DeiTConfig", TINY_VIT), text=("RobertaConfig", dict(TINY_ROBERTA, num_attention_heads=2, max_position_embeddings=131)),
        config=dict(projection_dim=8), images=1, texts=1, length=129, record=set()),
    "extra-position-ids": dict(
        vision=("CLIPVisionConfig", TINY_VIT), text=("RobertaConfig", TINY_ROBERTA),
        config=dict(projection_dim=8), length=9, position_ids=True, record=SMALL),
    # As long as the table is: with default positions RoBERTa has room for two tokens less.
    "extra-flax-positions": dict(
        vision=("ViTConfig", TINY_VIT), text=("RobertaConfig", TINY_ROBERTA),
        config=dict(projection_dim=8), length=14, position_ids="arange", record=SMALL),
    # One head wider than 64.
    "extra-wide-head": dict(
        vision=("ViTConfig", dict(TINY_VIT, hidden_size=70, num_attention_heads=1, intermediate_size=41)),
        text=("BertConfig", dict(TINY_BERT, hidden_size=33, num_attention_heads=1)), config=dict(projection_dim=70), length=9, record=set()),
    # Pictures of other sizes than the config's, of which some pixels are left over; a gated MLP of 24 = ⌈⅔·30⌉₈ hidden units.
    "extra-dinov2-swiglu": dict(
        vision=("Dinov2Config", dict(TINY_DINOV2, use_swiglu_ffn=True, mlp_ratio=2.5, qkv_bias=False, num_channels=1, layer_norm_eps=1e-3)), picture=[41, 27],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=3, length=9, record=SMALL),
    # As many patches as positions, and yet positions are interpolated, since the picture is not square.
    "extra-dinov2-nearly": dict(
        vision=("Dinov2Config", dict(TINY_DINOV2, num_hidden_layers=2, hidden_act="gelu_new")), picture=[30, 35],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=2, length=9, record=SMALL),
    # 4×9 patches whose positions are taken to be of 6×6.
    "extra-dinov2-oblong": dict(
        vision=("Dinov2Config", dict(TINY_DINOV2, image_size=[20, 45], patch_size=5)),
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=1, length=9, record=SMALL),
    # A position for each of 16 patches, however they lie.
    "extra-clip-strip": dict(
        vision=("CLIPVisionConfig", dict(TINY_VIT, image_size=32, patch_size=8)), picture=[17, 71],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=8), images=2, texts=2, length=9, record=SMALL),
    "extra-siglip-odd": dict(
        vision=("SiglipVisionConfig", dict(TINY_VIT, image_size=35, patch_size=8, hidden_size=30, num_attention_heads=3, intermediate_size=37, num_channels=2, layer_norm_eps=1e-3, hidden_act="gelu")),
        picture=[32, 39], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=2, length=9, record=SMALL),
    # Every kind of position at once. The picture has as many patches as the config's, elsewhere.
    "extra-beit-all": dict(
        vision=("BeitConfig", dict(TINY_VIT, image_size=[20, 30], patch_size=[5, 10], num_hidden_layers=2, vocab_size=7, use_mask_token=True, use_absolute_position_embeddings=True,
                                   use_relative_position_bias=True, use_shared_relative_position_bias=True, use_mean_pooling=True, layer_scale_init_value=0.1, layer_norm_eps=1e-3)),
        picture=[30, 20], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=3, texts=2, length=9, record=SMALL),
    "extra-beit-absolute": dict(
        vision=("BeitConfig", dict(TINY_VIT, image_size=30, patch_size=8, num_channels=1, vocab_size=7, use_absolute_position_embeddings=True, use_mean_pooling=False, layer_scale_init_value=0, hidden_act="relu")),
        picture=[25, 39], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=2, length=9, record=SMALL),
    "extra-beit-neither": dict(
        vision=("BeitConfig", dict(TINY_VIT, vocab_size=7, use_mean_pooling=True, layer_scale_init_value=1)),
        picture=[13, 22], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=2, length=9, record=SMALL),
    "extra-dpt-odd": dict(
        vision=("DPTConfig", dict(TINY_DPT, image_size=[20, 45], patch_size=5, num_channels=1, qkv_bias=False, layer_norm_eps=1e-3, hidden_act="silu", readout_type="ignore")),
        picture=[33, 21], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=3, length=9, record=SMALL),
    "extra-yolos-odd": dict(
        vision=("YolosConfig", dict(TINY_VIT, image_size=[35, 21], patch_size=7, num_hidden_layers=3, num_channels=2, num_detection_tokens=3, layer_norm_eps=1e-3)),
        picture=[50, 30], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=2, length=9, record=set()),
    "extra-yolos-no-mid": dict(
        vision=("YolosConfig", dict(TINY_VIT, image_size=[35, 24], patch_size=10, num_hidden_layers=2, num_detection_tokens=1, use_mid_position_embeddings=False, qkv_bias=False)),
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=1, length=9, record=SMALL),
    "extra-yolos-one-layer": dict(
        vision=("YolosConfig", dict(TINY_VIT, image_size=[8, 12], num_detection_tokens=2)),
        picture=[9, 8], text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=1, length=9, record=SMALL),
    # Nothing divides anything: pixels, windows and merged patches are filled up; 12×12, 6×6 and 3×3 patches in windows of 5, 5 and 3.
    "extra-swin-odd": dict(
        vision=("SwinConfig", dict(TINY_SWIN, image_size=[45, 57], patch_size=[4, 5], depths=[3, 2], num_heads=[1, 2], window_size=5, mlp_ratio=2.6, num_channels=1, qkv_bias=False, layer_norm_eps=1e-3, hidden_act="relu")),
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=2, length=9, record=set()),
    # A picture smaller than the config's, oblong: the last stage is as high as one window, which is not shifted, and wider. More heads than stages.
    "extra-swin-strip": dict(
        vision=("SwinConfig", dict(TINY_SWIN, image_size=64, depths=[1, 2, 2], num_heads=[2, 4, 2, 24])), picture=[37, 68],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=1, length=9, record=set()),
    "extra-swin-one-patch-windows": dict(
        vision=("SwinConfig", dict(TINY_SWIN, window_size=1)), picture=[12, 9],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=1, texts=1, length=9, record=SMALL),
    "extra-donut-oblong": dict(
        vision=("DonutSwinConfig", dict(TINY_SWIN, image_size=[36, 60], window_size=4, hidden_act="gelu_new", num_channels=2, layer_norm_eps=1e-2)), picture=[61, 34],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=2, length=9, record=set()),
    # Windows of 4, of 4 and of 3 rows as the config's pictures have them, trained with others; scales past their bound.
    "extra-swinv2-odd": dict(
        vision=("Swinv2Config", dict(TINY_SWIN, image_size=[53, 30], depths=[1, 2, 1], num_heads=[2, 1, 4], window_size=4, pretrained_window_sizes=[6, 0, [2, 5]], mlp_ratio=1.5, num_channels=1, qkv_bias=False, layer_norm_eps=1e-3)),
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=2, length=9, cosine=4.0, record=set()),
    # A picture of another size: windows stay those of the config's, and the last has one row.
    "extra-swinv2-other": dict(
        vision=("Swinv2Config", dict(TINY_SWIN, image_size=[27, 100], patch_size=[5, 7], depths=[2, 2, 2], num_heads=[2, 4, 2], window_size=3, pretrained_window_sizes=[2, 3, 4, 0], hidden_act="silu")), picture=[44, 33],
        text=("BertConfig", TINY_BERT), config=dict(projection_dim=9), images=2, texts=3, length=9, record=set()),
    "extra-relative-key": dict(
        vision=("ViTConfig", TINY_VIT), text=("BertConfig", dict(TINY_BERT, num_hidden_layers=2, position_embedding_type="relative_key")),
        config=dict(projection_dim=8), length=9, record=SMALL),
    # The forms of one checkpoint that are told by their names and types alone.
    "extra-mixed-storage": dict(
        vision=("CLIPVisionConfig", TINY_VIT), text=("BertConfig", TINY_BERT), config=dict(projection_dim=8), length=9, storage="mixed", record=set()),
    "extra-old-names": dict(
        vision=("DeiTConfig", TINY_VIT), text=("BertConfig", TINY_BERT), config=dict(projection_dim=8), length=9, storage="old", record=set()),
    "extra-clip-nested": dict(
        vision=("CLIPVisionConfig", TINY_VIT), text=("BertConfig", TINY_BERT), config=dict(projection_dim=8), length=9, nested=True, record=set()),
}

# The switches of the text towers, each with the smallest ViT there is.
TEXTS = {
    "roberta-relative": ("RobertaConfig", dict(TINY_ROBERTA, position_embedding_type="relative_key_query", type_vocab_size=2)),
    "ernie-relative": ("ErnieConfig", dict(TINY_BERT, position_embedding_type="relative_key_query", num_attention_heads=3)),
    "layoutlm-relative": ("LayoutLMConfig", dict(TINY_BERT, position_embedding_type="relative_key", max_2d_position_embeddings=5)),
    "megatron-relative": ("MegatronBertConfig", dict(TINY_BERT, num_hidden_layers=2, position_embedding_type="relative_key", layer_norm_eps=1e-3)),
    "xlmrobertaxl-relative": ("XLMRobertaXLConfig", dict(TINY_ROBERTA, num_hidden_layers=2, position_embedding_type="relative_key", type_vocab_size=3, layer_norm_eps=1e-3)),
    "prelnroberta-relative": ("RobertaPreLayerNormConfig", dict(TINY_ROBERTA, num_hidden_layers=2, position_embedding_type="relative_key_query", hidden_act="relu", layer_norm_eps=1e-3)),
    "data2vec-odd": ("Data2VecTextConfig", dict(TINY_ROBERTA, pad_token_id=4, hidden_size=15, num_attention_heads=5, type_vocab_size=2)),
    "rembert-odd": ("RemBertConfig", dict(TINY_BERT, num_hidden_layers=2, input_embedding_size=19, type_vocab_size=3, hidden_act="tanh", layer_norm_eps=1e-3)),
    "bigbird-rescaled": ("BigBirdConfig", dict(TINY_BERT, rescale_embeddings=True, use_bias=False, attention_type="block_sparse", block_size=2, num_random_blocks=1)),
    "ibert-odd": ("IBertConfig", dict(TINY_ROBERTA, num_hidden_layers=2, type_vocab_size=2, layer_norm_eps=1e-3)),
    "albert-groups": ("AlbertConfig", dict(TINY_BERT, num_hidden_layers=5, num_hidden_groups=2, inner_group_num=2, embedding_size=7, position_embedding_type="relative_key", layer_norm_eps=1e-3)),
    "albert-relative": ("AlbertConfig", dict(TINY_BERT, num_hidden_layers=3, num_hidden_groups=3, embedding_size=17, position_embedding_type="relative_key_query", hidden_act="relu")),
    "xmod-prenorm": ("XmodConfig", dict(TINY_ROBERTA, num_hidden_layers=2, pre_norm=True, adapter_layer_norm=True, ln_before_adapter=False, adapter_reduction_factor=5, languages=["de_DE", "fr_XX", "en_XX"], default_language="fr_XX", layer_norm_eps=1e-3)),
    "xmod-prenorm-reuse": ("XmodConfig", dict(TINY_ROBERTA, num_hidden_layers=2, pre_norm=True, default_language="en_XX", position_embedding_type="relative_key", hidden_act="relu")),
    "xmod-bare": ("XmodConfig", dict(TINY_ROBERTA, num_hidden_layers=2, adapter_reuse_layer_norm=False, adapter_reduction_factor=1, default_language="en_XX")),
    "xmod-residual": ("XmodConfig", dict(TINY_ROBERTA, num_hidden_layers=2, ln_before_adapter=False, default_language="en_XX")),
    "squeezebert-groups": ("SqueezeBertConfig", dict(TINY_BERT, num_hidden_layers=2, embedding_size=12, intermediate_size=20, q_groups=1, k_groups=3, v_groups=6, post_attention_groups=4, intermediate_groups=2, output_groups=4, layer_norm_eps=1e-2, hidden_act="silu")),
    "mobilebert-layernorm": ("MobileBertConfig", dict(TINY_BERT, num_hidden_layers=2, embedding_size=7, intra_bottleneck_size=8, trigram_input=False, use_bottleneck_attention=True, num_feedforward_networks=3, normalization_type="layer_norm", layer_norm_eps=1e-2, hidden_act="gelu")),
    "mobilebert-plain": ("MobileBertConfig", dict(TINY_BERT, num_hidden_layers=2, embedding_size=12, trigram_input=False, use_bottleneck=False, num_feedforward_networks=1, normalization_type="layer_norm", classifier_activation=False)),
    "mobilebert-equal": ("MobileBertConfig", dict(TINY_BERT, embedding_size=5, intra_bottleneck_size=12, key_query_shared_bottleneck=False, num_feedforward_networks=2, normalization_type="layer_norm")),
    "mobilebert-shared": ("MobileBertConfig", dict(TINY_BERT, embedding_size=5, intra_bottleneck_size=8, num_feedforward_networks=1)),
}
for name, text in TEXTS.items():
    CASES["extra-" + name] = dict(
        vision=("ViTConfig", TINY_VIT), text=text, config=dict(projection_dim=8), texts=4, length=9,
        masks=["111111111", "111110000", "000000000", "110110111"], record=SMALL)
# Far enough for the last bucket; a padding token that is not MPNet's own.
CASES["extra-mpnet-long"] = dict(
    vision=("ViTConfig", TINY_VIT), config=dict(projection_dim=8), images=2, texts=2, length=100, record=set(),
    text=("MPNetConfig", dict(vocab_size=40, hidden_size=6, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, max_position_embeddings=110, relative_attention_num_buckets=33, pad_token_id=0, layer_norm_eps=1e-3)))

# Every activation once, two a model. The gain takes their inputs past 10, where some of them clip.
ACTIVATIONS = [
    ("gelu", "gelu_10"), ("gelu_fast", "gelu_new"), ("gelu_python", "gelu_pytorch_tanh"), ("gelu_accurate", "laplace"), ("leaky_relu", "linear"),
    ("mish", "quick_gelu"), ("relu", "relu2"), ("relu6", "sigmoid"), ("silu", "swish"), ("tanh", "gelu"),
]
for first, second in ACTIVATIONS:
    CASES[f"extra-act-{first}-{second}"] = dict(
        vision=("ViTConfig", dict(TINY_VIT, hidden_act=first)), text=("BertConfig", dict(TINY_BERT, hidden_act=second)),
        config=dict(projection_dim=8), images=2, texts=2, length=7, gain=5.0, record=SMALL)

"""Writes calls.json: calls with pairs, truncation, padding and odd tokenizer_config.json switches, answered by AutoTokenizer.

    pip install transformers==4.37.2 tokenizers==0.15.2 && python calls.py
"""
import json, os, random, shutil, tempfile
from transformers import AutoTokenizer

R = random.Random(7)
strings = json.load(open("../tokenizers/strings.json"))
marks = ["[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<mask>", "<pad>", "<|endoftext|>", "<img>", "[XX]", "Ｗｉｄｅ", " ", "  ", "\n", "é", "e\u0301", "İ", "中", "\u1100\u1161\u11a8", "'s", "\x00"]
classes = {
    "bert-uncased-vocabtxt": ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"],
    "bert-json": ["BertTokenizer", "BertTokenizerFast", "PreTrainedTokenizerFast"],
    "mpnet-vocabtxt": ["MPNetTokenizer"],
    "roberta-files": ["RobertaTokenizer", "LongformerTokenizer", "BartTokenizer"],
    "roberta-json": ["RobertaTokenizer", "RobertaTokenizerFast", "PreTrainedTokenizerFast"],
    "clip-files": ["CLIPTokenizer"],
    "clip-json": ["CLIPTokenizer", "PreTrainedTokenizerFast"],
    "xlmr-json": ["XLMRobertaTokenizer", "PreTrainedTokenizerFast"],
    "albert-json": ["AlbertTokenizer", "PreTrainedTokenizerFast"],
    "xlmr-spm": ["XLMRobertaTokenizer", "XLMRobertaTokenizerFast"],
    "camembert-spm": ["CamembertTokenizer"],
    "albert-spm": ["AlbertTokenizer"],
    "rembert-spm": ["RemBertTokenizer"],
    "bigbird-bpe": ["BigBirdTokenizer"],
}


def text():
    if R.random() < 0.5:
        return R.choice(strings)[:60]
    return "".join(R.choice(marks) if R.random() < 0.4 else R.choice(strings)[:8] for _ in range(R.randint(0, 6)))


def half():
    return R.random() < 0.5


out = []
for i in range(168):
    name = sorted(classes)[i % len(classes)]
    config = json.load(open(name + "/tokenizer_config.json"))
    config["tokenizer_class"] = R.choice(classes[name])
    files = [f for f in os.listdir(name) if f in ("vocab.txt", "vocab.json", "merges.txt", "tokenizer.json") or f.endswith(".model")]
    if half():
        config.pop("added_tokens_decoder", None)
    for k in ("do_lower_case", "keep_accents", "tokenize_chinese_chars", "add_prefix_space", "trim_offsets", "clean_up_tokenization_spaces"):
        if R.random() < 0.3:
            config[k] = half()
    if half():
        config["strip_accents"] = R.choice([None, True, False])
    config["padding_side"], config["truncation_side"] = R.choice(["left", "right"]), R.choice(["left", "right"])
    config["model_max_length"] = R.choice([9, 24, 512, 1e30])
    if R.random() < 0.3:
        config["mask_token"] = {"__type": "AddedToken", "content": "[XX]", "lstrip": half(), "rstrip": half(), "normalized": half(), "single_word": half()}
    extra = {"tokenizer_config.json": config}
    if R.random() < 0.3:
        extra["added_tokens.json"] = {"[XX]": 5000, "<img>": 5001}
    if R.random() < 0.3:
        extra["special_tokens_map.json"] = {"sep_token": config.get("sep_token", config.get("eos_token", "</s>")), "additional_special_tokens": ["<img>"]}
    with tempfile.TemporaryDirectory() as d:
        for f in files:
            shutil.copy(name + "/" + f, d)
        for f, v in extra.items():
            json.dump(v, open(d + "/" + f, "w"))
        t = AutoTokenizer.from_pretrained(d)
    for _ in range(2):
        n = R.randint(1, 3)
        texts, pairs, call = [text() for _ in range(n)], None, {}
        if half():
            pairs = [text() for _ in range(n)]
        if half():
            call["padding"] = R.choice([True, "max_length"])
        if half():
            call["truncation"] = R.choice(["longest_first", "longest_first", "only_first", "only_second", False])
        if half():
            call["max_length"] = R.randint(4, 20)
        if R.random() < 0.2:
            call["pad_to_multiple_of"] = R.randint(2, 8)
        if R.random() < 0.2:
            call["add_special_tokens"] = False
        row = {"folder": name, "files": files, "extra": extra, "texts": texts, "pairs": pairs, "call": call}
        try:
            o = t(texts, pairs, return_offsets_mapping=True, return_token_type_ids=True, return_special_tokens_mask=True, **call)
            row["out"] = dict(o)
            row["tokens"] = [o.tokens(i) for i in range(n)]
            row["names"] = t.model_input_names
            row["decoded"] = [t.decode(ids, skip_special_tokens=True) for ids in o["input_ids"]]
        except Exception as e:
            row["error"] = str(e)[:60]
        out.append(row)
json.dump(out, open("calls.json", "w", encoding="utf8"), ensure_ascii=False)
print(len(out), sum("error" in r for r in out))

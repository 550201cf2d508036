"""Tokenizers as checkpoints have them, and what transformers 4.37.2 makes of many strings.

    python text.py --check TESTDATA        asks every question of TESTDATA/text and TESTDATA/tokenizers again
    python text.py TESTDATA [NAME ...]     trains the tokenizers of TESTDATA/text anew (all without NAME) and asks

A folder of text/ holds the files of one kind of checkpoint (vocab.txt; vocab.json and merges.txt; a sentencepiece model;
tokenizer.json), its tokenizer_config.json, and ref.json: whole calls with padding and truncation, decodings and
model_input_names. tokenizers/NAME.ref.json holds the ids and offsets that the tokenizers library gives for strings.json.

The answers are the same at every run. The trained vocabularies are not, where two pieces are equally frequent, so a
second training is a change of test data, not a check.
"""
import argparse
import io
import json
import os
import random
import sys
import tempfile

import sentencepiece
import transformers
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

assert transformers.__version__ == "4.37.2", transformers.__version__
transformers.logging.set_verbosity_error()
SEED = 20
WORDS = (
    "a photo of the cat dog house una foto di un gatto cane eine Katze und Hund le chat noir élève naïve 한국어 고양이 사진 日本語 猫の写真 "
    "фото кота صورة قطة θάλασσα tiếng Việt isn't it's we've 2024 3.14 $5 100% e-mail"
).split()
BERT_SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MPNET_SPECIALS = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
ROBERTA_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def read_json(*path):
    with open(os.path.join(*path), encoding="utf8") as f:
        return json.load(f)


def write_json(value, *path, **how):
    with open(os.path.join(*path), "w", encoding="utf8") as f:
        json.dump(value, f, **how)


def write_corpus(strings, rnd, path):
    lines = [s for s in strings if s.strip()] * 3
    lines += [" ".join(rnd.choices(WORDS, k=rnd.randint(2, 9))) for _ in range(4000)]
    with open(path, "w", encoding="utf8") as f:
        f.write("\n".join(s.replace("\n", " ").replace("\r", " ") for s in lines))


# Each of these trains on a corpus and writes its files to a folder.


def wordpiece(lower, specials=BERT_SPECIALS):
    def train(corpus, folder):
        t = BertWordPieceTokenizer(lowercase=lower, unk_token="[UNK]")
        t.train(corpus, vocab_size=920, special_tokens=specials, show_progress=False)
        vocabulary = t.get_vocab()
        with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf8") as f:
            f.writelines(piece + "\n" for piece in sorted(vocabulary, key=vocabulary.get))
    return train


def write_bpe(tokenizer, extra, folder):
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = model["vocab"]
    for token in extra:
        vocabulary[token] = len(vocabulary)
    write_json(vocabulary, folder, "vocab.json", ensure_ascii=False)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf8") as f:
        f.write("#version: 0.2\n" + "\n".join(merges) + "\n")


def byte_level(corpus, folder):
    t = ByteLevelBPETokenizer()
    t.train(corpus, vocab_size=920, special_tokens=ROBERTA_SPECIALS, show_progress=False)
    write_bpe(t._tokenizer, [], folder)


def clip(corpus, folder):
    t = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train([corpus], trainers.BpeTrainer(vocab_size=920, end_of_word_suffix="</w>", initial_alphabet=alphabet, special_tokens=[], show_progress=False))
    write_bpe(t, ["<|startoftext|>", "<|endoftext|>"], folder)


def unigram(file, **options):
    def train(corpus, folder):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            input=corpus, model_writer=model, model_type="unigram", vocab_size=700, hard_vocab_limit=False, character_coverage=0.98,
            num_threads=1, minloglevel=2, **options)
        with open(os.path.join(folder, file), "wb") as f:
            f.write(model.getvalue())
    return train


XLMR_IDS = dict(unk_id=0, bos_id=1, eos_id=2, pad_id=-1)
ALBERT_IDS = dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols="[CLS],[SEP],[MASK]")

# Folder: how it is trained, and its tokenizer_config.json.
TRAINED = {
    "bert-uncased-vocabtxt": (wordpiece(True), dict(tokenizer_class="BertTokenizer", do_lower_case=True)),
    "bert-cased-vocabtxt": (wordpiece(False), dict(tokenizer_class="BertTokenizer", do_lower_case=False, model_max_length=24)),
    "bert-nochinese-keepaccents": (wordpiece(False), dict(tokenizer_class="BertTokenizer", do_lower_case=True, strip_accents=False, tokenize_chinese_chars=False)),
    "mpnet-vocabtxt": (wordpiece(True, MPNET_SPECIALS), dict(tokenizer_class="MPNetTokenizer", do_lower_case=True)),
    "mobilebert-vocabtxt": (wordpiece(True), dict(tokenizer_class="MobileBertTokenizer", do_lower_case=True, padding_side="left")),
    "squeezebert-vocabtxt": (wordpiece(True), dict(tokenizer_class="SqueezeBertTokenizer", do_lower_case=True)),
    "roberta-files": (byte_level, dict(tokenizer_class="RobertaTokenizer")),
    "roberta-prefix-space": (byte_level, dict(tokenizer_class="RobertaTokenizer", add_prefix_space=True, model_max_length=20)),
    "clip-files": (clip, dict(tokenizer_class="CLIPTokenizer", model_max_length=16, pad_token="<|endoftext|>")),
    "xlmr-spm": (unigram("sentencepiece.bpe.model", **XLMR_IDS), dict(tokenizer_class="XLMRobertaTokenizer")),
    "camembert-spm": (unigram("sentencepiece.bpe.model", **XLMR_IDS), dict(tokenizer_class="CamembertTokenizer")),
    "albert-spm": (unigram("spiece.model", normalization_rule_name="nmt_nfkc_cf", **ALBERT_IDS),
                   dict(tokenizer_class="AlbertTokenizer", do_lower_case=True, remove_space=True, keep_accents=False)),
    "rembert-spm": (unigram("sentencepiece.model", **ALBERT_IDS), dict(tokenizer_class="RemBertTokenizer", do_lower_case=False, remove_space=True, keep_accents=True)),
}
# Folder: the one above that it is, saved as tokenizer.json with tokens added.
SAVED = {
    "bert-json": "bert-uncased-vocabtxt", "roberta-json": "roberta-files", "clip-json": "clip-files",
    "xlmr-json": "xlmr-spm", "albert-json": "albert-spm",
}


def train(name, out, corpus):
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    if name in TRAINED:
        how, config = TRAINED[name]
        write_json(config, folder, "tokenizer_config.json", indent=1)
        how(corpus, folder)
        return
    t = AutoTokenizer.from_pretrained(os.path.join(out, SAVED[name]))
    t.add_tokens(["<new word>", "Ｗｉｄｅ"])
    t.add_special_tokens({"additional_special_tokens": ["<img>"]})
    t.save_pretrained(folder, legacy_format=False)


def questions(tokenizer, strings, rnd):
    """Calls as (texts, keyword arguments), and texts to be decoded again."""
    some = rnd.sample(strings, 24) + ["<new word> x<img>y Ｗｉｄｅ", "x<mask> y [MASK]z <|endoftext|>a", ""]
    calls = [(strings, {})]
    calls += [(some, call) for call in (
        dict(padding=True), dict(padding=True, truncation=True, max_length=11), dict(padding="max_length", truncation=True, max_length=14),
        dict(padding=True, pad_to_multiple_of=8), dict(add_special_tokens=False))]
    if tokenizer.model_max_length < 1000:
        calls.append((some, dict(padding=True, truncation=True)))
    return calls, some + rnd.sample(strings, 40)


def fields(encoding):
    return {k: [list(row) for row in v] for k, v in encoding.items()}


def ask(tokenizer, strings, rnd):
    calls, texts = questions(tokenizer, strings, rnd)
    ref = {"calls": [], "decode": [], "model_input_names": tokenizer.model_input_names}
    for given, call in calls:
        ref["calls"].append({"call": call, "texts": given, "out": fields(tokenizer(given, **call))})
    for text in texts:
        ids = tokenizer(text)["input_ids"]
        for skip in (False, True):
            ref["decode"].append({"ids": ids, "skip": skip, "text": tokenizer.decode(ids, skip_special_tokens=skip)})
    return ref


def check_folder(folder):
    """The number of answers in a folder's ref.json, and how many of them are given otherwise now."""
    tokenizer, ref = AutoTokenizer.from_pretrained(folder), read_json(folder, "ref.json")
    assert tokenizer.is_fast
    wrong = [tokenizer.model_input_names != ref["model_input_names"]]
    wrong += [fields(tokenizer(c["texts"], **c["call"])) != c["out"] for c in ref["calls"]]
    wrong += [tokenizer.decode(d["ids"], skip_special_tokens=d["skip"]) != d["text"] for d in ref["decode"]]
    return len(wrong), sum(wrong)


def check_backend(folder, name, strings):
    """The same of a tokenizer.json alone."""
    # Files that later versions of the library wrote are asked in their older spelling, which says the same.
    file = read_json(folder, name + ".json")
    if any(isinstance(m, list) for m in file["model"].get("merges", [])):  # 0.20
        file["model"]["merges"] = [" ".join(m) for m in file["model"]["merges"]]
    for step in (file["pre_tokenizer"] or {}).get("pretokenizers", []):
        if step.pop("split", False):  # 0.19
            step["add_prefix_space"] = step["prepend_scheme"] == "always"
    encoded = Tokenizer.from_str(json.dumps(file)).encode_batch(strings)
    ref = read_json(folder, name + ".ref.json")
    wrong = [e.ids != ids or [list(o) for o in e.offsets] != offsets for e, ids, offsets in zip(encoded, ref["ids"], ref["offs"], strict=True)]
    return len(wrong), sum(wrong)


def check(testdata):
    strings = read_json(testdata, "tokenizers", "strings.json")
    rows = []
    for name in sorted(os.listdir(os.path.join(testdata, "text"))):
        folder = os.path.join(testdata, "text", name)
        if os.path.exists(os.path.join(folder, "ref.json")):
            rows.append(("text/" + name, *check_folder(folder)))
    for file in sorted(os.listdir(os.path.join(testdata, "tokenizers"))):
        name = file.removesuffix(".ref.json")
        if name != file:
            rows.append(("tokenizers/" + name, *check_backend(os.path.join(testdata, "tokenizers"), name, strings)))
    for name, answers, wrong in rows:
        print(f"{name:36s} {answers:4d} answers{f', {wrong} DIFFER' if wrong else ''}")
    return any(wrong for _, _, wrong in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what TESTDATA holds, change nothing")
    parser.add_argument("testdata")
    parser.add_argument("name", nargs="*")
    args = parser.parse_args()
    if args.check:
        return int(check(args.testdata))
    known = [*TRAINED, *SAVED]
    if unknown := set(args.name) - set(known):
        parser.error("no such folder: " + ", ".join(sorted(unknown)))
    out, strings = os.path.join(args.testdata, "text"), read_json(args.testdata, "tokenizers", "strings.json")
    rnd = random.Random(SEED)
    with tempfile.TemporaryDirectory() as tmp:
        corpus = os.path.join(tmp, "corpus.txt")
        write_corpus(strings, rnd, corpus)
        for name in [n for n in known if not args.name or n in args.name]:
            train(name, out, corpus)
            tokenizer = AutoTokenizer.from_pretrained(os.path.join(out, name))
            write_json(ask(tokenizer, strings, rnd), out, name, "ref.json", ensure_ascii=False)
            print(name, len(tokenizer), tokenizer.model_input_names, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

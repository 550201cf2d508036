"""Trains bigbird-bpe/spiece.model, a small sentencepiece model of type BPE, without a charsmap.

    pip install sentencepiece==0.2.0 && python spm.py
"""
import io, json, os
import sentencepiece as spm

strings = [s for s in json.load(open("../tokenizers/strings.json")) if len(s) > 30 and "\n" not in s]
model = io.BytesIO()
spm.SentencePieceTrainer.train(
    sentence_iterator=iter(strings * 3), model_writer=model, vocab_size=900, model_type="bpe", normalization_rule_name="identity",
    character_coverage=0.995, pad_id=0, eos_id=1, bos_id=2, unk_id=3, user_defined_symbols=["[SEP]", "[MASK]", "[CLS]"], hard_vocab_limit=False, minloglevel=2)
os.makedirs("bigbird-bpe", exist_ok=True)
open("bigbird-bpe/spiece.model", "wb").write(model.getvalue())
json.dump({"tokenizer_class": "BigBirdTokenizer"}, open("bigbird-bpe/tokenizer_config.json", "w"))

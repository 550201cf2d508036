package main

import (
	"context"

	"github.com/vkdual/vkdual/dualencoder/tokenizer"
)

type tokenizeCmd struct {
	folderFlag
	Text      []string `sep:"none" placeholder:"STR" help:"Texts; several may follow."`
	TextsFrom string   `placeholder:"FILE|-" help:"More texts from a file or standard input: a JSON array of strings, or one a line."`

	Padding         string `enum:"longest,max_length,none" default:"none" help:"Fill rows up: ${enum}. Default: none."`
	Truncation      bool   `help:"Cut rows to --max-length."`
	MaxLength       int    `placeholder:"N" help:"Length in tokens for --truncation and --padding=max_length. Default: the tokenizer's model_max_length."`
	PadToMultipleOf int    `placeholder:"N" help:"Round the padded length up."`
	NoSpecialTokens bool   `help:"Leave out [CLS], [SEP] and the like."`
	verboseFlag
}

func (tokenizeCmd) Help() string {
	return "Prints one JSON object, as HuggingFace's tokenizers return it. No device is needed.\n\n" + examples(
		`vkdual tokenize --model DIR --text "a photo of a cat" "zwei Hunde"`, "two rows of ids",
		"vkdual tokenize --model DIR --texts-from lines.txt --padding longest", "one row a line, of one length",
		"vkdual tokenize --model DIR --text x --padding max_length --max-length 77 --truncation", "rows of 77",
	)
}

func (t tokenizeCmd) Run(ctx context.Context, c *console) error {
	if len(t.Text) == 0 && t.TextsFrom == "" {
		return usagef("tokenize: no text: give --text or --texts-from")
	}
	if t.MaxLength < 0 {
		return usagef("--max-length %d: want 1 or more", t.MaxLength)
	}
	if t.PadToMultipleOf < 0 {
		return usagef("--pad-to-multiple-of %d: want 1 or more", t.PadToMultipleOf)
	}
	p, err := t.processor(c)
	if err != nil {
		return err
	}
	tok, err := p.Tokenizer()
	if err != nil {
		return err
	}
	texts, err := collect(c.inOrder(ctx, t.Text, t.TextsFrom))
	if err != nil {
		return err
	}
	c.noteInvalid(texts)
	b, err := tok.Encode(texts, t.options())
	if err != nil {
		return err
	}
	return jsonLine(c.out, b)
}

func (t tokenizeCmd) options() tokenizer.Options {
	o := tokenizer.Options{
		NoSpecialTokens: t.NoSpecialTokens,
		MaxLength:       t.MaxLength,
		PadToMultipleOf: t.PadToMultipleOf,
		Padding: map[string]tokenizer.Padding{
			"none": tokenizer.NoPadding, "longest": tokenizer.PadLongest, "max_length": tokenizer.PadMaxLength,
		}[t.Padding],
	}
	if t.Truncation {
		o.Truncation = tokenizer.LongestFirst
	}
	return o
}

package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/vkdual/vkdual/dualencoder"
)

type embedCmd struct {
	folderFlag
	Image      []string `sep:"none" placeholder:"FILE|DIR|GLOB" help:"Pictures; several may follow. A folder stands for the pictures in it and below."`
	Text       []string `sep:"none" placeholder:"STR" help:"Texts; several may follow."`
	ImagesFrom string   `placeholder:"FILE|-" help:"More pictures, listed in a file or on standard input: a JSON array of strings, or one a line."`
	TextsFrom  string   `placeholder:"FILE|-" help:"More texts, as --images-from."`
	AllowURLs  bool     `name:"allow-urls" help:"Fetch pictures whose http or https address stands on standard input (--images-from -), each within 30 seconds and 64 MiB."`
	Out        string   `short:"o" placeholder:"OUT" help:"Write to a file, which appears when it is whole. Default: standard output."`
	Format     string   `enum:"auto,table,jsonl,npy" default:"auto" help:"${enum}. auto, the default, is npy where OUT ends so, else jsonl."`
	Raw        bool     `help:"The projection itself, not divided by its length."`
	decodeFlags
	modelFlags
	deviceFlags
}

func (embedCmd) Help() string {
	return "Pictures come first, then texts, each in the order given. An input that fails is reported, the others go on, and the exit status is 1. " +
		"After an interrupt (status 130) or an error, what was finished is kept; with --strict an error leaves no OUT. " +
		"In npy format rows are the inputs that succeeded.\n\n" + examples(
		"vkdual embed --image cat.jpg", "one JSON line: kind, source, embedding",
		"vkdual embed --model DIR --image photos/ --text \"a cat\" \"a dog\" -o out.jsonl", "a folder and two texts",
		"vkdual embed --model DIR --texts-from - --format npy -o texts.npy < texts.txt", "one row a line, for NumPy",
		"vkdual embed --images-from - --allow-urls < urls.txt", "pictures from the web, which are fetched in no other case",
	)
}

func (e embedCmd) Run(ctx context.Context, c *console) (err error) {
	format, err := e.check(c)
	if err != nil {
		return err
	}
	decode, err := e.decodeFlags.options()
	if err != nil {
		return err
	}
	opt := dualencoder.EmbedOptions{Raw: e.Raw, Strict: e.Strict, Decode: decode}
	out, err := c.create(e.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	d, err := e.openAll(c)
	if err != nil {
		return err
	}
	defer func() { err = d.close(c, err) }()
	m, closeModels, err := e.openPool(c, d, e.folderFlag, e.side())
	if err != nil {
		return err
	}
	defer closeModels()

	if err := e.openHalves(m); err != nil {
		return err
	}
	w, err := newEmbeddings(format, out, m.Dim())
	if err != nil {
		return err
	}
	c.progress(e.total(), "embedding", out)
	err = e.run(ctx, c, m, opt, w)
	c.done()
	c.noteLoads(m)
	if err != nil && (e.Strict && ctx.Err() == nil || out.Flush() != nil) {
		return err // and no file
	}
	return errors.Join(err, w.close(), out.commit())
}

// check holds the flags against each other and gives the format.
func (e embedCmd) check(c *console) (string, error) {
	if !e.wantsImages() && !e.wantsTexts() {
		return "", usagef("embed: nothing to embed: give --image, --text, --images-from or --texts-from")
	}
	if e.ImagesFrom == "-" && e.TextsFrom == "-" {
		return "", usagef("embed: --images-from and --texts-from cannot both read standard input")
	}
	if e.AllowURLs && e.ImagesFrom != "-" {
		return "", usagef("embed: --allow-urls is for addresses on standard input: give --images-from -")
	}
	format := e.Format
	if format == "auto" {
		format = "jsonl"
		if strings.HasSuffix(e.Out, ".npy") {
			format = "npy"
		}
	}
	if format == "npy" && (e.Out == "" || e.Out == "-") && terminal(c.out) {
		return "", usagef("embed: --format npy is not for a terminal: give -o OUT")
	}
	return format, e.modelFlags.check()
}

// web fetches pictures, or is nil where that is not allowed.
func (e embedCmd) web() *fetcher {
	if !e.AllowURLs {
		return nil
	}
	return newFetcher(30*time.Second, 64<<20)
}

func (e embedCmd) wantsImages() bool { return len(e.Image) > 0 || e.ImagesFrom != "" }
func (e embedCmd) wantsTexts() bool  { return len(e.Text) > 0 || e.TextsFrom != "" }

// side is the tower that is needed: a model takes half as long to load then.
func (e embedCmd) side() dualencoder.Side {
	switch {
	case !e.wantsImages():
		return dualencoder.TextSide
	case !e.wantsTexts():
		return dualencoder.ImageSide
	}
	return dualencoder.BothSides
}

// total is the number of inputs, -1 where it is not known beforehand.
func (e embedCmd) total() int {
	if e.ImagesFrom != "" || e.TextsFrom != "" {
		return -1
	}
	for _, name := range e.Image {
		if !plainFile(name) {
			return -1
		}
	}
	return len(e.Image) + len(e.Text)
}

// openHalves fails once, where each input would fail for the same reason.
func (e embedCmd) openHalves(m *dualencoder.Pool) error {
	if e.wantsImages() {
		if _, err := m.Processor().Images(); err != nil {
			return err
		}
	}
	if e.wantsTexts() {
		if _, err := m.Processor().Tokenizer(); err != nil {
			return err
		}
	}
	return nil
}

func (e embedCmd) run(ctx context.Context, c *console, m *dualencoder.Pool, opt dualencoder.EmbedOptions, w embeddings) error {
	s := c.sources(ctx, e.Image, e.ImagesFrom, opt.Decode, e.web())
	if err := e.drain(ctx, c, "image", w, m.StreamImages(ctx, s.all, opt), s.next, nil); err != nil {
		return err
	}
	t := &textQueue{
		list:  c.inOrder(ctx, e.Text, e.TextsFrom),
		check: func(text string) error { return c.checkUTF8(text, e.Strict) },
	}
	err := e.drain(ctx, c, "text", w, m.StreamTexts(ctx, t.all, opt), t.next, func(r dualencoder.Result, name string) {
		if limit := m.MaxTokens(); r.Tokens > limit {
			c.note("%s: %d tokens, cut to the model's %d", quoted(name), r.Tokens, limit)
		}
	})
	if err == nil && t.err != nil {
		c.fail(t.name, t.err)
		if e.Strict {
			return errStrict
		}
	}
	return err
}

// drain writes results as they come.
func (e embedCmd) drain(ctx context.Context, c *console, kind string, w embeddings, results iter.Seq2[int, dualencoder.Result],
	next func() string, note func(dualencoder.Result, string)) error {
	for _, r := range results {
		if r.Err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		name := next()
		c.step(1)
		if r.Err != nil {
			shown := name
			if kind == "text" {
				shown = quoted(name)
			}
			if err := c.inputFailed(shown, r.Err, e.Strict, "--text"); err != nil {
				return err
			}
			continue
		}
		if note != nil {
			note(r, name)
		}
		if err := w.write(kind, name, r.Embedding); err != nil {
			return fmt.Errorf("writing the embedding of %s: %w", name, err)
		}
	}
	return ctx.Err()
}

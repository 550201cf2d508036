package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder"
)

type classifyCmd struct {
	folderFlag
	Images     []string `arg:"" name:"IMAGE" help:"Pictures: files, folders or patterns."`
	Label      []string `short:"l" sep:"none" placeholder:"STR" help:"A label; give two or more, each with its own --label."`
	LabelsFrom string   `placeholder:"FILE|-" help:"More labels from a file or standard input: a JSON array of strings, or one a line; empty lines are skipped."`
	Template   []string `sep:"none" placeholder:"STR" help:"A sentence with {} where the label goes; several are averaged. Default: the label alone."`
	Top        *int     `placeholder:"K" help:"Show only the K best labels."`
	Format     string   `enum:"table,jsonl" default:"table" help:"${enum}. Default: ${default}."`
	Out        string   `short:"o" placeholder:"OUT" help:"Write to a file, which appears when it is whole. Default: standard output."`
	decodeFlags
	modelFlags
	deviceFlags
}

func (classifyCmd) Help() string {
	return "Probabilities are the softmax over the labels given; they say which fits best, not whether any does. Those of SigLIP are of each label by itself. " +
		"A picture that fails is reported, the others go on, and the exit status is 1.\n\n" + examples(
		"vkdual classify cat.png --label cat --label dog --label rocket", "with the model that comes with the program",
		`vkdual classify --model DIR photos/ --labels-from labels.txt --template "a photo of a {}" --top 5`, "a folder, the five best labels of a list",
		"vkdual classify --model DIR cat.jpg -l cat -l dog --format jsonl", "one JSON line for each picture",
	)
}

func (k classifyCmd) Run(ctx context.Context, c *console) (err error) {
	labels, err := k.labels(ctx, c)
	if err != nil {
		return err
	}
	if err := k.check(labels); err != nil {
		return err
	}
	for _, l := range slices.Concat(labels, k.Template) {
		if err := c.checkUTF8(l, k.Strict); err != nil {
			return fmt.Errorf("%s: %w", quoted(l), err)
		}
	}
	decode, err := k.decodeFlags.options()
	if err != nil {
		return err
	}
	opt := dualencoder.EmbedOptions{Strict: k.Strict, Decode: decode}
	out, err := c.create(k.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	d, err := k.openAll(c)
	if err != nil {
		return err
	}
	defer func() { err = d.close(c, err) }()
	m, closeModels, err := k.openPool(c, d, k.folderFlag, dualencoder.BothSides)
	if err != nil {
		return err
	}
	defer closeModels()
	if _, err := m.Processor().Images(); err != nil {
		return err
	}
	classifier, err := m.NewClassifier(ctx, labels, k.Template, opt)
	if err != nil {
		return err
	}
	for _, n := range classifier.Notes {
		c.note("%s", n)
	}
	c.progress(-1, "classifying", out)
	err = k.run(ctx, c, classifier, opt, out)
	c.done()
	c.noteLoads(m)
	if err != nil && (k.Strict && ctx.Err() == nil || out.Flush() != nil) {
		return err
	}
	return errors.Join(err, out.commit())
}

func (k classifyCmd) labels(ctx context.Context, c *console) ([]string, error) {
	labels := k.Label
	if k.LabelsFrom != "" {
		listed, err := collect(c.list(ctx, k.LabelsFrom))
		if err != nil {
			return nil, err
		}
		labels = append(labels, slices.DeleteFunc(listed, func(s string) bool { return s == "" })...)
	}
	return labels, nil
}

func (k classifyCmd) check(labels []string) error {
	if len(labels) == 0 {
		return usagef("classify: no label: give --label, once for each, or --labels-from FILE")
	}
	seen := map[string]bool{}
	for _, l := range labels {
		if strings.TrimSpace(l) == "" {
			return usagef("classify: an empty label")
		}
		if seen[l] {
			return usagef("classify: the label %q is given twice", l)
		}
		seen[l] = true
	}
	for _, t := range k.Template {
		if !strings.Contains(t, dualencoder.Placeholder) {
			return usagef("classify: the template %q has no %s, where the label goes", t, dualencoder.Placeholder)
		}
	}
	if k.Top != nil && *k.Top < 1 {
		return usagef("--top %d: want 1 or more", *k.Top)
	}
	return k.modelFlags.check()
}

func (k classifyCmd) run(ctx context.Context, c *console, classifier *dualencoder.Classifier, opt dualencoder.EmbedOptions, out *output) error {
	labels, top := classifier.Labels(), 0
	if k.Top != nil {
		top = *k.Top
	}
	s := c.sources(ctx, k.Images, "", opt.Decode, nil)
	for _, r := range classifier.Stream(ctx, s.all, opt) {
		if r.Err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		name := s.next()
		c.step(1)
		if r.Err != nil {
			if err := c.inputFailed(name, r.Err, k.Strict, "--label"); err != nil {
				return err
			}
			continue
		}
		write := writeTable
		if k.Format == "jsonl" {
			write = writeScores
		}
		if err := write(out, name, scores(r, labels, top)); err != nil {
			return err
		}
		if err := out.offer(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// A score is what a picture gives a label.
type score struct {
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
	Logit       float32 `json:"logit"`
}

// scores are the k best labels, the best first.
func scores(r dualencoder.Classification, labels []string, k int) []score {
	var out []score // all of them where k is 0
	for _, i := range r.Top(k) {
		out = append(out, score{labels[i], r.Probabilities[i], r.Logits[i]})
	}
	return out
}

func writeScores(out *output, source string, s []score) error {
	return jsonLine(out, struct {
		Source string  `json:"source"`
		Labels []score `json:"labels"`
	}{source, s})
}

func writeTable(out *output, source string, s []score) error {
	fmt.Fprintln(out, source)
	for _, x := range s {
		fmt.Fprintf(out, "  %5.1f %%  %s\n", 100*x.Probability, x.Label)
	}
	return nil // a bufio.Writer's error sticks until Flush
}

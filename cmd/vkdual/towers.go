package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vkdual/vkdual/dualencoder/config"
	"github.com/vkdual/vkdual/serialize/checkpoint"
)

type towersCmd struct{}

func (towersCmd) Help() string {
	return examples(
		"vkdual towers", "every tower, by the model_type in a config",
		"vkdual towers > docs/compatibility.md", "the page of the documentation (tests hold it to this program)",
	)
}

func (towersCmd) Run(c *console) error { return writeTowers(c.out) }

// writeTowers writes the page from the registry, in Markdown.
func writeTowers(w io.Writer) error {
	_, err := fmt.Fprintf(w, `# Towers

A checkpoint of `+"`VisionTextDualEncoder`"+` names its two towers by the `+"`model_type`"+` of vision_config and text_config.
Any vision tower that works goes with any text tower that works. What is not in these tables is refused by name, too.

Whole models with towers of their own work too, by the `+"`model_type`"+` of config.json itself: %s.

Written by `+"`vkdual towers`"+`; the reference of behaviour is transformers 4.37.2.
`, strings.Join(slices.DeleteFunc(config.Classes(), func(c string) bool { return c == config.ModelType }), ", "))
	for _, side := range []struct{ title, key string }{{"Vision", "vision_config"}, {"Text", "text_config"}} {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n## %s\n\n| %-20s | %-5s | %s |\n|%s|%s|---|\n", side.title, "tower", "works", "why not", strings.Repeat("-", 22), strings.Repeat("-", 7))
		}
		for _, t := range config.Towers(side.key) {
			works := "yes"
			if t.Refused != "" {
				works = "no"
			}
			if err == nil {
				_, err = fmt.Fprintf(w, "| %-20s | %-5s | %s |\n", t.ModelType, works, t.Refused)
			}
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "\n## Weights\n\nRead from the first of these that a folder holds: %s.\n", strings.Join(checkpoint.Files(), ", "))
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
	"github.com/vkdual/vkdual/runtime"
)

// app is the whole command line.
type app struct {
	Embed      embedCmd      `cmd:"" help:"Give pictures and texts as vectors of one space, one for each."`
	Classify   classifyCmd   `cmd:"" help:"Say which of some labels fits a picture."`
	Forward    forwardCmd    `cmd:"" help:"Run the model itself: tensors in, tensors out."`
	Pull       pullCmd       `cmd:"" help:"Fetch a model from a hub, to be used by its name."`
	New        newCmd        `cmd:"" help:"Make one model of a vision and a text tower."`
	Convert    convertCmd    `cmd:"" help:"Save a model as safetensors, from whatever form it is in."`
	Tokenize   tokenizeCmd   `cmd:"" help:"Show the token ids of texts."`
	Process    processCmd    `cmd:"" help:"Write what the processor feeds the model."`
	Devices    devicesCmd    `cmd:"" help:"List the Vulkan devices and say which would be picked."`
	Towers     towersCmd     `cmd:"" help:"List the towers, those that work and those that cannot."`
	Bench      benchCmd      `cmd:"" help:"Measure a device."`
	Selftest   selftestCmd   `cmd:"" help:"Check a device: every shader against plain Go, and a small model."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

const about = `Any HuggingFace VisionTextDualEncoder on any Vulkan device.

Without --model, a small model that comes with the program is used.`

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &console{in: stdin, out: stdout, err: stderr}
	exited := false
	parser, err := newParser(stdout, stderr, func(int) { exited = true })
	if err != nil {
		panic(err) // the structs above are wrong
	}
	k, err := parser.Parse(arrange(spelled(args), parser.Model))
	if exited { // --help has been printed
		return 0
	}
	if err == nil {
		k.BindTo(ctx, (*context.Context)(nil))
		err = k.Run(c)
	}
	return c.finish(ctx, err)
}

// spelled brings what people try first into this program's spelling.
func spelled(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(args[1:len(args):len(args)], "--help")
	case args[0] == "--version":
		return []string{"version"}
	}
	return args
}

func newParser(stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(&app{},
		kong.Name("vkdual"),
		kong.Description(about),
		kong.KindMapper(reflect.String, kong.MapperFunc(verbatim)),
		kong.Vars{"max_pixels": strconv.Itoa(pillow.DefaultMaxPixels), "capabilities": strings.Join(runtime.Capabilities, ", ")},
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "numbers", Title: "Numbers:"},
			{Key: "device", Title: "Device:"},
			{Key: "diagnosis", Title: "Diagnosis:"},
		}),
	)
}

// verbatim takes a string as it stands: kong's own way goes through JSON, which
// spoils what is not UTF-8, such as old file names.
func verbatim(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("string")
	if err != nil {
		return err
	}
	s, ok := t.Value.(string)
	if !ok {
		s = fmt.Sprint(t.Value) // not from the command line
	}
	target.SetString(s)
	return nil
}

// finish reports err and gives the exit status.
func (c *console) finish(ctx context.Context, err error) int {
	var parse *kong.ParseError
	var usage *usageError
	var device *runtime.UnknownDeviceError
	var devices *runtime.DeviceListError
	switch {
	case errors.As(err, &parse):
		c.complain(parse)
		command := "vkdual"
		if n := parse.Context.Selected(); n != nil {
			command = n.FullPath()
		}
		fmt.Fprintf(c.err, "Run \"%s --help\" for what can be said.\n", command)
		return statusUsage
	case errors.As(err, &usage), errors.As(err, &device), errors.As(err, &devices):
		c.complain(err)
		return statusUsage
	case ctx.Err() != nil:
		c.complain(errors.New("interrupted"))
		return statusInterrupt
	case err != nil:
		c.complain(err)
		return statusFailed
	case c.failed > 0:
		return statusFailed
	}
	return 0
}

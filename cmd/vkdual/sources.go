package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// sources feeds pictures to a pipeline that reads ahead, and remembers the
// names of those under way.
type sources struct {
	all iter.Seq[imageprocessor.Source]

	mu    sync.Mutex
	names []string
}

// sources are the pictures of some names and of the list in the file from ("": none).
// A name that stands for no picture is a source that fails. Addresses on the web
// that come from standard input are fetched by web, unless that is nil.
func (c *console) sources(ctx context.Context, names []string, from string, o pillow.DecodeOptions, web *fetcher) *sources {
	s := &sources{}
	s.all = func(yield func(imageprocessor.Source) bool) {
		for e := range pictures(c.inOrder(ctx, names, from)) {
			s.push(e.text)
			src := imageprocessor.File(e.text, o)
			if isURL(e.text) && e.err == nil {
				switch {
				case e.piped && web != nil:
					src.Load = func() (pillow.Picture, error) { return web.open(ctx, e.text, o) }
				case e.piped:
					e.err = &noPictureError{e.text, "an address on the web: give --allow-urls to fetch it"}
				default:
					e.err = &noPictureError{e.text, "an address on the web: only one listed on standard input is fetched (vkdual embed --images-from - --allow-urls)"}
				}
			}
			if e.err != nil {
				src.Load = func() (pillow.Picture, error) { return nil, e.err }
			}
			if !yield(src) {
				return
			}
		}
	}
	return s
}

func (s *sources) push(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, name)
}

// next is the name of the source whose result comes next.
func (s *sources) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := s.names[0]
	s.names = s.names[1:]
	return name
}

// bare is err without the path that the report begins with.
func bare(path string, err error) string {
	var decode *pillow.DecodeError
	var large *pillow.TooLargeError
	var system *fs.PathError
	var text string
	switch {
	case errors.As(err, &system) && system.Path == path:
		text = system.Err.Error()
	case errors.As(err, &decode):
		e := *decode
		e.Path = ""
		text = e.Error()
	case errors.As(err, &large):
		e := *large
		e.Path = ""
		text = e.Error()
	default:
		text = strings.TrimPrefix(err.Error(), fmt.Sprintf("%q: ", path))
	}
	return strings.TrimPrefix(text, "pillow: decode: ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

// A fetcher gets pictures from the web.
type fetcher struct {
	client *http.Client
	limit  int64 // bytes of a picture
}

// newFetcher gives each picture so much time, redirects included.
func newFetcher(timeout time.Duration, limit int64) *fetcher {
	const redirects = 5
	return &fetcher{limit: limit, client: &http.Client{
		Timeout: timeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case !isURL(r.URL.String()):
				return fmt.Errorf("redirected to %s: neither http nor https", r.URL)
			case len(via) > redirects:
				return fmt.Errorf("redirected more than %d times", redirects)
			}
			return nil
		},
	}}
}

// isURL reports whether a name is an address on the web.
func isURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// open gets and decodes one picture.
func (f *fetcher) open(ctx context.Context, address string, o pillow.DecodeOptions) (pillow.Picture, error) {
	data, err := f.get(ctx, address)
	if err != nil {
		return nil, err
	}
	return pillow.Open(data, o)
}

// get reads all of what an address gives. Errors do not name it.
func (f *fetcher) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, withoutURL(err)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, f.slow(withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server says %s", response.Status)
	}
	tooLong := fmt.Errorf("more than %d bytes", f.limit)
	if response.ContentLength > f.limit {
		return nil, tooLong
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, f.limit+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the connection ended after %d bytes of %d", len(data), response.ContentLength)
	case err != nil:
		return nil, f.slow(err)
	case int64(len(data)) > f.limit:
		return nil, tooLong
	}
	return data, nil
}

// slow words the end of the time that a picture has.
func (f *fetcher) slow(err error) error {
	if os.IsTimeout(err) {
		return fmt.Errorf("not there after %v", f.client.Timeout)
	}
	return err
}

// withoutURL is what happened, without the method and the address.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

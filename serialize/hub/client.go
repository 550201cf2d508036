package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Client asks a hub.
type Client struct {
	Settings
	Version  string                               // for the header User-Agent
	Progress func(file string, done, total int64) // may be nil; calls may come from several goroutines
	Log      func(format string, args ...any)     // tells of retries; may be nil

	wait func(context.Context, time.Duration) error // nil: sleep; of tests
}

// StatusError is a server's refusal.
type StatusError struct {
	URL    string
	Status int
	Code   string // the hub's own, from X-Error-Code: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo
	Detail string // its X-Error-Message

	retryAfter time.Duration
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %d %s", e.URL, e.Status, http.StatusText(e.Status))
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// temporary reports whether to ask again can help.
func (e *StatusError) temporary() bool {
	return e.Status >= 500 || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}

// most is the largest answer that is read into memory: the list of a repository's files.
const most = 64 << 20

// listing is what the hub says of a repository at a revision.
type listing struct {
	commit string
	files  []string
}

func (c *Client) list(ctx context.Context, repo Repo, revision string) (listing, error) {
	var body []byte
	at := fmt.Sprintf("%s/api/models/%s/revision/%s", c.Endpoint, repo, url.PathEscape(revision))
	err := c.again(ctx, at, func() (bool, error) {
		r, stop, err := c.do(ctx, http.MethodGet, at, nil)
		if err != nil {
			return false, err
		}
		defer stop()
		body, err = io.ReadAll(io.LimitReader(r.Body, most+1))
		return false, err
	})
	if err != nil {
		return listing{}, err
	}
	if len(body) > most {
		return listing{}, fmt.Errorf("%s: an answer of more than %d MiB", at, most>>20)
	}
	var parsed struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		return listing{}, fmt.Errorf("%s: not the JSON of a hub: %w", at, err)
	}
	if !commitHash.MatchString(parsed.SHA) {
		return listing{}, fmt.Errorf("%s: sha %q, want 40 hexadecimal digits", at, parsed.SHA)
	}
	l := listing{commit: parsed.SHA}
	for _, s := range parsed.Siblings {
		l.files = append(l.files, s.Name)
	}
	return l, nil
}

// meta is what the hub says of a file: its size and its hash.
type meta struct {
	etag string
	size int64
}

// head asks for a file's size and hash. They stand in the hub's own answer;
// where the bytes are, it says by a redirection that is not followed here.
func (c *Client) head(ctx context.Context, repo Repo, commit, file string) (meta, error) {
	at := c.url(repo, commit, file)
	var m meta
	err := c.again(ctx, at, func() (bool, error) {
		r, stop, err := c.do(ctx, http.MethodHead, at, nil)
		if err != nil {
			return false, err
		}
		defer stop()
		if said := r.Header.Get("X-Repo-Commit"); said != "" && said != commit {
			return false, &permanentError{fmt.Errorf("%s: answered for commit %q", at, said)}
		}
		m.etag = etag(firstOf(r.Header.Get("X-Linked-Etag"), r.Header.Get("ETag")))
		m.size, err = strconv.ParseInt(firstOf(r.Header.Get("X-Linked-Size"), r.Header.Get("Content-Length")), 10, 64)
		if err != nil || m.size < 0 {
			return false, &permanentError{fmt.Errorf("%s: the server does not say the file's size", at)}
		}
		if !blobName.MatchString(m.etag) {
			return false, &permanentError{fmt.Errorf("%s: etag %q is no hash", at, m.etag)}
		}
		return false, nil
	})
	return m, err
}

func (c *Client) url(repo Repo, commit, file string) string {
	parts := strings.Split(file, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return fmt.Sprintf("%s/%s/resolve/%s/%s", c.Endpoint, repo, commit, strings.Join(parts, "/"))
}

// etag takes the quotes and the mark of a weak tag off.
func etag(header string) string {
	return strings.Trim(strings.TrimPrefix(header, "W/"), `"`)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// do sends a request; the answer's status is 2xx, or 3xx to a HEAD. The body
// fails when nothing arrives for the time of Stall. stop ends the request.
func (c *Client) do(ctx context.Context, method, at string, header http.Header) (r *http.Response, stop func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stalled := fmt.Errorf("%s: nothing arrived for %v", at, c.Stall)
	timer := time.AfterFunc(c.Stall, func() { cancel(stalled) })
	stop = func() {
		timer.Stop()
		if r != nil {
			r.Body.Close()
		}
		cancel(nil)
	}
	defer func() {
		if err != nil {
			if cause := context.Cause(ctx); errors.Is(cause, stalled) {
				err = cause
			}
			stop()
		}
	}()
	request, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return nil, stop, err
	}
	for k, v := range header {
		request.Header[k] = v
	}
	request.Header.Set("User-Agent", "vkdual/"+firstOf(c.Version, "unknown"))
	request.Header.Set("Accept-Encoding", "identity") // sizes and ranges are of the file itself
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	client := http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		from := via[0].URL
		// A renamed repository is elsewhere on the hub, by a relative address; a
		// whole one leads to the bytes, whose server knows nothing of the hash.
		to, err := url.Parse(next.Response.Header.Get("Location"))
		if method == http.MethodHead && (err != nil || to.Host != "") {
			return http.ErrUseLastResponse
		}
		if next.URL.Scheme != "https" && next.URL.Scheme != from.Scheme {
			return &permanentError{fmt.Errorf("refused a redirection to %s://%s", next.URL.Scheme, next.URL.Host)}
		}
		if next.URL.Host != from.Host {
			next.Header.Del("Authorization") // the token is the hub's alone
		}
		if len(via) >= 10 {
			return errors.New("10 redirections")
		}
		return nil
	}}
	if r, err = client.Do(request); err != nil {
		return nil, stop, err
	}
	r.Body = &watched{ReadCloser: r.Body, timer: timer, stall: c.Stall, cause: func() error { return context.Cause(ctx) }}
	if r.StatusCode >= 300 && (method != http.MethodHead || r.StatusCode >= 400) {
		return nil, stop, refusal(r, at)
	}
	return r, stop, nil
}

func refusal(r *http.Response, at string) *StatusError {
	e := &StatusError{URL: at, Status: r.StatusCode, Code: r.Header.Get("X-Error-Code"), Detail: r.Header.Get("X-Error-Message")}
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.retryAfter = min(time.Duration(seconds)*time.Second, time.Minute)
	}
	return e
}

// watched fails a read that takes too long.
type watched struct {
	io.ReadCloser
	timer *time.Timer
	stall time.Duration
	cause func() error
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.stall)
	n, err := w.ReadCloser.Read(p)
	w.timer.Stop() // what the reader does in between is its own affair
	if err != nil && !errors.Is(err, io.EOF) {
		if cause := w.cause(); cause != nil {
			err = cause
		}
	}
	return n, err
}

// attempts that in a row bring nothing, before a failure is final.
const attempts = 5

// again repeats try after failures that may pass, waiting longer each time. try
// reports whether it got any further.
func (c *Client) again(ctx context.Context, what string, try func() (progress bool, err error)) error {
	for n := 1; ; n++ {
		progress, err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var status *StatusError
		var permanent *permanentError
		refused := errors.As(err, &status)
		if refused && !status.temporary() || errors.As(err, &permanent) {
			return err
		}
		if progress {
			n = 1
		}
		if n == attempts {
			return fmt.Errorf("gave up after %d attempts: %w", n, err)
		}
		pause := time.Second << (n - 1)
		if refused {
			pause = max(pause, status.retryAfter)
		}
		if c.Log != nil {
			c.Log("%v: trying again in %v", err, pause)
		}
		wait := c.wait
		if wait == nil {
			wait = sleep
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// permanentError is a failure that stays.
type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

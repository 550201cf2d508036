package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// ErrOffline is what Pull gives where the environment forbids the network.
var ErrOffline = errors.New("hub: HF_HUB_OFFLINE is set")

// atOnce is the number of files that are fetched at the same time.
const atOnce = 4

// Pull brings into the cache what a model needs of a repository at a revision
// ("" is main): configurations, vocabularies and one form of weights. It returns
// the folder. What is there already is not fetched again; what was cut off goes
// on from there; each file is held against its hash. After an error what is
// whole stays, and the revision still stands where it stood.
func (c *Client) Pull(ctx context.Context, repo Repo, revision string) (string, error) {
	if revision == "" {
		revision = "main"
	}
	if err := checkRevision(revision); err != nil {
		return "", err
	}
	if c.Offline {
		return "", ErrOffline
	}
	folder, err := c.pull(ctx, repo, revision)
	if err != nil {
		return "", fmt.Errorf("hub: pull %s: %w", repo, c.explain(err, revision))
	}
	return folder, nil
}

func (c *Client) pull(ctx context.Context, repo Repo, revision string) (string, error) {
	listed, err := c.list(ctx, repo, revision)
	if err != nil {
		return "", err
	}
	chosen, err := choose(listed.files)
	if err != nil {
		return "", err
	}
	if err := c.fetchAll(ctx, repo, listed.commit, chosen.small); err != nil {
		return "", err
	}
	folder := c.Cache.path(repo, "snapshots", listed.commit)
	if chosen.index != "" {
		if chosen.weights, err = shards(folder, chosen.index, listed.files); err != nil {
			return "", err
		}
	}
	if err := c.fetchAll(ctx, repo, listed.commit, chosen.weights); err != nil {
		return "", err
	}
	return folder, c.Cache.setRef(repo, revision, listed.commit)
}

// fetchAll brings several files at once.
func (c *Client) fetchAll(ctx context.Context, repo Repo, commit string, files []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, file := range files {
		g.Go(func() error {
			m, err := c.head(ctx, repo, commit, file)
			if err == nil {
				err = c.fetch(ctx, repo, commit, file, m)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// explain adds what a refusal most likely means.
func (c *Client) explain(err error, revision string) error {
	var s *StatusError
	if !errors.As(err, &s) {
		return err
	}
	token := "HF_TOKEN is not set"
	if c.Token != "" {
		token = "the token does not allow it"
	}
	switch {
	case s.Code == "RevisionNotFound":
		return fmt.Errorf("no revision %q: %w", revision, err)
	case s.Code == "GatedRepo":
		return fmt.Errorf("its terms must be accepted on the hub first, and %s: %w", token, err)
	case s.Status == http.StatusUnauthorized, s.Status == http.StatusForbidden:
		return fmt.Errorf("no such repository, or a private one and %s: %w", token, err)
	case s.Status == http.StatusNotFound:
		return fmt.Errorf("no such repository or revision: %w", err)
	}
	return err
}

package hub

import (
	"fmt"
	"regexp"
	"strings"
)

// A Repo is the name of a model repository, "ORG/NAME" or "NAME".
type Repo string

var (
	repoName     = regexp.MustCompile(`^([A-Za-z0-9_][\w.-]*/)?[A-Za-z0-9_][\w.-]{0,95}$`)
	revisionName = regexp.MustCompile(`^[A-Za-z0-9_][\w./+-]*$`)
	commitHash   = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// ParseRepo checks a name by the hub's rules.
func ParseRepo(name string) (Repo, error) {
	switch {
	case !repoName.MatchString(name), strings.HasSuffix(name, ".git"), strings.HasSuffix(name, "."), strings.Contains(name, "./"):
		return "", fmt.Errorf("hub: %q is not the name of a repository: want ORG/NAME of letters, digits, '-', '_' and '.'", name)
	case strings.Contains(name, ".."), strings.Contains(name, "--"):
		return "", fmt.Errorf("hub: %q is not the name of a repository: it has .. or --", name)
	}
	return Repo(name), nil
}

// folder is its name in a cache.
func (r Repo) folder() string { return "models--" + strings.ReplaceAll(string(r), "/", "--") }

// checkRevision refuses what could leave the folder of references.
func checkRevision(revision string) error {
	if !revisionName.MatchString(revision) || strings.Contains(revision, "..") || strings.Contains(revision, "//") {
		return fmt.Errorf("hub: %q is not a revision: want a branch, a tag or a commit", revision)
	}
	return nil
}

#!/bin/sh
# Builds bin/vkdual. The commit goes into the binary where git can tell it;
# a checkout of another user, or one without git, builds all the same.
set -eu
vcs=false
git rev-parse HEAD >/dev/null 2>&1 && vcs=auto
CGO_ENABLED=1 exec "${GO:-go}" build -buildvcs=$vcs -trimpath -o bin/vkdual ./cmd/vkdual

#!/bin/sh
# Runs every fuzz target of the repository for FUZZTIME.
set -eu
GO=${GO:-go}
for package in $("$GO" list ./...); do
	for target in $("$GO" test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		"$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-3m}" "$package"
	done
done

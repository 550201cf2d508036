#!/bin/sh
# Runs every fuzz target of the repository for FUZZTIME.
# Minimising what is merely new, up to a minute each, would take most of it.
set -eu
GO=${GO:-go}
for package in $("$GO" list ./...); do
	for target in $("$GO" test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		"$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-3m}" -fuzzminimizetime 1000x "$package"
	done
done

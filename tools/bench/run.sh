#!/bin/sh
# The whole comparison: sets up both virtual environments and vkdual, then runs
# bench.py with what arguments are given, such as --quick or --readme ../../README.md.
set -eu
cd "$(dirname "$0")"
root=../..
venvs=$root/build/bench
mkdir -p "$venvs"
for name in requirements requirements-webgpu; do
	if ! cmp -s $name.txt "$venvs/$name/pins.txt"; then
		rm -rf "$venvs/$name"
		python3 -m venv "$venvs/$name"
		"$venvs/$name/bin/pip" install --quiet --disable-pip-version-check -r $name.txt
		cp $name.txt "$venvs/$name/pins.txt"
	fi
done
(cd $root && go build -o build/bench/vkdual ./cmd/vkdual)
here=$PWD
cd $root
exec build/bench/requirements/bin/python "$here/bench.py" --vkdual build/bench/vkdual "$@"

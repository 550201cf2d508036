#!/bin/sh
# Compiles what is out of date of shaders/*.comp into spirv/*.spv and writes
# spirv/table.go. Arguments go to tools/spirvtable: -all compiles everything.
#
# Needs python3 with venv, the network on first use, and Go. Users of the
# project need none of this: the SPIR-V is committed.
set -eu
cd "$(dirname "$0")/.."
pins=tools/glslc.requirements.txt
venv=build/glslc

mkdir -p build
if command -v flock >/dev/null; then # one run at a time
	exec 9>build/glslc.lock
	flock 9
fi
if ! cmp -s $pins $venv/pins.txt; then
	rm -rf $venv
	python3 -m venv $venv
	$venv/bin/pip install --quiet --disable-pip-version-check -r $pins
	cp $pins $venv/pins.txt
fi
exec go run ./tools/spirvtable -bin $venv/bin "$@"

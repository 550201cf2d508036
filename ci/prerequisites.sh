#!/bin/sh
# Checks for what a build needs, a C compiler and Go (the argument: its
# command), and installs the compiler where it can.
set -eu
go=${1:-go}

if ! command -v "$go" >/dev/null; then
	echo "Go is missing: see https://go.dev/doc/install" >&2
	exit 1
fi
# Older versions of Go fetch the one that go.mod names by themselves.
works() { echo 'int main(void) { return 0; }' | "${CC:-gcc}" -x c -o /dev/null - 2>/dev/null; }
if ! works; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "installing gcc, which Go needs to call Vulkan"
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq install -y --no-install-recommends gcc libc6-dev >/dev/null 2>&1 || {
			apt-get -qq update
			apt-get -qq install -y --no-install-recommends gcc libc6-dev >/dev/null
		}
	fi
	works || {
		echo "a C compiler is missing, which Go needs to call Vulkan: apt install gcc libc6-dev (Fedora, Arch: gcc; macOS: xcode-select --install)" >&2
		exit 1
	}
fi

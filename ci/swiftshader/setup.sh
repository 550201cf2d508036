#!/bin/sh
# Sets up two software Vulkan drivers and the validation layer in a folder:
#
#     ci/swiftshader/setup.sh [DIR]        (DIR: build/drivers)
#     . DIR/env.sh
#
# SwiftShader and the layer come out of Debian's package chromium-common, by
# unpacking three of its files; no browser is installed. Lavapipe and the loader
# are the system's, installed as root, unpacked into DIR otherwise. Run again,
# it checks what is there and does what is missing. README.md has the rest.
set -eu

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

mkdir -p "${1:-build/drivers}"
dir=$(cd "${1:-build/drivers}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

[ "$(uname -s)" = Linux ] || die "only Linux has these packages; on other systems install a Vulkan driver"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
	die "needs Debian's or Ubuntu's apt; elsewhere install lavapipe (Fedora: mesa-vulkan-drivers, Arch: vulkan-swrast) and the validation layers"

# --- apt, as root or not ------------------------------------------------------

root=no
[ "$(id -u)" = 0 ] && root=yes
lists= # extra options: where a user who is not root keeps package lists

# Fetches package lists: the system's as root, our own otherwise.
update() {
	[ -e "$tmp/updated" ] && return 1
	if [ $root = yes ]; then
		say "apt-get update"
		apt-get -qq update || return 1
	else
		say "apt-get update, into a folder of its own since this is not root"
		mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial"
		lists="-oDir::State::Lists=$tmp/apt/lists -oDir::Cache=$tmp/apt/cache"
		# shellcheck disable=SC2086 # several options
		apt-get -qq $lists update || return 1
	fi
	: >"$tmp/updated"
}

# Downloads packages into $tmp/debs; stale lists are the usual reason to fail.
download() {
	mkdir -p "$tmp/debs"
	# shellcheck disable=SC2086
	(cd "$tmp/debs" && apt-get -qq $lists -oAPT::Sandbox::User="$(id -un)" download "$@" 2>"$tmp/why") && return
	# shellcheck disable=SC2086
	update && (cd "$tmp/debs" && apt-get -qq $lists -oAPT::Sandbox::User="$(id -un)" download "$@" 2>"$tmp/why")
}

# Installs packages as root.
install() {
	say "installing $*"
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >"$tmp/log" 2>&1 && return
	update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >"$tmp/log" 2>&1 && return
	cat "$tmp/log" >&2
	return 1
}

# Whether a library and all that it links can be loaded.
loads() {
	[ -s "$1" ] && ! LD_LIBRARY_PATH="$dir/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ldd "$1" 2>&1 | grep -E 'not found|not a dynamic' >&2
}

manifest() { # FILE LIBRARY: a driver's
	printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.1.0"}}\n' "$2" >"$1"
}

# --- SwiftShader and the layer ------------------------------------------------

# Takes the two libraries out of a chromium-common package.
unpack_chromium() {
	mkdir -p "$tmp/x"
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$tmp/x" --wildcards '*/libvk_swiftshader.so' '*/libVkLayer_khronos_validation.so' || return 1
	find "$tmp/x" -name 'lib*.so' -exec mv {} "$dir" \;
	dpkg-deb -f "$1" Version >"$dir/swiftshader.version"
	(cd "$dir" && sha256sum libvk_swiftshader.so libVkLayer_khronos_validation.so swiftshader.version >SHA256SUMS)
}

chromium() {
	if [ -s "$dir/SHA256SUMS" ] && (cd "$dir" && sha256sum --quiet -c SHA256SUMS); then
		return 0
	fi
	if [ -n "${CHROMIUM_COMMON_DEB:-}" ]; then
		unpack_chromium "$CHROMIUM_COMMON_DEB"
		return
	fi
	say "downloading Debian's chromium-common (30 MB) for SwiftShader and the validation layer"
	download chromium-common && unpack_chromium "$tmp"/debs/chromium-common_*.deb
}

# Where apt has no chromium-common (Ubuntu ships that browser as a snap), the
# same library comes in a package of npm's, compressed with brotli.
npm_package=@sparticuz/chromium@147.0.0
npm_sha256=5b9e8591c7c2d1c9618c3ad485d0cdffb81f5f1ffd6a982fdb6578c2d8d3213e

have_npm_swiftshader() {
	[ -s "$dir/libvk_swiftshader.so" ] && echo "$npm_sha256  $dir/libvk_swiftshader.so" | sha256sum --status -c
}

npm_swiftshader() {
	[ -s "$tmp/why" ] && cat "$tmp/why" >&2
	[ "$(uname -m)" = x86_64 ] || return 1
	if ! command -v npm >/dev/null && { [ $root = no ] || ! install npm; }; then
		say "npm, which could fetch SwiftShader, is missing: apt install npm"
		return 1
	fi
	say "no chromium-common here: downloading npm's $npm_package (65 MB) for SwiftShader"
	(cd "$tmp" && npm pack --silent "$npm_package" >/dev/null && tar -xzf sparticuz-chromium-*.tgz package/bin/swiftshader.tar.br &&
		node -e 'process.stdout.write(require("zlib").brotliDecompressSync(require("fs").readFileSync("package/bin/swiftshader.tar.br")))' |
		tar -x libvk_swiftshader.so) || return 1
	echo "$npm_sha256  $tmp/libvk_swiftshader.so" | sha256sum --quiet -c || return 1
	mv "$tmp/libvk_swiftshader.so" "$dir"
	echo "147.0.0 of npm" >"$dir/swiftshader.version"
}

# The distribution's validation layer: the system's, installed, or unpacked.
system_layer() {
	[ -e /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ] && return
	if [ $root = yes ]; then
		install vulkan-validationlayers
		return
	fi
	loads "$dir/libVkLayer_khronos_validation.so" 2>/dev/null && return
	download vulkan-validationlayers || return 1
	mkdir -p "$tmp/v"
	dpkg-deb -x "$tmp"/debs/vulkan-validationlayers_*.deb "$tmp/v"
	find "$tmp/v" -name libVkLayer_khronos_validation.so -exec mv {} "$dir" \;
	loads "$dir/libVkLayer_khronos_validation.so"
}

swiftshader=
layer=
if ! have_npm_swiftshader && chromium; then
	loads "$dir/libVkLayer_khronos_validation.so" || die "the validation layer was unpacked but does not load"
	swiftshader=$dir/swiftshader_icd.json
elif have_npm_swiftshader || npm_swiftshader; then
	swiftshader=$dir/swiftshader_icd.json
	system_layer || say "NO VALIDATION LAYER: apt install vulkan-validationlayers"
else
	say "NO SWIFTSHADER: fetch chromium-common_…_$(dpkg --print-architecture).deb of Debian stable by hand, and run"
	say "    CHROMIUM_COMMON_DEB=that.deb $0 $dir"
	say "  Until then env.sh offers lavapipe alone."
	system_layer || say "NO VALIDATION LAYER: apt install vulkan-validationlayers"
fi
if [ -n "$swiftshader" ]; then
	loads "$dir/libvk_swiftshader.so" || die "SwiftShader was unpacked but does not load"
	manifest "$swiftshader" "$dir/libvk_swiftshader.so"
	say "SwiftShader of chromium $(cat "$dir/swiftshader.version")"
fi
if [ -e "$dir/libVkLayer_khronos_validation.so" ]; then
	layer=$dir/layers
	mkdir -p "$layer"
	sed "s|@LIBRARY@|$dir/libVkLayer_khronos_validation.so|" "$(dirname "$0")/layer.json.in" >"$layer/VkLayer_khronos_validation.json"
fi

# --- the loader and lavapipe --------------------------------------------------

system_lavapipe() {
	for f in /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json; do
		[ -e "$f" ] && echo "$f" && return
	done
	return 1
}

# Unpacks what is missing of lavapipe and the loader, libraries included, into
# DIR/lib. apt itself says which packages those are.
unpack_lavapipe() {
	say "unpacking lavapipe and the loader, since this is not root"
	missing() {
		# shellcheck disable=SC2086
		apt-get $lists -oDebug::NoLocking=1 --print-uris -qq -y --no-install-recommends install libvulkan1 mesa-vulkan-drivers 2>"$tmp/why" |
			sed -n "s/^'[^']*' \([^_ ]*\)_.*/\1/p"
	}
	packages=$(missing)
	[ -n "$packages" ] || { update && packages=$(missing); }
	# Installed but without its driver file, say: then take these two.
	[ -n "$packages" ] || packages="libvulkan1 mesa-vulkan-drivers"
	# shellcheck disable=SC2086
	download $packages || { cat "$tmp/why" >&2; return 1; }
	mkdir -p "$tmp/l" "$dir/lib"
	for p in $packages; do
		dpkg-deb -x "$tmp/debs/${p}"_*.deb "$tmp/l"
	done
	find "$tmp/l" -path '*/lib/*' \( -name 'lib*.so' -o -name 'lib*.so.*' \) ! -name 'libvulkan_[!l]*' -exec cp -Pf {} "$dir/lib" \;
	[ -e "$dir/lib/libvulkan_lvp.so" ]
}

has_loader() { /sbin/ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'; }

if ! { system_lavapipe >/dev/null && has_loader; } && [ $root = yes ]; then
	install libvulkan1 mesa-vulkan-drivers || say "apt could not install lavapipe"
fi
lavapipe=
if lavapipe=$(system_lavapipe) && has_loader; then
	say "lavapipe is the system's, Mesa $(dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null || echo unknown)"
elif [ -e "$dir/lib/libvulkan_lvp.so" ] && loads "$dir/lib/libvulkan_lvp.so" || unpack_lavapipe; then
	loads "$dir/lib/libvulkan_lvp.so" || die "lavapipe was unpacked but does not load"
	loads "$dir/lib/libvulkan.so.1" || has_loader || die "there is no Vulkan loader (libvulkan.so.1)"
	lavapipe=$dir/lavapipe_icd.json
	manifest "$lavapipe" "$dir/lib/libvulkan_lvp.so"
	say "lavapipe is in $dir/lib"
else
	die "no lavapipe: as root, apt-get install libvulkan1 mesa-vulkan-drivers"
fi

# --- env.sh -------------------------------------------------------------------

{
	echo "# Made by ci/swiftshader/setup.sh. One driver alone: VK_DRIVER_FILES=\$SWIFTSHADER_ICD VK_ICD_FILENAMES=\$SWIFTSHADER_ICD command"
	echo "export SWIFTSHADER_ICD='$swiftshader'"
	echo "export LAVAPIPE_ICD='$lavapipe'"
	echo "export VK_DRIVER_FILES='${swiftshader:+$swiftshader:}$lavapipe'"
	echo "export VK_ICD_FILENAMES=\"\$VK_DRIVER_FILES\" # for loaders before 1.3.207"
	[ -z "$layer" ] || echo "export VK_LAYER_PATH='$layer' # where the validation layer is"
	[ ! -d "$dir/lib" ] || echo "export LD_LIBRARY_PATH='$dir/lib'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
} >"$tmp/env.sh"
mv "$tmp/env.sh" "$dir/env.sh"
say "ready: . $dir/env.sh"

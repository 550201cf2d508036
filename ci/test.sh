#!/bin/sh
# The whole suite: formatting, vet, and every test on every device in DEVICES
# with the validation layer on. make test calls it after setting the drivers up.
set -eu
GO=${GO:-go}
export CGO_ENABLED=1
# shellcheck source=/dev/null
. "${DRIVERS:-build/drivers}/env.sh"

echo "== gofmt"
unformatted=$(find . -name '*.go' ! -path './build/*' ! -path './_*' -exec "$("$GO" env GOROOT)/bin/gofmt" -l {} +)
if [ -n "$unformatted" ]; then
	printf 'not formatted:\n%s\n' "$unformatted" >&2
	exit 1
fi

echo "== go vet"
# The Vulkan binding's handles are C pointers in Go, which unsafeptr misreads.
"$GO" vet -unsafeptr=false ./...

export VKDUAL_REQUIRE_DEVICE=1 VKDUAL_VALIDATE=1 VKDUAL_TEST_DEVICE="${DEVICES:-SwiftShader,llvmpipe}"
if [ -z "${VK_LAYER_PATH:-}" ] && [ ! -e /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ]; then
	echo "the Khronos validation layer is missing: see ci/swiftshader/README.md" >&2
	exit 1
fi

echo "== devices under test: $VKDUAL_TEST_DEVICE"
GO="$GO" ci/build.sh
bin/vkdual devices
IFS=, # in what follows: names may hold spaces
for name in $VKDUAL_TEST_DEVICE; do
	bin/vkdual devices --json | grep -qi "$name" || {
		echo "no device whose name contains $name: see ci/swiftshader/README.md, or test on others with make test DEVICES=NAME,…" >&2
		exit 1
	}
done

# Packages test on every device themselves; the program's commands run on one.
echo "== go test ./..."
first=${VKDUAL_TEST_DEVICE%%,*}
VKDUAL_DEVICE=$first "$GO" test -timeout 30m ./...
for name in $VKDUAL_TEST_DEVICE; do
	[ "$name" = "$first" ] && continue
	echo "== go test ./cmd/vkdual on $name"
	VKDUAL_DEVICE=$name "$GO" test -timeout 30m ./cmd/vkdual
done
echo "== passed on $VKDUAL_TEST_DEVICE"

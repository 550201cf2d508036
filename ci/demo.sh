#!/bin/sh
# Builds, sees to it that there is a Vulkan device, and classifies a picture
# with the model that comes with the program.
set -eu
GO=${GO:-go} ci/build.sh
if ! bin/vkdual devices >/dev/null 2>&1; then
	echo "no Vulkan device found: setting up software drivers"
	ci/swiftshader/setup.sh "${DRIVERS:-build/drivers}"
fi
# Drivers set up before, with or without root, are used where there are no others.
if ! bin/vkdual devices >/dev/null 2>&1; then
	# shellcheck source=/dev/null
	. "${DRIVERS:-build/drivers}/env.sh"
fi
set -x
bin/vkdual classify testdata/pictures/rocket.png testdata/pictures/guitar.png testdata/pictures/hot-beverage.png \
	--label rocket --label dog --label pizza --label "hot drink" --label guitar --label umbrella --top 3

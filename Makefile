# make demo   sets up what is missing, builds, and classifies a picture
# make test   sets up two software drivers and runs the whole suite on both
# make build  the program, bin/vkdual
# make spirv  compiles shaders that changed (the results are committed)
# make fuzz   every fuzz target, FUZZTIME each

GO ?= go
DRIVERS ?= build/drivers
FUZZTIME ?= 3m

# The devices that make test must find, by parts of their names.
DEVICES ?= SwiftShader,llvmpipe

.PHONY: build test demo spirv fuzz drivers clean

build:
	@ci/prerequisites.sh $(GO)
	GO="$(GO)" ci/build.sh

test: drivers
	GO="$(GO)" DRIVERS="$(DRIVERS)" DEVICES="$(DEVICES)" ci/test.sh

demo:
	@ci/prerequisites.sh $(GO)
	GO="$(GO)" DRIVERS="$(DRIVERS)" ci/demo.sh

drivers:
	@ci/prerequisites.sh $(GO)
	ci/swiftshader/setup.sh $(DRIVERS)

spirv:
	tools/glslc.sh

fuzz:
	GO="$(GO)" FUZZTIME=$(FUZZTIME) ci/fuzz.sh

clean:
	rm -rf bin build

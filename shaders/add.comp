#version 450
#extension GL_GOOGLE_include_directive : require
// y = a + b, element by element.
#include "include/grid.glsl"

layout(push_constant) uniform Push { uint elements; };

layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i < elements) y[i] = a[i] + b[i];
}

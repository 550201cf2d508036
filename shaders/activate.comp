#version 450
#extension GL_GOOGLE_include_directive : require
// y = activation(x), element by element.
#include "include/activation.glsl"
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;
  int kind;  // see include/activation.glsl
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i < elements) y[i] = activate(kind, x[i]);
}

#version 450
#extension GL_GOOGLE_include_directive : require
// y = activation(x[:,:D]) · x[:,D:], with x [N,2·D] and y [N,D].
#include "include/activation.glsl"
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint width;     // D
  int kind;       // see include/activation.glsl
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width;
  uint at = i + row * width;
  y[i] = activate(kind, x[at]) * x[at + width];
}

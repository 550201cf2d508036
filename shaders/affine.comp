#version 450
#extension GL_GOOGLE_include_directive : require
// y[i,:] = x[i,:] · weight (+ bias), with x […,D], weight [D] and bias [D].
#include "include/grid.glsl"

layout(constant_id = 0) const bool HAS_BIAS = false;

layout(push_constant) uniform Push {
  uint elements;
  uint width;  // D
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Weight { float weight[]; };
layout(std430, binding = 2) readonly buffer Bias { float bias[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  float v = x[i] * weight[i % width];
  y[i] = HAS_BIAS ? v + bias[i % width] : v;
}

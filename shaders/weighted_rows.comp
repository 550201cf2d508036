#version 450
#extension GL_GOOGLE_include_directive : require
// y[n,:] = Σ_k weight[n,k] · x[index[n,k],:], with x [M,D], index and weight [N,K].
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint taps;      // K
  uint width;     // D
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Index { uint index[]; };
layout(std430, binding = 2) readonly buffer Weight { float weight[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width, d = i - row * width;
  float sum = 0.0;
  for (uint k = row * taps; k < (row + 1u) * taps; k++) sum += weight[k] * x[index[k] * width + d];
  y[i] = sum;
}

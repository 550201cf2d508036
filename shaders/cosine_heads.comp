#version 450
#extension GL_GOOGLE_include_directive : require
// Queries, keys and values x [N,3,H,Dh] for attention by cosine: queries and keys
// become vectors of length 1, queries times exp(min(scale[h], most)). An
// invocation does one vector. A vector of zeros stays one.
#include "include/activation.glsl"
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint vectors;  // N·3·H
  uint heads, width;
  float most;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Scale { float scale[]; };  // [H]
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= vectors) return;
  uint part = i / heads % 3u, head = i % heads;
  float factor = 1.0;
  if (part < 2u) {
    float sum = 0.0;
    for (uint c = 0u; c < width; c++) sum += x[i * width + c] * x[i * width + c];
    factor = 1.0 / max(sqrt(sum), 1e-12);
    if (part == 0u) factor *= expf32(min(scale[head], most));
  }
  for (uint c = 0u; c < width; c++) y[i * width + c] = x[i * width + c] * factor;
}

#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,n,:] = x[b,index[n],:], or 0 where the index is 0xffffffff, with x
// [B,T,D] and index [N]: windows, shifts, padding, crops and orders of tokens.
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint from;      // T
  uint to;        // N
  uint width;     // D
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Index { uint index[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width, d = i - row * width;
  uint b = row / to;
  uint at = index[row - b * to];
  y[i] = at == 0xffffffffu ? 0.0 : x[(b * from + at) * width + d];
}

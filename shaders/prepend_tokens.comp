#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,t,:] = (t < S ? tokens[t,:] : x[b,t-S,:]) + positions[t,:], with tokens
// [S,D] (class, distillation), x [B,P,D] and positions [S+P,D].
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint special;   // S
  uint patches;   // P
  uint width;     // D
};

layout(std430, binding = 0) readonly buffer Tokens { float tokens[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) readonly buffer Positions { float positions[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width, d = i - row * width;
  uint length = special + patches;
  uint b = row / length, t = row - b * length;
  float v = t < special ? tokens[t * width + d] : x[(b * patches + t - special) * width + d];
  y[i] = v + positions[t * width + d];
}

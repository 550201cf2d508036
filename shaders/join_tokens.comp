#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,:,:] = (before, x[b], after) (+ positions), with x [B,P,D], before [S,D],
// after [E,D] and positions [S+P+E,D]. S or E may be 0.
#include "include/grid.glsl"

layout(constant_id = 0) const bool HAS_POSITIONS = false;

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint first;     // S
  uint middle;    // P
  uint last;      // E
  uint width;     // D
};

layout(std430, binding = 0) readonly buffer Before { float before[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) readonly buffer After { float after[]; };
layout(std430, binding = 3) readonly buffer Positions { float positions[]; };
layout(std430, binding = 4) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width, d = i - row * width;
  uint length = first + middle + last;
  uint b = row / length, t = row - b * length;
  float v;
  if (t < first) v = before[t * width + d];
  else if (t < first + middle) v = x[(b * middle + t - first) * width + d];
  else v = after[(t - first - middle) * width + d];
  y[i] = HAS_POSITIONS ? v + positions[t * width + d] : v;
}

#version 450
#extension GL_GOOGLE_include_directive : require
// y[h,i,j] = table[index[i,j],h], with table [R,H] and index [N] of all pairs.
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint pairs;     // N
  uint heads;     // H
};

layout(std430, binding = 0) readonly buffer Table { float table[]; };
layout(std430, binding = 1) readonly buffer Index { uint index[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint h = i / pairs;
  y[i] = table[index[i - h * pairs] * heads + h];
}

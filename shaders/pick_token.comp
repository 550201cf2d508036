#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,:] = x[b,t,:], with x [B,T,D], where t is the first token whose ids[b,t]
// is id, or the first of the highest id; 0 where there is none. T is small
// beside what made x: every invocation looks for itself.
#include "include/grid.glsl"

layout(constant_id = 0) const bool HIGHEST = false;

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint tokens;    // T
  uint width;     // D
  uint id;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer IDs { uint ids[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint b = i / width, first = b * tokens, at = 0u;
  if (HIGHEST) {
    for (uint t = 1u; t < tokens; t++)
      if (ids[first + t] > ids[first + at]) at = t;
  } else {
    while (at < tokens && ids[first + at] != id) at++;
    if (at == tokens) at = 0u;
  }
  y[i] = x[(first + at) * width + (i - b * width)];
}

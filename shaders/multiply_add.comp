#version 450
#extension GL_GOOGLE_include_directive : require
// What a device's multiply-adds come to at most: in each invocation eight
// independent chains x = x·a + b, 16 links a turn so that the loop costs little.
// Eight fill the latency of a processor's pipes and leave its 16 registers enough.
#include "include/grid.glsl"

layout(push_constant) uniform Push { uint elements, turns; };

layout(std430, binding = 0) readonly buffer A { float x0[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

#define LINK p = p * a + b; q = q * a + b;
#define LINKS4 LINK LINK LINK LINK

void main() {
  uint i = invocation();
  if (i >= elements) return;
  const float a = 0.5, b = 0.375;
  vec4 p = vec4(x0[i]) + vec4(0, 1, 2, 3), q = p + 4.0;
  for (uint t = 0u; t < turns; t++) {
    LINKS4 LINKS4 LINKS4 LINKS4
  }
  y[i] = dot(p, vec4(1)) + dot(q, vec4(1));
}

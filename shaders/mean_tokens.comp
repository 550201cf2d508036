#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,:] = mean over t ≥ first of x[b,t,:], with x [B,T,D]; an element an invocation.
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint tokens;    // T
  uint width;     // D
  uint first;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint b = i / width, d = i - b * width;
  float sum = 0.0, lost = 0.0;  // Kahan's: one chain over all tokens
  for (uint t = first; t < tokens; t++) {
    float v = x[(b * tokens + t) * width + d] - lost;
    precise float s = sum + v;
    precise float e = (s - sum) - v;
    sum = s;
    lost = e;
  }
  y[i] = sum / float(tokens - first);
}

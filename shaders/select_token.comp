#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,:] = x[b,token,:], with x [B,T,D].
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint tokens;    // T
  uint width;     // D
  uint token;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint b = i / width;
  y[i] = x[(b * tokens + token) * width + (i - b * width)];
}

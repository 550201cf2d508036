#version 450
#extension GL_GOOGLE_include_directive : require
// y[m,n] = scale · a[m,:]·b[n,:] + bias, an element an invocation: for the few rows
// of a batch's embeddings. The sum's order does not depend on which operand
// comes first, so that y of (b, a) is the exact transpose.
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint columns;   // N
  uint width;     // D
  float scale, bias;
};

layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint m = i / columns * width, n = i % columns * width;
  vec4 sum = vec4(0.0);  // four chains: a shorter wait and a smaller error than one
  uint k = 0u;
  for (; k + 4u <= width; k += 4u)
    sum += vec4(a[m + k], a[m + k + 1u], a[m + k + 2u], a[m + k + 3u]) *
           vec4(b[n + k], b[n + k + 1u], b[n + k + 2u], b[n + k + 3u]);
  float rest = 0.0;
  for (; k < width; k++) rest += a[m + k] * b[n + k];
  y[i] = ((sum.x + sum.y) + (sum.z + sum.w) + rest) * scale + bias;
}

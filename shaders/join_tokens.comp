#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,:,:] = (before, x[b], after) (+ positions), with x [B,P,D], before [S,D],
// after [E,D] and positions [S+P+E,D]. S or E may be 0. A dispatch writes some
// rows of each sequence, and reads either before or after: four storage buffers
// are all that Vulkan demands of a device.
#include "include/grid.glsl"

layout(constant_id = 0) const bool HAS_POSITIONS = false;

layout(push_constant) uniform Push {
  uint elements;  // that this dispatch writes
  uint from;      // row of y that comes first of them
  uint rows;      // of y in each sequence
  uint length;    // S+P+E
  uint first;     // S
  uint middle;    // P
  uint ends;      // row of y where the ends stand that are bound: 0 or S+P
  uint width;     // D
};

layout(std430, binding = 0) readonly buffer Ends { float before_or_after[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) readonly buffer Positions { float positions[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint row = i / width, d = i - row * width;
  uint b = row / rows, t = from + row - b * rows;
  float v;
  if (t >= first && t < first + middle) v = x[(b * middle + t - first) * width + d];
  else v = before_or_after[(t - ends) * width + d];
  y[(b * length + t) * width + d] = HAS_POSITIONS ? v + positions[t * width + d] : v;
}

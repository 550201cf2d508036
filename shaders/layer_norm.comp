#version 450
// y[i,:] = (x[i,:] - mean) / √(variance + eps) · gamma + beta, a row a
// workgroup of 64: mean first, then the variance around it. Any width.
layout(local_size_x = 64) in;

layout(push_constant) uniform Push {
  uint rows, width;
  float eps;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) readonly buffer Gamma { float gamma[]; };
layout(std430, binding = 2) readonly buffer Beta { float beta[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

shared float reduced[64];

float total(float v) {
  uint lane = gl_LocalInvocationID.x;
  barrier();
  reduced[lane] = v;
  barrier();
  for (uint n = 32u; n > 0u; n >>= 1) {
    if (lane < n) reduced[lane] += reduced[lane + n];
    barrier();
  }
  return reduced[0];
}

void main() {
  uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  if (row >= rows) return;
  uint first = row * width, lane = gl_LocalInvocationID.x;
  float sum = 0.0;
  for (uint i = lane; i < width; i += 64u) sum += x[first + i];
  float mean = total(sum) / float(width);
  float squares = 0.0;
  for (uint i = lane; i < width; i += 64u) {
    float d = x[first + i] - mean;
    squares += d * d;
  }
  float scale = 1.0 / sqrt(total(squares) / float(width) + eps);
  for (uint i = lane; i < width; i += 64u) y[first + i] = (x[first + i] - mean) * scale * gamma[i] + beta[i];
}

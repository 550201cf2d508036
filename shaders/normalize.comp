#version 450
// y[i,:] = x[i,:] / ‖x[i,:]‖₂, a row a workgroup. There is no epsilon: a row of
// zeros becomes NaN, as in the reference implementation.
layout(local_size_x = 64) in;

layout(push_constant) uniform Push {
  uint rows;
  uint width;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

shared float partial[64];

void main() {
  uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  if (row >= rows) return;
  uint lane = gl_LocalInvocationID.x;
  float sum = 0.0;
  for (uint i = lane; i < width; i += 64u) {
    float v = x[row * width + i];
    sum += v * v;
  }
  partial[lane] = sum;
  barrier();
  for (uint n = 32u; n > 0u; n >>= 1) {
    if (lane < n) partial[lane] += partial[lane + n];
    barrier();
  }
  float norm = sqrt(partial[0]);
  for (uint i = lane; i < width; i += 64u) y[row * width + i] = x[row * width + i] / norm;
}

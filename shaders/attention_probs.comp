#version 450
#extension GL_GOOGLE_include_directive : require
// y = softmax(scale·q·kᵀ + bias + mask or regions) for qkv [B,T,3·H·Dh] and mask [B,T] over the
// keys → [B,H,T,T]. A workgroup does one query of one head.
#include "include/activation.glsl"
#include "include/causal.glsl"
layout(local_size_x = 64) in;

layout(constant_id = 0) const bool HAS_MASK = false;
layout(constant_id = 1) const bool HAS_BIAS = false;
layout(constant_id = 2) const bool HAS_REGIONS = false;  // in the place of a mask

layout(push_constant) uniform Push {
  uint batch, tokens, heads, width;  // width of a head
  float scale;
  uint groups;  // of bias: batch b takes b mod groups
  uint windows; // of regions, in the same way
  float apart;  // added to the score of a key of another region than the query's
};

layout(std430, binding = 0) readonly buffer QKV { float qkv[]; };
layout(std430, binding = 1) readonly buffer Mask { float mask[]; };  // or regions [windows,T]
layout(std430, binding = 2) writeonly buffer Y { float y[]; };
layout(std430, binding = 3) readonly buffer Bias { float bias[]; };  // [groups,H,T,T]

shared float reduced[64];

// The score of a key, in this workgroup's element of the batch, head and query.
float score(uint key) {
  uint token = gl_WorkGroupID.x, head = gl_WorkGroupID.y, b = gl_WorkGroupID.z;
  uint all = heads * width, stride = 3u * all;
  uint first = b * tokens * stride + head * width;
  uint q = first + token * stride, k = first + key * stride + all;
  float s = 0.0;
  for (uint i = 0u; i < width; i++) s += qkv[q + i] * qkv[k + i];
  s *= scale;
  if (CAUSAL && key > token) s += LATER;
  if (HAS_BIAS) s += bias[((b % groups * heads + head) * tokens + token) * tokens + key];
  if (HAS_MASK) s += mask[b * tokens + key];
  uint region = HAS_REGIONS ? b % windows * tokens : 0u;
  if (HAS_REGIONS && mask[region + token] != mask[region + key]) s += apart;
  return s;
}

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint row = ((gl_WorkGroupID.z * heads + gl_WorkGroupID.y) * tokens + gl_WorkGroupID.x) * tokens;

  // Two passes over the keys cost less thought than memory for the scores.
  float top = -3.402823466e38;
  for (uint k = lane; k < tokens; k += 64u) top = max(top, score(k));
  reduced[lane] = top;
  barrier();
  for (uint n = 32u; n > 0u; n >>= 1) {
    if (lane < n) reduced[lane] = max(reduced[lane], reduced[lane + n]);
    barrier();
  }
  top = reduced[0];
  barrier();
  float sum = 0.0;
  for (uint k = lane; k < tokens; k += 64u) sum += expf32(score(k) - top);
  reduced[lane] = sum;
  barrier();
  for (uint n = 32u; n > 0u; n >>= 1) {
    if (lane < n) reduced[lane] += reduced[lane + n];
    barrier();
  }
  sum = reduced[0];
  for (uint k = lane; k < tokens; k += 64u) y[row + k] = expf32(score(k) - top) / sum;
}

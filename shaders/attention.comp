#version 450
#extension GL_GOOGLE_include_directive : require
// y = softmax(scale·q·kᵀ + bias + mask or regions)·v for qkv [B,T,3·H·Dh], mask [B,T] over the
// keys, y [B,T,H·Dh]: any sizes with Dh ≤ 256, any device with Vulkan 1.1.
//
// A workgroup does one query of one head: 64 keys at a time, a key a lane for
// the scores, an element of the head a lane for the sum (online softmax).
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

shared float query[256];
shared float weight[64];
shared float reduced[64];

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint token = gl_WorkGroupID.x, head = gl_WorkGroupID.y, b = gl_WorkGroupID.z;
  uint all = heads * width, stride = 3u * all;
  uint first = b * tokens * stride + head * width;
  uint region = HAS_REGIONS ? b % windows * tokens : 0u;
  for (uint i = lane; i < width; i += 64u) query[i] = qkv[first + token * stride + i];
  barrier();

  float top = -3.402823466e38, sum = 0.0;
  float acc[4] = float[4](0.0, 0.0, 0.0, 0.0);
  for (uint k0 = 0u; k0 < tokens; k0 += 64u) {
    uint key = k0 + lane;
    bool on = key < tokens;
    float s = 0.0;
    if (on) {
      uint k = first + key * stride + all;
      for (uint i = 0u; i < width; i++) s += query[i] * qkv[k + i];
      s *= scale;
      if (CAUSAL && key > token) s += LATER;
      if (HAS_BIAS) s += bias[((b % groups * heads + head) * tokens + token) * tokens + key];
      if (HAS_MASK) s += mask[b * tokens + key];
      if (HAS_REGIONS && mask[region + token] != mask[region + key]) s += apart;
    }
    reduced[lane] = on ? s : -3.402823466e38;
    barrier();
    for (uint n = 32u; n > 0u; n >>= 1) {
      if (lane < n) reduced[lane] = max(reduced[lane], reduced[lane + n]);
      barrier();
    }
    float highest = max(top, reduced[0]);
    float shrink = expf32(top - highest);
    top = highest;
    float w = on ? expf32(s - highest) : 0.0;
    weight[lane] = w;
    barrier();
    reduced[lane] = w;
    barrier();
    for (uint n = 32u; n > 0u; n >>= 1) {
      if (lane < n) reduced[lane] += reduced[lane + n];
      barrier();
    }
    sum = sum * shrink + reduced[0];
    uint keys = min(64u, tokens - k0);
    for (uint i = lane, j = 0u; i < width; i += 64u, j++) {
      float a = acc[j] * shrink;
      uint v = first + k0 * stride + 2u * all + i;
      for (uint k = 0u; k < keys; k++) a += weight[k] * qkv[v + k * stride];
      acc[j] = a;
    }
    barrier();
  }
  for (uint i = lane, j = 0u; i < width; i += 64u, j++) y[(b * tokens + token) * all + head * width + i] = acc[j] / sum;
}

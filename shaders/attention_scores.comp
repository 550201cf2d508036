#version 450
#extension GL_GOOGLE_include_directive : require
// y = scale·q·kᵀ for qkv [B,T,3·H·Dh] → [B,H,T,T], the smallest number where
// mask [B,T] ignores the key.
#include "include/grid.glsl"

layout(constant_id = 0) const bool HAS_MASK = false;

layout(push_constant) uniform Push {
  uint batch, tokens, heads, width;  // width of a head
  float scale;
};

layout(std430, binding = 0) readonly buffer QKV { float qkv[]; };
layout(std430, binding = 1) readonly buffer Mask { float mask[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint n = invocation(), pairs = tokens * tokens;
  if (n >= batch * heads * pairs) return;
  uint key = n % tokens, query = n / tokens % tokens, head = n / pairs % heads, b = n / (pairs * heads);
  uint stride = 3u * heads * width, first = b * tokens * stride + head * width;
  uint q = first + query * stride, k = first + key * stride + heads * width;
  float s = 0.0;
  for (uint i = 0u; i < width; i++) s += qkv[q + i] * qkv[k + i];
  s *= scale;
  if (HAS_MASK && mask[b * tokens + key] < 0.0) s = -3.402823466e38;
  y[n] = s;
}

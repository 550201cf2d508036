#version 450
#extension GL_GOOGLE_include_directive : require
// y[b,h,i,j] = scale·(q[b,h,i] (+ k[b,h,j]))·table[middle+i-j], with qkv [B,T,3·H·Dh]
// and table [2·middle+1,Dh].
#include "include/grid.glsl"

layout(constant_id = 0) const bool KEYS = false;

layout(push_constant) uniform Push {
  uint elements;              // of y
  uint tokens, heads, width;  // width of a head
  uint middle;                // row of distance 0
  float scale;
};

layout(std430, binding = 0) readonly buffer QKV { float qkv[]; };
layout(std430, binding = 1) readonly buffer Table { float table[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };

void main() {
  uint n = invocation();
  if (n >= elements) return;
  uint j = n % tokens, i = n / tokens % tokens, h = n / (tokens * tokens) % heads, b = n / (tokens * tokens * heads);
  uint all = heads * width;
  uint q = (b * tokens + i) * 3u * all + h * width;
  uint k = (b * tokens + j) * 3u * all + all + h * width;
  uint row = (middle + i - j) * width;
  float s = 0.0;
  for (uint c = 0u; c < width; c++) {
    float x = qkv[q + c];
    if (KEYS) x += qkv[k + c];
    s += x * table[row + c];
  }
  y[n] = scale * s;
}

#version 450
#extension GL_GOOGLE_include_directive : require
// y[i,:] = table[ids[i],:] (+ base[i,:]), an element an invocation.
//
// A table larger than one binding may be is bound a range of rows at a time:
// rows outside the range are left to the other dispatches.
//
// variant: embed
// variant: embed_f16 -DTABLE_F16
// variant: embed_bf16 -DTABLE_BF16
// variant: embed_q8 -DTABLE_Q8
#include "include/grid.glsl"

layout(constant_id = 0) const bool HAS_BASE = false;

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint width;     // of a row
  uint first;     // row at the binding's start
  uint rows;      // in the binding
};

layout(std430, binding = 0) readonly buffer Ids { uint ids[]; };
#ifdef TABLE_F16
layout(std430, binding = 1) readonly buffer Table { uint table[]; };
float at(uint row, uint j) { uint i = row * width + j; vec2 h = unpackHalf2x16(table[i >> 1]); return (i & 1u) == 0u ? h.x : h.y; }
#elif defined(TABLE_BF16)
layout(std430, binding = 1) readonly buffer Table { uint table[]; };
float at(uint row, uint j) { uint i = row * width + j, h = table[i >> 1]; return uintBitsToFloat((i & 1u) == 0u ? h << 16 : h & 0xffff0000u); }
#elif defined(TABLE_Q8)
// A row is its scale, then four integers of 8 bits a word.
layout(std430, binding = 1) readonly buffer Table { uint table[]; };
float at(uint row, uint j) {
  uint i = row * (1 + (width + 3) / 4);
  int q = bitfieldExtract(int(table[i + 1 + j / 4]), int(j % 4 * 8), 8);
  return uintBitsToFloat(table[i]) * float(q);
}
#else
layout(std430, binding = 1) readonly buffer Table { float table[]; };
float at(uint row, uint j) { return table[row * width + j]; }
#endif
layout(std430, binding = 2) readonly buffer Base { float base[]; };
layout(std430, binding = 3) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint token = i / width;
  uint row = ids[token] - first;
  if (row >= rows) return;  // also where ids[token] < first: it wraps
  float v = at(row, i - token * width);
  y[i] = HAS_BASE ? base[i] + v : v;
}

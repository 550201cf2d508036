#version 450
#extension GL_GOOGLE_include_directive : require
// x = x as a shorter type holds it, in place: to nearest, ties to even, past
// the largest number to infinity. All in integers, since Vulkan leaves open how
// packHalf2x16 rounds and whether small numbers become 0.
#include "include/grid.glsl"

layout(constant_id = 0) const bool BF16 = false;

layout(push_constant) uniform Push {
  uint elements;
};

layout(std430, binding = 0) buffer X { uint x[]; };

const uint INFINITY = 0x7f800000u;

// The last bits of u rounded away, half of 1 << bits to the even neighbour.
uint nearest(uint u, int bits) {
  uint middle = 1u << (bits - 1);
  return (u + middle - 1u + ((u >> bits) & 1u)) >> bits;
}

// A positive float as binary16: 10 bits of fraction; below 2^-14 a multiple of 2^-24.
uint f16(uint u) {
  if (u < 113u << 23) {
    int exponent = int(u >> 23);
    if (exponent < 102) return 0u;
    uint units = nearest(u & 0x7fffffu | 0x800000u, 126 - exponent);
    return floatBitsToUint(float(units) * uintBitsToFloat((127u - 24u) << 23));
  }
  u = nearest(u, 13) << 13;
  return u < 143u << 23 ? u : INFINITY;
}

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint u = x[i] & 0x7fffffffu;
  if (u >= INFINITY) return;  // NaN too
  x[i] = x[i] & 0x80000000u | (BF16 ? nearest(u, 16) << 16 : f16(u));
}

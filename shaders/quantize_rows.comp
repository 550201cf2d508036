#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// x [M,K] as integers of 8 bits, each 32 k of a row with a scale, for linear_dot:
// an invocation a block. Rows lie side by side as columns of weights do, so that
// neighbours write neighbours and a tile of rows needs no transposing.
// See README.md for the layout.
#include "include/grid.glsl"

layout(constant_id = 0) const bool VEC4 = false;  // K is a multiple of 4

layout(push_constant) uniform Push {
    uint M, K;
};

layout(std430, binding = 0) readonly buffer InBuffer { float x[]; };
layout(std430, binding = 0) readonly buffer InBuffer4 { vec4 x4[]; };
layout(std430, binding = 1) writeonly buffer OutBuffer { uint y[]; };

const uint INFINITY = 0x7f800000u;
const float SMALLEST = 1.17549435e-38;  // a normal number, and so is its reciprocal

void main() {
    uint i = invocation(), row = i % M, block = i / M;
    if (block >= (K + 31) / 32) return;

    // The largest magnitude, by its bits: a NaN is larger than all numbers.
    vec4 v[8];
    uvec4 most = uvec4(0);
    [[unroll]] for (uint q = 0; q < 8; q++) {
        uint k = block * 32 + 4 * q;
        v[q] = vec4(0);
        if (VEC4) {
            if (k < K) v[q] = x4[(row * K + k) / 4];
        } else {
            [[unroll]] for (uint j = 0; j < 4; j++)
                if (k + j < K) v[q][j] = x[row * K + k + j];
        }
        most = max(most, floatBitsToUint(v[q]) & 0x7fffffffu);
    }
    most.xy = max(most.xy, most.zw);
    uint largest = max(most.x, most.y);

    // A block that is not finite, or next to nothing, has zeros for integers; the
    // scale of the former spoils its row, as it should.
    float scale = uintBitsToFloat(largest) / 127.0, inverse = 0.0;
    if (scale < SMALLEST) scale = 0.0;
    else if (largest < INFINITY) inverse = 1.0 / scale;

    uint stride = (M + 3) & ~3u, at = block * 9 * stride + row;
    y[at] = floatBitsToUint(scale);
    [[unroll]] for (uint q = 0; q < 8; q++) {
        uvec4 code = uvec4(0);
        if (inverse > 0.0) code = uvec4(ivec4(roundEven(v[q] * inverse))) & 255u;
        y[at + (1 + q) * stride] = code.x | code.y << 8 | code.z << 16 | code.w << 24;
    }
}

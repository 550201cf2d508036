// The input of a linear kernel as a storage buffer, four numbers of a row at a
// time. Include after linear.glsl.

layout(constant_id = 3) const bool VEC4 = false;    // K and lda are multiples of 4

layout(std430, binding = 0) readonly buffer InBuffer { float A[]; };
layout(std430, binding = 0) readonly buffer InBuffer4 { vec4 A4[]; };

// A[row][k…k+3], zeros past K. k is a multiple of 4.
vec4 inputs(uint row, uint k) {
    vec4 v = vec4(0);
    if (VEC4) {
        if (k < pc.K) v = A4[(row * pc.lda + k) / 4];
    } else {
        [[unroll]] for (uint i = 0; i < 4; i++)
            if (k + i < pc.K) v[i] = A[row * pc.lda + k + i];
    }
    return v;
}

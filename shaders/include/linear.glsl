// What every linear kernel shares: push constants, specialization constants,
// the panel width of the packed weights. Include after activation.glsl.

layout(constant_id = 0) const bool HAS_BIAS = false;
layout(constant_id = 1) const int ACTIVATION = ACT_NONE;
layout(constant_id = 2) const bool HAS_RESIDUAL = false;

layout(push_constant) uniform Push {
    uint M, N, K;
    uint lda, ldc, ldr;   // row strides of A, C, residual, in elements
    uint row0, column0;   // place of this dispatch's first row and column in C
} pc;

// Layout kn32: panels of 32 columns, [ceil(N/32)][K][32], zeros past N.
const int PANEL = 32;

float activate(float x) { return activate(ACTIVATION, x); }

vec4 activate(vec4 x) {
    return vec4(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
}

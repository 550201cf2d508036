// What every linear kernel shares: push constants, specialization constants,
// the panel width of the packed weights. Include after activation.glsl.
//
// With EPILOGUE_PUSHED what follows the sum is a push constant: for a driver that
// folds no specialization constant, and takes as long to compile each of them.

#ifdef EPILOGUE_PUSHED
#define HAS_BIAS ((pc.epilogue & 1u) != 0u)
#define HAS_RESIDUAL ((pc.epilogue & 2u) != 0u)
#define ACTIVATION int(pc.epilogue >> 2)
#else
layout(constant_id = 0) const bool HAS_BIAS = false;
layout(constant_id = 1) const int ACTIVATION = ACT_NONE;
layout(constant_id = 2) const bool HAS_RESIDUAL = false;
#endif

layout(push_constant) uniform Push {
    uint M, N, K;
    uint lda, ldc, ldr;   // row strides of A, C, residual, in elements
    uint row0, column0;   // place of this dispatch's first row and column in C
#ifdef EPILOGUE_PUSHED
    uint epilogue;
#endif
} pc;

// Layout kn32: panels of 32 columns, [ceil(N/32)][K][32], zeros past N.
const int PANEL = 32;

float activate(float x) { return activate(ACTIVATION, x); }

vec4 activate(vec4 x) {
    return vec4(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
}

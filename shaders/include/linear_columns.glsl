// The end of a kernel whose invocations hold ROWS rows by some groups of 4 columns:
// bindings 2 to 4, and what follows the sums. Include after linear.glsl and
// weight_buffer.glsl, with ROWS defined.

layout(constant_id = 4) const bool VEC4_OUT = false; // N, ldc and ldr are multiples of 4

layout(std430, binding = 2) readonly buffer BiasBuffer { float bias[]; };
#ifdef WITHOUT_RESIDUAL // four storage buffers are all that Vulkan demands of a device
#define OUT 3
#define RESIDUAL(at) 0.0
#define RESIDUAL4(at) vec4(0)
#else
#define OUT 4
#define RESIDUAL(at) residual[at]
#define RESIDUAL4(at) residual4[at]
layout(std430, binding = 3) readonly buffer ResidualBuffer { float residual[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer4 { vec4 residual4[]; };
#endif
layout(std430, binding = OUT) writeonly buffer OutBuffer { float C[]; };
layout(std430, binding = OUT) writeonly buffer OutBuffer4 { vec4 C4[]; };

// Writes the rows of C from row on, in a group of columns that is counted from
// column0. What lies outside of C is left out.
void writeColumns(vec4 sum[ROWS], uint group, uint row) {
    uint c = pc.column0 + group * 4, last = (pc.N - pc.column0 - 1) / PANEL;
    vec4 scale = weightScale(min(group / ROW, last), group % ROW), add = vec4(0);
    if (HAS_BIAS) {
        [[unroll]] for (uint n = 0; n < 4; n++) add[n] = bias[min(c + n, pc.N - 1)];
    }
    // Rows move up one place each turn: the activation's code stands here once.
    for (uint i = 0; i < ROWS; i++) {
        uint r = row + i;
        if (r < pc.M && c < pc.N) {
            vec4 v = activate(sum[0] * scale + add);
            if (VEC4_OUT) {
                if (HAS_RESIDUAL) v += RESIDUAL4((r * pc.ldr + c) / 4);
                C4[(r * pc.ldc + c) / 4] = v;
            } else {
                for (uint n = 0; n < min(4, pc.N - c); n++) {
                    float one = v[0];
                    if (HAS_RESIDUAL) one += RESIDUAL(r * pc.ldr + c + n);
                    C[r * pc.ldc + c + n] = one;
                    v = v.yzwx;
                }
            }
        }
        [[unroll]] for (uint s = 0; s + 1 < ROWS; s++) sum[s] = sum[s + 1];
    }
}

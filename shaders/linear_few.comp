#version 450
// variant: linear_few
// variant: linear_few_f16 -DWEIGHT_F16=1
// variant: linear_few_bf16 -DWEIGHT_BF16=1
// variant: linear_few_q8 -DWEIGHT_Q8=1
// variant: linear_few_q4 -DWEIGHT_Q4=1
// variant: linear_few_emulated -DEMULATE=1
//
// C = epilogue(A·W + bias) of a few rows, on GPUs with subgroup operations: all
// time goes into reading the weights, so as many invocations as there can be
// read them, each once.
//
// A subgroup has 8 rows by 4 columns, each lane 4 of its 4·SUBGROUP k at a time,
// and the lanes' sums are added up at the end. The four subgroups of a workgroup
// stand side by side, so that together they use up the 64 bytes of a row of
// weights that memory gives at once.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "include/subgroup.glsl"
#include "include/activation.glsl"
#include "include/linear.glsl"
#include "include/input_buffer.glsl"
#include "include/weight_buffer.glsl"

layout(std430, binding = 2) readonly buffer BiasBuffer { float bias[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer { float residual[]; };
layout(std430, binding = 4) writeonly buffer OutBuffer { float C[]; };

const uint ROWS = 8;
const uint SUBGROUPS = 4;

void main() {
    uint row = gl_WorkGroupID.x * ROWS;              // in A
    uint rows = min(pc.M - pc.row0 - row, ROWS);
    uint group = gl_WorkGroupID.y * SUBGROUPS + SUBGROUP_ID;
    uint panel = min(group / ROW, (pc.N - pc.column0 - 1) / PANEL);

    vec4 sum[ROWS];
    [[unroll]] for (uint r = 0; r < ROWS; r++) sum[r] = vec4(0);
    for (uint k = 4 * SUBGROUP_LANE; k < pc.K; k += 4 * SUBGROUP) {
        vec4 w[4];
        [[unroll]] for (uint i = 0; i < 4; i++) w[i] = weight(panel, min(k + i, pc.K - 1), group % ROW);
        [[unroll]] for (uint r = 0; r < ROWS; r++) {
            if (r < rows) {
                vec4 a = inputs(row + r, k);
                sum[r] += (a.x * w[0] + a.y * w[1]) + (a.z * w[2] + a.w * w[3]);
            }
        }
    }
    [[unroll]] for (uint r = 0; r < ROWS; r++)
        if (r < rows) sum[r] = SUBGROUP_ADD(sum[r]);

    uint c = pc.column0 + group * 4;
    vec4 scale = weightScale(panel, group % ROW);
    // Lane r writes row r.
    for (uint r = SUBGROUP_LANE; r < rows; r += SUBGROUP) {
        vec4 v = sum[0];
        [[unroll]] for (uint i = 1; i < ROWS; i++) v = i == r ? sum[i] : v;
        v *= scale;
        for (uint n = 0; n < 4 && c + n < pc.N; n++) {
            float one = v[0];
            if (HAS_BIAS) one += bias[c + n];
            one = activate(one);
            if (HAS_RESIDUAL) one += residual[(pc.row0 + row + r) * pc.ldr + c + n];
            C[(pc.row0 + row + r) * pc.ldc + c + n] = one;
            v = v.yzwx;
        }
    }
}

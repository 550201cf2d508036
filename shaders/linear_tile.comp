#version 450
// variant: linear_tile32 -DTILE_M=32 -DROWS=4 -DQUADS=1
// variant: linear_tile32_f16 -DTILE_M=32 -DROWS=4 -DQUADS=1 -DWEIGHT_F16=1
// variant: linear_tile32_bf16 -DTILE_M=32 -DROWS=4 -DQUADS=1 -DWEIGHT_BF16=1
// variant: linear_tile32_q8 -DTILE_M=32 -DROWS=4 -DQUADS=1 -DWEIGHT_Q8=1
// variant: linear_tile32_q4 -DTILE_M=32 -DROWS=4 -DQUADS=1 -DWEIGHT_Q4=1
// variant: linear_tile64 -DTILE_M=64 -DROWS=8 -DQUADS=1
// variant: linear_tile64_f16 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWEIGHT_F16=1
// variant: linear_tile64_bf16 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWEIGHT_BF16=1
// variant: linear_tile64_q8 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWEIGHT_Q8=1
// variant: linear_tile64_q4 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWEIGHT_Q4=1
// variant: linear_tile128 -DTILE_M=128 -DROWS=8 -DQUADS=2
// variant: linear_tile128_f16 -DTILE_M=128 -DROWS=8 -DQUADS=2 -DWEIGHT_F16=1
// variant: linear_tile128_bf16 -DTILE_M=128 -DROWS=8 -DQUADS=2 -DWEIGHT_BF16=1
// variant: linear_tile128_q8 -DTILE_M=128 -DROWS=8 -DQUADS=2 -DWEIGHT_Q8=1
// variant: linear_tile128_q4 -DTILE_M=128 -DROWS=8 -DQUADS=2 -DWEIGHT_Q4=1
// variant: linear_four -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWITHOUT_RESIDUAL=1
// variant: linear_four_f16 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWITHOUT_RESIDUAL=1 -DWEIGHT_F16=1
// variant: linear_four_bf16 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWITHOUT_RESIDUAL=1 -DWEIGHT_BF16=1
// variant: linear_four_q8 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWITHOUT_RESIDUAL=1 -DWEIGHT_Q8=1
// variant: linear_four_q4 -DTILE_M=64 -DROWS=8 -DQUADS=1 -DWITHOUT_RESIDUAL=1 -DWEIGHT_Q4=1
//
// C = epilogue(A·W + bias) for GPUs without matrix units: any sizes.
//
// A workgroup has TILE_M rows by 64 columns, an invocation ROWS rows by 4·QUADS
// columns in registers: each k then costs it ROWS/4 + QUADS loads of a vec4 from
// shared memory for ROWS·QUADS multiply-adds of one. A lies transposed there.
// While one 16 k are multiplied, the next are on their way from memory to
// registers. A large tile does more with what it loads, a small one gives more
// workgroups: which is faster is a matter of the device and is measured.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "include/activation.glsl"
#include "include/linear.glsl"
#include "include/input_buffer.glsl"
#include "include/weight_buffer.glsl"
#include "include/linear_columns.glsl"

const uint TILE_N = 64;
const uint TILE_K = 16;
const uint ACROSS = TILE_N / 4 / QUADS;
const uint INVOCATIONS = ACROSS * TILE_M / ROWS;
const uint A_LOADS = TILE_M * TILE_K / 4 / INVOCATIONS;
const uint W_LOADS = TILE_K * TILE_N / 4 / INVOCATIONS;

layout(local_size_x = INVOCATIONS) in;

// One vec4 more a row than needed spreads the stores of a column over banks.
const uint A_STRIDE = TILE_M / 4 + 1;
shared vec4 at[TILE_K * A_STRIDE];       // [k][row/4]
shared vec4 wt[TILE_K * TILE_N / 4];     // [k][column/4]

vec4 nextA[A_LOADS], nextW[W_LOADS];

// Starts the loads of the 16 k from k on. Rows past M read the last one.
void fetch(uint row, uint rows, uint k) {
    uint last = (pc.N - pc.column0 - 1) / PANEL;
    [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
        uint e = gl_LocalInvocationIndex + i * INVOCATIONS;
        nextA[i] = inputs(row + min(e / 4, rows - 1), k + e % 4 * 4);
    }
    [[unroll]] for (uint i = 0; i < W_LOADS; i++) {
        uint e = gl_LocalInvocationIndex + i * INVOCATIONS;
        uint q = k + e / (TILE_N / 4), c = gl_WorkGroupID.y * (TILE_N / 4) + e % (TILE_N / 4);
        nextW[i] = weight(min(c / ROW, last), min(q, pc.K - 1), c % ROW);
    }
}

void main() {
    uint id = gl_LocalInvocationIndex;
    uint x = id % ACROSS, y = id / ACROSS;
    uint row = gl_WorkGroupID.x * TILE_M;            // in A
    uint rows = min(pc.M - pc.row0 - row, TILE_M);

    vec4 sum[QUADS][ROWS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < QUADS; j++) sum[j][i] = vec4(0);

    fetch(row, rows, 0);
    for (uint k = 0; k < pc.K; k += TILE_K) {
        barrier();
        [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
            uint e = id + i * INVOCATIONS;
            [[unroll]] for (uint j = 0; j < 4; j++) at[(e % 4 * 4 + j) * A_STRIDE + e / 16][e / 4 % 4] = nextA[i][j];
        }
        [[unroll]] for (uint i = 0; i < W_LOADS; i++) wt[id + i * INVOCATIONS] = nextW[i];
        barrier();
        if (k + TILE_K < pc.K) fetch(row, rows, k + TILE_K);
        for (uint q = 0; q < TILE_K; q += 2) {
            [[unroll]] for (uint u = 0; u < 2; u++) {
                vec4 a[ROWS / 4], b[QUADS];
                [[unroll]] for (uint i = 0; i < ROWS / 4; i++) a[i] = at[(q + u) * A_STRIDE + y * (ROWS / 4) + i];
                [[unroll]] for (uint j = 0; j < QUADS; j++) b[j] = wt[(q + u) * (TILE_N / 4) + x + j * ACROSS];
                [[unroll]] for (uint i = 0; i < ROWS; i++)
                    [[unroll]] for (uint j = 0; j < QUADS; j++) sum[j][i] += a[i / 4][i % 4] * b[j];
            }
        }
    }

    [[unroll]] for (uint j = 0; j < QUADS; j++)
        writeColumns(sum[j], gl_WorkGroupID.y * (TILE_N / 4) + x + j * ACROSS, pc.row0 + row + y * ROWS);
}

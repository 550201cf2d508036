#version 450
// variant: linear_dot -DTILE_M=64 -DQUADS=1
// variant: linear_dot_wide -DTILE_M=128 -DQUADS=2
// variant: linear_dot_emulated -DTILE_M=64 -DQUADS=1 -DEMULATE=1
//
// C = epilogue(A·W + bias) with products of four 8-bit integers: W is q8, A what
// quantize_rows makes of it. Any sizes. For GPUs.
//
// A workgroup has TILE_M rows by 64 columns, an invocation 8 rows by 4·QUADS
// columns in registers: each word of 4 k then costs it 2 + QUADS loads of a uvec4
// from shared memory for 32·QUADS dot products. The integers of a block of 32 k
// are summed as integers, exactly, and its sum joins the others as a float, times
// the scale of the row's block; the scale of the column waits until the end. Of A
// and W both, a line has rows or columns side by side: nothing is transposed.
// While two blocks are multiplied, the next are on their way from memory to
// registers. See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define WEIGHT_Q8 1
#include "include/dot.glsl"
#include "include/activation.glsl"
#include "include/linear.glsl"
#include "include/weight_buffer.glsl"
#define ROWS 8u
#include "include/linear_columns.glsl"

const uint TILE_N = 64;
const uint BLOCKS = 2;                               // a step, of 32 k
const uint A_LINES = BLOCKS * 9;                     // a block's scales, then 8 words of 4 k
const uint W_LINES = BLOCKS * 8;
const uint ACROSS = TILE_N / 4 / QUADS;
const uint INVOCATIONS = ACROSS * TILE_M / ROWS;
const uint A_SIZE = A_LINES * TILE_M / 4;            // uvec4, some of which nobody loads in the last turn
const uint A_LOADS = (A_SIZE + INVOCATIONS - 1) / INVOCATIONS;
const uint W_LOADS = W_LINES * TILE_N / 4 / INVOCATIONS;

layout(local_size_x = INVOCATIONS) in;

layout(std430, binding = 0) readonly buffer InBuffer { uvec4 A[]; };

shared uvec4 at[A_SIZE];                             // [line][row/4]
shared uvec4 wt[W_LINES * TILE_N / 4];               // [line][column/4]

uvec4 nextA[A_LOADS], nextW[W_LOADS];

// Starts the loads of the blocks from that one on. What lies past the end of rows
// or columns repeats the last; past the last block A has zeros.
void fetch(uint block) {
    uint wide = (pc.M + 3) / 4, blocks = (pc.K + 31) / 32;
    uint group = (pc.row0 + gl_WorkGroupID.x * TILE_M) / 4;
    [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
        uint e = gl_LocalInvocationIndex + i * INVOCATIONS;
        uint line = block * 9 + e / (TILE_M / 4);
        nextA[i] = uvec4(0);
        if (line < blocks * 9) nextA[i] = A[line * wide + min(group + e % (TILE_M / 4), wide - 1)];
    }
    uint last = (pc.N - pc.column0 - 1) / PANEL, lines = (pc.K + 3) / 4;
    [[unroll]] for (uint i = 0; i < W_LOADS; i++) {
        uint e = gl_LocalInvocationIndex + i * INVOCATIONS;
        uint line = block * 8 + e / (TILE_N / 4), c = gl_WorkGroupID.y * (TILE_N / 4) + e % (TILE_N / 4);
        nextW[i] = W[panelStart(min(c / ROW, last)) + ROW + min(line, lines - 1) * ROW + c % ROW];
    }
}

void main() {
    uint id = gl_LocalInvocationIndex;
    uint x = id % ACROSS, y = id / ACROSS;
    uint blocks = (pc.K + 31) / 32;

    vec4 sum[QUADS][ROWS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < QUADS; j++) sum[j][i] = vec4(0);

    fetch(0);
    for (uint block = 0; block < blocks; block += BLOCKS) {
        barrier();
        [[unroll]] for (uint i = 0; i < A_LOADS; i++)
            if (id + i * INVOCATIONS < A_SIZE) at[id + i * INVOCATIONS] = nextA[i];
        [[unroll]] for (uint i = 0; i < W_LOADS; i++) wt[id + i * INVOCATIONS] = nextW[i];
        barrier();
        if (block + BLOCKS < blocks) fetch(block + BLOCKS);
        for (uint b = 0; b < BLOCKS; b++) {
            ivec4 exact[ROWS][QUADS];
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                [[unroll]] for (uint j = 0; j < QUADS; j++) exact[i][j] = ivec4(0);
            for (uint q = 0; q < 8; q += 2) {
                [[unroll]] for (uint u = 0; u < 2; u++) {
                    uvec4 a[ROWS / 4], w[QUADS];
                    [[unroll]] for (uint i = 0; i < ROWS / 4; i++) a[i] = at[(b * 9 + 1 + q + u) * (TILE_M / 4) + y * (ROWS / 4) + i];
                    [[unroll]] for (uint j = 0; j < QUADS; j++) w[j] = wt[(b * 8 + q + u) * (TILE_N / 4) + x + j * ACROSS];
                    [[unroll]] for (uint i = 0; i < ROWS; i++)
                        [[unroll]] for (uint j = 0; j < QUADS; j++)
                            [[unroll]] for (uint n = 0; n < 4; n++) exact[i][j][n] += DOT4(a[i / 4][i % 4], w[j][n]);
                }
            }
            [[unroll]] for (uint i = 0; i < ROWS; i++) {
                float scale = uintBitsToFloat(at[b * 9 * (TILE_M / 4) + y * (ROWS / 4) + i / 4][i % 4]);
                [[unroll]] for (uint j = 0; j < QUADS; j++) sum[j][i] += vec4(exact[i][j]) * scale;
            }
        }
    }

    [[unroll]] for (uint j = 0; j < QUADS; j++)
        writeColumns(sum[j], gl_WorkGroupID.y * (TILE_N / 4) + x + j * ACROSS, pc.row0 + gl_WorkGroupID.x * TILE_M + y * ROWS);
}

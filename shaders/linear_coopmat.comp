#version 450
// variant: linear_coopmat
// variant: linear_coopmat_emulated -DEMULATE=1
// variant: linear_coopmat_emulated_4x16x8 -DEMULATE=1 -DFRAGMENT_M=4u -DFRAGMENT_N=16u -DFRAGMENT_K=8u
//
// C = epilogue(A·W + bias) with cooperative matrices: W is f16, A is rounded to
// f16 where it is read, products are exact and sums are f32. Any sizes.
//
// Four subgroups, two by two, each with WARP_M rows by WARP_N columns of C in
// fragments. 32 k at a time through shared memory, as halves, in rows that are
// one uvec4 longer than needed: consecutive rows then start in different banks.
// Of the result, a fragment a subgroup at a time passes through shared memory
// to the epilogue, since only there it is known which element is where.
// See README.md for the contract.

#extension GL_GOOGLE_include_directive : require
#include "include/coopmat.glsl"
#include "include/activation.glsl"
#include "include/linear.glsl"
#include "include/input_buffer.glsl"

layout(constant_id = 4) const uint WARP_M = 32;     // multiples of the fragments' sizes and of 8
layout(constant_id = 5) const uint WARP_N = 32;

const uint TILE_M = 2 * WARP_M;
const uint TILE_N = 2 * WARP_N;
const uint TILE_K = 32;
const uint ROW = PANEL / 8;                         // uvec4 of one k in a panel
const uint A_STRIDE = TILE_K / 8 + 1;
const uint W_STRIDE = TILE_N / 8 + 1;
const uint ROWS = WARP_M / FRAGMENT_M, COLUMNS = WARP_N / FRAGMENT_N;

layout(std430, binding = 1) readonly buffer WeightBuffer { uvec4 W[]; };
layout(std430, binding = 2) readonly buffer BiasBuffer { float bias[]; };
layout(std430, binding = 3) readonly buffer ResidualBuffer { float residual[]; };
layout(std430, binding = 4) writeonly buffer OutBuffer { float C[]; };

shared uvec4 at[TILE_M * A_STRIDE];                 // [row][k/8]
shared uvec4 wt[TILE_K * W_STRIDE];                 // [k][column/8]
shared float stage[4 * FRAGMENT_M * FRAGMENT_N];    // a fragment a subgroup

// The same as halves.
uvec2 halves(uint row, uint k) {
    vec4 v = inputs(row, k);
    return uvec2(packHalf2x16(v.xy), packHalf2x16(v.zw));
}

void main() {
    uint id = gl_LocalInvocationIndex;
    uint threads = gl_WorkGroupSize.x;
    uint row = gl_WorkGroupID.x * TILE_M;           // in A
    uint rows = min(pc.M - pc.row0 - row, TILE_M);
    uint panel = gl_WorkGroupID.y * (TILE_N / PANEL);
    uint panels = (pc.N - pc.column0 + PANEL - 1) / PANEL;
    uint warpRow = MATRIX_SUBGROUP / 2 * WARP_M, warpColumn = MATRIX_SUBGROUP % 2 * WARP_N;

    MATRIX_C sums[ROWS * COLUMNS];
    UNROLL for (uint i = 0; i < ROWS * COLUMNS; i++) MATRIX_ZERO(sums[i]);

    for (uint k = 0; k < pc.K; k += TILE_K) {
        UNROLL for (uint e = id; e < TILE_M * (TILE_K / 8); e += threads) {
            uint r = e / (TILE_K / 8), q = e % (TILE_K / 8);
            uvec4 v = uvec4(0);
            if (r < rows) v = uvec4(halves(row + r, k + 8 * q), halves(row + r, k + 8 * q + 4));
            at[r * A_STRIDE + q] = v;
        }
        UNROLL for (uint e = id; e < TILE_K * (TILE_N / 8); e += threads) {
            uint q = e / (TILE_N / 8), j = e % (TILE_N / 8);
            uint p = panel + j / ROW;
            uvec4 v = uvec4(0);
            if (p < panels && k + q < pc.K) v = W[(p * pc.K + k + q) * ROW + j % ROW];
            wt[q * W_STRIDE + j] = v;
        }
        barrier();
        UNROLL for (uint q = 0; q < TILE_K; q += FRAGMENT_K) {
            MATRIX_A a[ROWS];
            UNROLL for (uint i = 0; i < ROWS; i++)
                MATRIX_LOAD_A(a[i], at, (warpRow + i * FRAGMENT_M) * A_STRIDE + q / 8, A_STRIDE);
            UNROLL for (uint j = 0; j < COLUMNS; j++) {
                MATRIX_B b;
                MATRIX_LOAD_B(b, wt, q * W_STRIDE + (warpColumn + j * FRAGMENT_N) / 8, W_STRIDE);
                UNROLL for (uint i = 0; i < ROWS; i++) MATRIX_MULADD(a[i], b, sums[i * COLUMNS + j]);
            }
        }
        barrier();
    }

    const uint size = FRAGMENT_M * FRAGMENT_N;
    UNROLL for (uint f = 0; f < ROWS * COLUMNS; f++) {
        MATRIX_STORE_C(sums[f], stage, MATRIX_SUBGROUP * size, FRAGMENT_N);
        barrier();
        uint firstRow = pc.row0 + row + warpRow + f / COLUMNS * FRAGMENT_M;
        uint firstColumn = pc.column0 + gl_WorkGroupID.y * TILE_N + warpColumn + f % COLUMNS * FRAGMENT_N;
        for (uint e = MATRIX_LANE; e < size; e += MATRIX_LANES) {
            uint r = firstRow + e / FRAGMENT_N, c = firstColumn + e % FRAGMENT_N;
            if (r < pc.M && c < pc.N) {
                float v = stage[MATRIX_SUBGROUP * size + e];
                if (HAS_BIAS) v += bias[c];
                v = activate(v);
                if (HAS_RESIDUAL) v += residual[r * pc.ldr + c];
                C[r * pc.ldc + c] = v;
            }
        }
        barrier();
    }
}

// Matrices spread over a subgroup (VK_KHR_cooperative_matrix): f16 × f16 → f32.
//
// The sizes FRAGMENT_M × FRAGMENT_K times FRAGMENT_K × FRAGMENT_N are
// specialization constants, set to a shape that the device lists.
//
// With EMULATE a subgroup is one invocation that holds whole matrices as plain
// arrays, so that a kernel's indices and edges run on any device. The sizes are
// then macros, small ones: software drivers take seconds to compile more, and
// lavapipe ends all loops of an invocation after 65535 turns together.
//
// Operands come from arrays of uvec4 in shared memory, 8 halves each: "at" and
// "stride" (from row to row) count uvec4, and sides along a row are multiples of
// 8. Results go to arrays of float in shared memory. Between a write there and
// a read by others stands a barrier().
//
//	MATRIX_A, MATRIX_B, MATRIX_C          types
//	MATRIX_ZERO(c)                        c = 0
//	MATRIX_LOAD_A(a, array, at, stride)   a[i][k], row i at at + i·stride
//	MATRIX_LOAD_B(b, array, at, stride)   b[k][j], row k at at + k·stride
//	MATRIX_LOAD_BT(b, array, at, stride)  b[k][j], column j at at + j·stride
//	MATRIX_LOAD_C(c, array, at, stride)   c[i][j], row i at at + i·stride, in floats
//	MATRIX_STORE_C(c, array, at, stride)
//	MATRIX_MULADD(a, b, c)                c += a·b
//	MATRIX_TIMES(c, by)                   c·by, element by element, by being a MATRIX_C
//	UNROLL                                before a loop over matrices
//	MATRIX_LANE, MATRIX_LANES             invocation in the subgroup, how many there are
//	MATRIX_SUBGROUP                       subgroup in the workgroup
//
// The workgroup is as many subgroups as the kernel wants: constant 11 is its
// size in invocations, subgroups × MATRIX_LANES, and subgroups are full.
// Ids 8 to 11 are taken here.

#extension GL_EXT_control_flow_attributes : require

layout(local_size_x_id = 11) in;

#ifdef EMULATE

#ifndef FRAGMENT_M
#define FRAGMENT_M 8u
#endif
#ifndef FRAGMENT_N
#define FRAGMENT_N 8u
#endif
#ifndef FRAGMENT_K
#define FRAGMENT_K 8u
#endif

// Rows of vec4.
struct MATRIX_A { vec4 e[FRAGMENT_M * FRAGMENT_K / 4u]; };
struct MATRIX_B { vec4 e[FRAGMENT_K * FRAGMENT_N / 4u]; };
struct MATRIX_C { vec4 e[FRAGMENT_M * FRAGMENT_N / 4u]; };

#define UNROLL [[dont_unroll]]
#define MATRIX_LANE 0u
#define MATRIX_LANES 1u
#define MATRIX_SUBGROUP gl_LocalInvocationIndex

#define MATRIX_LOAD(f, array, at, stride, rows, columns) \
    [[unroll]] for (uint r_ = 0u; r_ < rows; r_++) \
        [[unroll]] for (uint q_ = 0u; q_ < columns / 8u; q_++) { \
            uvec4 h_ = (array)[(at) + r_ * (stride) + q_]; \
            (f).e[r_ * (columns / 4u) + q_ * 2u] = vec4(unpackHalf2x16(h_.x), unpackHalf2x16(h_.y)); \
            (f).e[r_ * (columns / 4u) + q_ * 2u + 1u] = vec4(unpackHalf2x16(h_.z), unpackHalf2x16(h_.w)); \
        }
#define MATRIX_LOAD_A(a, array, at, stride) MATRIX_LOAD(a, array, at, stride, FRAGMENT_M, FRAGMENT_K)
#define MATRIX_LOAD_B(b, array, at, stride) MATRIX_LOAD(b, array, at, stride, FRAGMENT_K, FRAGMENT_N)
#define MATRIX_LOAD_BT(b, array, at, stride) \
    [[unroll]] for (uint c_ = 0u; c_ < FRAGMENT_N; c_++) \
        [[unroll]] for (uint r_ = 0u; r_ < FRAGMENT_K; r_++) { \
            vec2 h_ = unpackHalf2x16((array)[(at) + c_ * (stride) + r_ / 8u][r_ % 8u / 2u]); \
            (b).e[r_ * (FRAGMENT_N / 4u) + c_ / 4u][c_ % 4u] = h_[r_ % 2u]; \
        }

#define MATRIX_ZERO(c) [[unroll]] for (uint i_ = 0u; i_ < FRAGMENT_M * FRAGMENT_N / 4u; i_++) (c).e[i_] = vec4(0)
#define MATRIX_LOAD_C(c, array, at, stride) \
    [[unroll]] for (uint r_ = 0u; r_ < FRAGMENT_M; r_++) \
        [[unroll]] for (uint c_ = 0u; c_ < FRAGMENT_N; c_++) (c).e[(r_ * FRAGMENT_N + c_) / 4u][c_ % 4u] = (array)[(at) + r_ * (stride) + c_]
#define MATRIX_STORE_C(c, array, at, stride) \
    [[unroll]] for (uint r_ = 0u; r_ < FRAGMENT_M; r_++) \
        [[unroll]] for (uint c_ = 0u; c_ < FRAGMENT_N; c_++) (array)[(at) + r_ * (stride) + c_] = (c).e[(r_ * FRAGMENT_N + c_) / 4u][c_ % 4u]
#define MATRIX_TIMES(c, by) [[unroll]] for (uint i_ = 0u; i_ < FRAGMENT_M * FRAGMENT_N / 4u; i_++) (c).e[i_] *= (by).e[i_]
#define MATRIX_MULADD(a, b, c) \
    [[unroll]] for (uint r_ = 0u; r_ < FRAGMENT_M; r_++) \
        [[unroll]] for (uint c_ = 0u; c_ < FRAGMENT_N / 4u; c_++) { \
            vec4 s_ = (c).e[r_ * (FRAGMENT_N / 4u) + c_]; \
            [[unroll]] for (uint k_ = 0u; k_ < FRAGMENT_K; k_++) \
                s_ += (a).e[(r_ * FRAGMENT_K + k_) / 4u][k_ % 4u] * (b).e[k_ * (FRAGMENT_N / 4u) + c_]; \
            (c).e[r_ * (FRAGMENT_N / 4u) + c_] = s_; \
        }

#else

#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require

layout(constant_id = 8) const uint FRAGMENT_M = 16;
layout(constant_id = 9) const uint FRAGMENT_N = 16;
layout(constant_id = 10) const uint FRAGMENT_K = 16;

#define UNROLL [[unroll]]
#define MATRIX_A coopmat<float16_t, gl_ScopeSubgroup, FRAGMENT_M, FRAGMENT_K, gl_MatrixUseA>
#define MATRIX_B coopmat<float16_t, gl_ScopeSubgroup, FRAGMENT_K, FRAGMENT_N, gl_MatrixUseB>
#define MATRIX_C coopmat<float, gl_ScopeSubgroup, FRAGMENT_M, FRAGMENT_N, gl_MatrixUseAccumulator>

#define MATRIX_LANE gl_SubgroupInvocationID
#define MATRIX_LANES gl_SubgroupSize
#define MATRIX_SUBGROUP gl_SubgroupID

#define MATRIX_ZERO(c) c = MATRIX_C(0.0)
#define MATRIX_LOAD_A(a, array, at, stride) coopMatLoad(a, array, at, stride, gl_CooperativeMatrixLayoutRowMajor)
#define MATRIX_LOAD_B(b, array, at, stride) coopMatLoad(b, array, at, stride, gl_CooperativeMatrixLayoutRowMajor)
#define MATRIX_LOAD_BT(b, array, at, stride) coopMatLoad(b, array, at, stride, gl_CooperativeMatrixLayoutColumnMajor)
#define MATRIX_LOAD_C(c, array, at, stride) coopMatLoad(c, array, at, stride, gl_CooperativeMatrixLayoutRowMajor)
#define MATRIX_STORE_C(c, array, at, stride) coopMatStore(c, array, at, stride, gl_CooperativeMatrixLayoutRowMajor)
#define MATRIX_TIMES(c, by) c = c * by
#define MATRIX_MULADD(a, b, c) c = coopMatMulAdd(a, b, c)

#endif

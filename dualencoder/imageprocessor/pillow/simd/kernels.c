#include "kernels.h"

#include <string.h>

typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));

#ifdef __clang__
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, (u32x8){__VA_ARGS__})
#endif

#define K(name) plain_##name
#include "kernels.inc"
#undef K

#ifdef __x86_64__

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define K(name) avx2_##name
#include "kernels.inc"
#undef K
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

int vkdual_wide(void) { return __builtin_cpu_supports("avx2") != 0; }
#define CALL(name, ...) (wide ? avx2_##name(__VA_ARGS__) : plain_##name(__VA_ARGS__))

#else

int vkdual_wide(void) { return 0; }
#define CALL(name, ...) ((void)wide, plain_##name(__VA_ARGS__))

#endif

void vkdual_inverse(int wide, uint8_t *dst, ptrdiff_t stride, const int16_t *coefficients, const int32_t *quant, ptrdiff_t blocks)
{
	CALL(inverse, dst, stride, coefficients, quant, blocks);
}

void vkdual_double(int wide, uint8_t *dst, const uint8_t *near, const uint8_t *far, uint16_t *sums, ptrdiff_t n, int vertical)
{
	CALL(double, dst, near, far, sums, n, vertical);
}

void vkdual_ycc(int wide, uint8_t *dst, ptrdiff_t stride, const uint8_t *y, const uint8_t *cb, const uint8_t *cr, ptrdiff_t n)
{
	CALL(ycc, dst, stride, y, cb, cr, n);
}

void vkdual_split(int wide, uint8_t *dst, ptrdiff_t stride, const uint8_t *src, ptrdiff_t n)
{
	CALL(split, dst, stride, src, n);
}

void vkdual_join(int wide, uint8_t *dst, const uint8_t *src, ptrdiff_t stride, ptrdiff_t n)
{
	CALL(join, dst, src, stride, n);
}

void vkdual_columns(int wide, uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
	int16_t *samples, const int32_t *first, const int32_t *weights, ptrdiff_t size, ptrdiff_t n)
{
	CALL(columns, dst, dst_stride, src, src_stride, samples, first, weights, size, n);
}

void vkdual_add(int wide, int32_t *sums, const uint8_t *row, ptrdiff_t stride, int32_t weight, ptrdiff_t n)
{
	CALL(add, sums, row, stride, weight, n);
}

// The loops over samples that take the time. Each is compiled for the plain
// instruction set of the target and, on x86-64, for AVX2; wide chooses.
// The callers have checked every size. Nothing here branches on a sample's
// value in a way that reads or writes elsewhere.
#ifndef VKDUAL_SIMD_KERNELS_H
#define VKDUAL_SIMD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

int vkdual_wide(void);

void vkdual_inverse(int wide, uint8_t *dst, ptrdiff_t stride, const int16_t *coefficients, const int32_t *quant, ptrdiff_t blocks);
void vkdual_double(int wide, uint8_t *dst, const uint8_t *near, const uint8_t *far, uint16_t *sums, ptrdiff_t n, int vertical);
void vkdual_ycc(int wide, uint8_t *dst, ptrdiff_t stride, const uint8_t *y, const uint8_t *cb, const uint8_t *cr, ptrdiff_t n);
void vkdual_split(int wide, uint8_t *dst, ptrdiff_t stride, const uint8_t *src, ptrdiff_t n);
void vkdual_join(int wide, uint8_t *dst, const uint8_t *src, ptrdiff_t stride, ptrdiff_t n);
void vkdual_columns(int wide, uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
	int16_t *samples, const int32_t *first, const int32_t *weights, ptrdiff_t size, ptrdiff_t n);
void vkdual_add(int wide, int32_t *sums, const uint8_t *row, ptrdiff_t stride, int32_t weight, ptrdiff_t n);

#endif

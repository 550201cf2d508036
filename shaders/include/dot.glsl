// Products of four 8-bit integers at once (VK_KHR_shader_integer_dot_product).
//
//	DOT4(a, b)   the sum of four products, an int; a and b are words of four signed integers
//
// With EMULATE the word is taken apart, so that a kernel's indices and edges run
// on any device.

#ifdef EMULATE

int DOT4(uint a, uint b) {
    int sum = 0;
    [[unroll]] for (int i = 0; i < 32; i += 8)
        sum += bitfieldExtract(int(a), i, 8) * bitfieldExtract(int(b), i, 8);
    return sum;
}

#else

#extension GL_EXT_spirv_intrinsics : require

// OpSDot of SPV_KHR_integer_dot_product, for which the compiler has no function
// yet; its capabilities are DotProduct and DotProductInput4x8BitPacked.
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6019, 6018], id = 4450)
int sdot(uint a, uint b, spirv_literal int packedVectorFormat);

#define DOT4(a, b) sdot(a, b, 0)

#endif

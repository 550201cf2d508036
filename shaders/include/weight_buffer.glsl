// The weight of a linear kernel as a storage buffer, 4 columns at a time: see
// README.md for the layouts. Include after linear.glsl.
//
// weight() is row k of a panel in a group of 4 columns, 0 to 7; what it gives
// summed up is multiplied by weightScale.

const uint ROW = PANEL / 4;          // groups in a panel

#if defined(WEIGHT_Q8)

layout(std430, binding = 1) readonly buffer WeightBuffer { uvec4 W[]; };

uint panelStart(uint panel) { return panel * ((ROW + (pc.K + 3) / 4 * ROW + 15) & ~15u); }

vec4 weight(uint panel, uint k, uint group) {
    uvec4 t = W[panelStart(panel) + ROW + k / 4 * ROW + group];
    return vec4(bitfieldExtract(ivec4(t), int(k % 4 * 8), 8));
}

vec4 weightScale(uint panel, uint group) { return uintBitsToFloat(W[panelStart(panel) + group]); }

#elif defined(WEIGHT_Q4)

layout(std430, binding = 1) readonly buffer WeightBuffer { uvec4 W[]; };

const uint BLOCK = ROW / 2 + 4 * ROW;  // uvec4 of 32 k

vec4 weight(uint panel, uint k, uint group) {
    uint start = panel * (((pc.K + 31) / 32 * BLOCK + 15) & ~15u) + k / 32 * BLOCK;
    uvec4 t = W[start + ROW / 2 + k / 8 % 4 * ROW + group], s = W[start + group / 2];
    uvec2 h = group % 2 == 0 ? s.xy : s.zw;
    return vec4(bitfieldExtract(ivec4(t), int(k % 8 * 4), 4)) *
           uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
}

vec4 weightScale(uint panel, uint group) { return vec4(1); }

#else

#if defined(WEIGHT_F16) || defined(WEIGHT_BF16)
layout(std430, binding = 1) readonly buffer WeightBuffer { uvec2 W[]; };
#else
layout(std430, binding = 1) readonly buffer WeightBuffer { vec4 W[]; };
#endif

vec4 weight(uint panel, uint k, uint group) {
    uint i = (panel * pc.K + k) * ROW + group;
#ifdef WEIGHT_F16
    uvec2 h = W[i];
    return vec4(unpackHalf2x16(h.x), unpackHalf2x16(h.y));
#elif defined(WEIGHT_BF16)
    uvec2 h = W[i];
    return uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
#else
    return W[i];
#endif
}

vec4 weightScale(uint panel, uint group) { return vec4(1); }

#endif

#version 450
// variant: layer_norm_quad
//
// y[i,:] = (x[i,:] − mean)/√(variance + eps)·gamma + beta, for CPU drivers of
// subgroup size 4 (SwiftShader; reasons as in attention_quad.comp). Four lanes
// do a row, a lane every fourth element. Any width.
//
// Mean first, then the variance around it. Sums go in blocks of 16 elements and
// then over the blocks: the error grows with the root of the width, not with it.

#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_quad : require

const uint BLOCK = 16;   // of 4 elements

layout(local_size_x = 4) in;

layout(push_constant) uniform Push {
    uint rows, width;
    float eps;
} pc;

layout(std430, binding = 0) readonly buffer InBuffer { float x[]; };
layout(std430, binding = 1) readonly buffer GammaBuffer { float gamma[]; };
layout(std430, binding = 2) readonly buffer BetaBuffer { float beta[]; };
layout(std430, binding = 3) writeonly buffer OutBuffer { float y[]; };

float across_sum(float v) {
    v += subgroupQuadSwapHorizontal(v);
    return v + subgroupQuadSwapVertical(v);
}

void main() {
    uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (row >= pc.rows) return;
    uint lane = gl_LocalInvocationIndex;
    uint first = row * pc.width;
    uint whole = pc.width / 4 * 4;
    bool rest = whole + lane < pc.width;

    float sum = rest ? x[first + whole + lane] : 0.0;
    for (uint block = 0; block < whole; block += 4 * BLOCK) {
        float part = 0.0;
        for (uint i = block; i < min(block + 4 * BLOCK, whole); i += 4) part += x[first + i + lane];
        sum += part;
    }
    float mean = across_sum(sum) / float(pc.width);

    float last = rest ? x[first + whole + lane] - mean : 0.0;
    float squares = last * last;
    for (uint block = 0; block < whole; block += 4 * BLOCK) {
        float part = 0.0;
        for (uint i = block; i < min(block + 4 * BLOCK, whole); i += 4) {
            float d = x[first + i + lane] - mean;
            part += d * d;
        }
        squares += part;
    }
    float scale = 1.0 / sqrt(across_sum(squares) / float(pc.width) + pc.eps);

    for (uint i = lane; i < whole; i += 4) y[first + i] = (x[first + i] - mean) * scale * gamma[i] + beta[i];
    if (rest) y[first + whole + lane] = last * scale * gamma[whole + lane] + beta[whole + lane];
}

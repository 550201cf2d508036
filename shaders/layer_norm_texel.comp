#version 450
// variant: layer_norm_texel
//
// y[i,:] = (x[i,:] − mean)/√(variance + eps)·gamma + beta, for CPU drivers of
// subgroup size 8 (lavapipe; reasons as in linear_texel.comp). A lane does a
// whole row, so nothing passes between lanes. Width a multiple of 4.
//
// Mean first, then the variance around it. Sums go in blocks of 16 texels and
// then over the blocks: the error grows with the root of the width, not with it.

#extension GL_EXT_control_flow_attributes : require

const uint LANES = 8;
const int BLOCK = 16;

layout(local_size_x = LANES) in;

layout(push_constant) uniform Push {
    uint rows, width;
    float eps;
} pc;

layout(binding = 0) uniform textureBuffer X;       // RGBA32F [rows, width/4]
layout(binding = 1) uniform textureBuffer Gamma;   // RGBA32F [width/4]
layout(binding = 2) uniform textureBuffer Beta;
layout(std430, binding = 3) writeonly buffer OutBuffer { vec4 y[]; };

void main() {
    int texels = int(pc.width / 4);
    uint row = gl_WorkGroupID.x * LANES + gl_LocalInvocationIndex;
    int first = int(min(row, pc.rows - 1)) * texels;

    vec4 sum = vec4(0);
    for (int block = 0; block < texels; block += BLOCK) {
        vec4 part = vec4(0);
        for (int i = block; i < min(block + BLOCK, texels); i++) part += texelFetch(X, first + i);
        sum += part;
    }
    float mean = ((sum.x + sum.y) + (sum.z + sum.w)) / float(pc.width);

    vec4 squares = vec4(0);
    for (int block = 0; block < texels; block += BLOCK) {
        vec4 part = vec4(0);
        for (int i = block; i < min(block + BLOCK, texels); i++) {
            vec4 d = texelFetch(X, first + i) - mean;
            part += d * d;
        }
        squares += part;
    }
    float variance = ((squares.x + squares.y) + (squares.z + squares.w)) / float(pc.width);
    float scale = 1.0 / sqrt(variance + pc.eps);

    for (int i = 0; i < texels; i++) {
        vec4 v = (texelFetch(X, first + i) - mean) * scale * texelFetch(Gamma, i) + texelFetch(Beta, i);
        if (row < pc.rows) y[first + i] = v;
    }
}

#version 450
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_samplerless_texture_functions : require
// One of each thing that reflection tells apart. Not a shader of the project.
layout(local_size_x_id = 7, local_size_y = 2) in;
layout(constant_id = 3) const float scale = 1.5;
layout(constant_id = 1) const bool on = true;
layout(constant_id = 2) const int offset = -1;
layout(push_constant) uniform Push { uint n; vec2 pair; mat2x3 rows; float tail[3]; };
layout(std430, binding = 0) readonly buffer Read { float r[]; } only_read;
layout(std430, binding = 1) buffer Both { float both[]; };
layout(std430, binding = 2) writeonly buffer Write { float w[]; };
layout(std430, binding = 3) buffer Unmarked { float unmarked[]; }; // only written
layout(std430, binding = 4) buffer Count { uint count; };          // atomics
layout(binding = 5) uniform textureBuffer texels;
layout(binding = 6, rgba32f) uniform writeonly imageBuffer out_texels;
layout(binding = 7) uniform Constants { vec4 c; };
layout(binding = 8) uniform texture2D image;
layout(std430, binding = 9) buffer Unused { float unused[]; };

float pick(uint i) { return only_read.r[i] * scale; }

void main() {
	uint i = gl_GlobalInvocationID.x;
	float sums[4];
	[[unroll]] for (int k = 0; k < 4; k++) sums[k] = pick(i + k);
	both[i] += sums[0] + sums[3];
	w[i] = on ? sums[1] + float(offset) : sums[2];
	unmarked[i] = texelFetch(texels, int(i)).x + texelFetch(image, ivec2(i, 0), 0).x;
	atomicAdd(count, n + uint(pair.x + rows[0].x + tail[0]));
	imageStore(out_texels, int(i), c);
}

#version 450
// y = scale·x + texels + bias: a binding of each kind that runtime uses,
// a specialization constant and push constants.
#extension GL_EXT_samplerless_texture_functions : require
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const float scale = 1.0;
layout(push_constant) uniform Push { uint n; float bias; };
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) buffer Y { float y[]; };
layout(binding = 2) uniform textureBuffer texels;

void main() {
	uint i = gl_GlobalInvocationID.x;
	if (i >= n) return;
	y[i] = scale * x[i] + texelFetch(texels, int(i)).x + bias;
}

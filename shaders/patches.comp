#version 450
#extension GL_GOOGLE_include_directive : require
// Cuts pictures x [B,C,H,W] into patches y [B, (H/ph)·(W/pw), C·ph·pw], the
// elements of a patch in the order of a flattened convolution kernel, so that
// the convolution of a patch embedding (kernel = stride) is one matmul.
#include "include/grid.glsl"

layout(push_constant) uniform Push {
  uint elements;  // of y
  uint channels, height, width;
  uint ph, pw;
};

layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };

void main() {
  uint i = invocation();
  if (i >= elements) return;
  uint j = i % pw, r = i / pw;
  uint k = r % ph; r /= ph;
  uint c = r % channels; r /= channels;
  uint across = width / pw, down = height / ph;
  uint px = r % across; r /= across;
  uint py = r % down, b = r / down;
  y[i] = x[((b * channels + c) * height + py * ph + k) * width + px * pw + j];
}

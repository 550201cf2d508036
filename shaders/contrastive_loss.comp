#version 450
// loss = ½ (mean over rows of the cross entropy of softmax(row i) against i
//         + the same over columns), of square logits [N,N]: CLIP's symmetric
// loss (Radford et al., 2021, figure 3). One workgroup.
layout(local_size_x = 64) in;

layout(push_constant) uniform Push { uint size; };

layout(std430, binding = 0) readonly buffer Logits { float logits[]; };
layout(std430, binding = 1) writeonly buffer Loss { float loss[]; };

shared float partial[64];

// -log softmax at the diagonal, of size elements from first with a stride.
float cross_entropy(uint first, uint stride, float target) {
  float top = logits[first];
  for (uint j = 1u; j < size; j++) top = max(top, logits[first + j * stride]);
  float sum = 0.0;
  for (uint j = 0u; j < size; j++) sum += exp(logits[first + j * stride] - top);
  return log(sum) + (top - target);
}

void main() {
  uint lane = gl_LocalInvocationID.x;
  float sum = 0.0;
  for (uint i = lane; i < size; i += 64u) {
    float target = logits[i * size + i];
    sum += cross_entropy(i * size, 1u, target) + cross_entropy(i, size, target);
  }
  partial[lane] = sum;
  barrier();
  for (uint n = 32u; n > 0u; n >>= 1) {
    if (lane < n) partial[lane] += partial[lane + n];
    barrier();
  }
  if (lane == 0u) loss[0] = partial[0] / (2.0 * float(size));
}

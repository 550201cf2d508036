// A grid of single elements: workgroups of 64, folded over y where there are
// more of them than a dimension of the grid may hold.
layout(local_size_x = 64) in;

// The invocation's number in the grid.
uint invocation() {
  return (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

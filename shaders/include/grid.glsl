// The invocation's number in a grid whose workgroups may be folded over y,
// since a dimension holds at most 65535 of them.
uint invocation() {
  return (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

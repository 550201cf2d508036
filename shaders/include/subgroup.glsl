// Sums, maxima and shuffles over a subgroup, of float and vec4.
//
// With EMULATE they go through shared memory, a subgroup being SUBGROUP
// neighbouring invocations, so that a kernel runs for any size of subgroup on
// any device. Every operation must then be reached by the whole workgroup
// (it has barriers), of at most 256 invocations.
//
//	SUBGROUP                    invocations in a subgroup, set by the host in both
//	SUBGROUP_LANE, SUBGROUP_ID  invocation in the subgroup, subgroup in the workgroup
//	SUBGROUP_ADD(v), SUBGROUP_MAX(v)
//	SUBGROUP_SHUFFLE(v, lane)   that lane's v
//
// Constant 11 is the workgroup's size, a multiple of SUBGROUP: subgroups are full.
// Ids 11 and 12 are taken here.

#extension GL_EXT_control_flow_attributes : require

layout(constant_id = 12) const uint SUBGROUP = 32;
layout(local_size_x_id = 11) in;

#ifdef EMULATE

#define SUBGROUP_LANE (gl_LocalInvocationIndex % SUBGROUP)
#define SUBGROUP_ID (gl_LocalInvocationIndex / SUBGROUP)
#define SUBGROUP_ADD emulatedAdd
#define SUBGROUP_MAX emulatedMax
#define SUBGROUP_SHUFFLE emulatedShuffle

shared vec4 emulatedLanes[256];

void emulatedShare(vec4 v) {
    barrier(); // the last operation's reads
    emulatedLanes[gl_LocalInvocationIndex] = v;
    barrier();
}

vec4 emulatedShuffle(vec4 v, uint lane) {
    emulatedShare(v);
    return emulatedLanes[SUBGROUP_ID * SUBGROUP + lane];
}

vec4 emulatedAdd(vec4 v) {
    emulatedShare(v);
    vec4 sum = vec4(0);
    [[dont_unroll]] for (uint i = 0u; i < SUBGROUP; i++) sum += emulatedLanes[SUBGROUP_ID * SUBGROUP + i];
    return sum;
}

vec4 emulatedMax(vec4 v) {
    emulatedShare(v);
    [[dont_unroll]] for (uint i = 0u; i < SUBGROUP; i++) v = max(v, emulatedLanes[SUBGROUP_ID * SUBGROUP + i]);
    return v;
}

float emulatedShuffle(float v, uint lane) { return emulatedShuffle(vec4(v), lane).x; }
float emulatedAdd(float v) { return emulatedAdd(vec4(v)).x; }
float emulatedMax(float v) { return emulatedMax(vec4(v)).x; }

#else

#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_shuffle : require

#define SUBGROUP_LANE gl_SubgroupInvocationID
#define SUBGROUP_ID gl_SubgroupID
#define SUBGROUP_ADD subgroupAdd
#define SUBGROUP_MAX subgroupMax
#define SUBGROUP_SHUFFLE subgroupShuffle

#endif

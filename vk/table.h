#ifndef VKDUAL_TABLE_H
#define VKDUAL_TABLE_H

#include "trampoline.h"

// The device's entry points, fetched once with vkGetDeviceProcAddr so that a
// call goes straight to the driver, past the loader's dispatch.
#define ENTRIES \
	ENTRY(void, DestroyDevice, (Handle, const void *)) \
	ENTRY(void, GetDeviceQueue, (Handle, uint32_t, uint32_t, Handle *)) \
	ENTRY(int, DeviceWaitIdle, (Handle)) \
	ENTRY(int, QueueSubmit, (Handle, uint32_t, const SubmitInfo *, Object)) \
	ENTRY(int, WaitForFences, (Handle, uint32_t, const Object *, uint32_t, uint64_t)) \
	ENTRY(int, ResetFences, (Handle, uint32_t, const Object *)) \
	ENTRY(int, FlushMappedMemoryRanges, (Handle, uint32_t, const MappedMemoryRange *)) \
	ENTRY(int, InvalidateMappedMemoryRanges, (Handle, uint32_t, const MappedMemoryRange *)) \
	ENTRY(int, CreateDescriptorSetLayout, (Handle, const void *, const void *, Object *)) \
	ENTRY(int, CreatePipelineLayout, (Handle, const void *, const void *, Object *)) \
	ENTRY(int, CreateDescriptorPool, (Handle, const void *, const void *, Object *)) \
	ENTRY(int, AllocateDescriptorSets, (Handle, const void *, Object *)) \
	ENTRY(void, UpdateDescriptorSets, (Handle, uint32_t, const WriteDescriptorSet *, uint32_t, const void *)) \
	ENTRY(int, CreateComputePipelines, (Handle, Object, uint32_t, const void *, const void *, Object *)) \
	ENTRY(int, BeginCommandBuffer, (Handle, const CommandBufferBeginInfo *)) \
	ENTRY(int, EndCommandBuffer, (Handle)) \
	ENTRY(void, CmdBindPipeline, (Handle, uint32_t, Object)) \
	ENTRY(void, CmdBindDescriptorSets, (Handle, uint32_t, Object, uint32_t, uint32_t, const Object *, uint32_t, const uint32_t *)) \
	ENTRY(void, CmdPushConstants, (Handle, Object, uint32_t, uint32_t, uint32_t, const void *)) \
	ENTRY(void, CmdDispatch, (Handle, uint32_t, uint32_t, uint32_t)) \
	ENTRY(void, CmdPipelineBarrier, (Handle, uint32_t, uint32_t, uint32_t, uint32_t, const void *, uint32_t, const void *, uint32_t, const void *)) \
	ENTRY(void, CmdCopyBuffer, (Handle, Object, Object, uint32_t, const BufferCopy *)) \
	ENTRY(void, CmdFillBuffer, (Handle, Object, uint64_t, uint64_t, uint32_t)) \
	ENTRY(void, CmdResetQueryPool, (Handle, Object, uint32_t, uint32_t)) \
	ENTRY(void, CmdWriteTimestamp, (Handle, uint32_t, Object, uint32_t))

struct DeviceTable {
	Handle device, queue;
#define ENTRY(ret, name, args) ret(VKAPI *name) args;
	ENTRIES
#undef ENTRY
};

#endif

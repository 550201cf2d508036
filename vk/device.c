// Device: objects whose creation takes arrays, and the queue.
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { OUT_OF_HOST_MEMORY = -1, INITIALIZATION_FAILED = -3 };

static void link_(DeviceCreateInfo *head, FeatureStruct *s, uint32_t type, uint32_t on0, uint32_t on1) {
	if (!on0 && !on1) return;
	s->type = type;
	s->on[0] = on0;
	s->on[1] = on1;
	s->next = (void *)head->next;
	head->next = s;
}

int vkd_create_device(void *gipa, Handle instance, Handle physical, const DeviceRequest *r, DeviceTable **out) {
	GetProcFn find = (GetProcFn)gipa;
	int(VKAPI * create)(Handle, const void *, const void *, Handle *) = (void *)find(instance, "vkCreateDevice");
	GetProcFn gdpa = (GetProcFn)find(instance, "vkGetDeviceProcAddr");
	if (!create || !gdpa) return INITIALIZATION_FAILED;

	float priority = 1;
	DeviceQueueCreateInfo queue = {
		.type = T_DEVICE_QUEUE_CREATE_INFO, .family = r->family, .count = 1, .priorities = &priority};
	Features2 f = {.type = T_FEATURES_2, .robustBufferAccess = r->robustBufferAccess};
	f.rest[SHADER_INT16] = r->int16;
	f.rest[SHADER_INT64] = r->int64;
	DeviceCreateInfo info = {.type = T_DEVICE_CREATE_INFO,
							 .next = &f,
							 .queueCount = 1,
							 .queues = &queue,
							 .extensionCount = r->extensionCount,
							 .extensions = r->extensions};
	FeatureStruct s16 = {0}, s8 = {0}, f16 = {0}, dot = {0}, control = {0}, coop = {0}, model = {0};
	link_(&info, &s16, T_16BIT_STORAGE_FEATURES, r->storage16, 0);
	link_(&info, &s8, T_8BIT_STORAGE_FEATURES, r->storage8, 0);
	link_(&info, &f16, T_FLOAT16_INT8_FEATURES, r->float16, r->int8);
	link_(&info, &dot, T_INTEGER_DOT_PRODUCT_FEATURES, r->dotProduct, 0);
	link_(&info, &control, T_SUBGROUP_SIZE_CONTROL_FEATURES, r->sizeControl, r->fullSubgroups);
	link_(&info, &coop, T_COOPERATIVE_MATRIX_FEATURES, r->cooperativeMatrix, 0);
	link_(&info, &model, T_MEMORY_MODEL_FEATURES, r->memoryModel, 0);

	DeviceTable *t = calloc(1, sizeof *t);
	if (!t) return OUT_OF_HOST_MEMORY;
	int result = create(physical, &info, NULL, &t->device);
	if (result != 0) {
		free(t);
		return result;
	}
	int missing = 0;
#define ENTRY(ret, name, args)                                 \
	t->name = (ret(VKAPI *) args)gdpa(t->device, "vk" #name);  \
	missing |= !t->name;
	ENTRIES
#undef ENTRY
	if (missing) {
		if (t->DestroyDevice) t->DestroyDevice(t->device, NULL);
		free(t);
		return INITIALIZATION_FAILED;
	}
	t->GetDeviceQueue(t->device, r->family, 0, &t->queue);
	*out = t;
	return 0;
}

void vkd_destroy_device(DeviceTable *t) {
	t->DestroyDevice(t->device, NULL);
	free(t);
}

Handle vkd_device_handle(const DeviceTable *t) { return t->device; }

int vkd_flush(DeviceTable *t, Object memory, uint64_t offset, uint64_t size, int invalidate) {
	MappedMemoryRange range = {.type = T_MAPPED_MEMORY_RANGE, .memory = memory, .offset = offset, .size = size};
	return invalidate ? t->InvalidateMappedMemoryRanges(t->device, 1, &range)
					  : t->FlushMappedMemoryRanges(t->device, 1, &range);
}

int vkd_create_set_layout(DeviceTable *t, const uint32_t *types, uint32_t n, Object *out) {
	DescriptorSetLayoutBinding *bindings = calloc(n + 1, sizeof *bindings);
	if (!bindings) return OUT_OF_HOST_MEMORY;
	for (uint32_t i = 0; i < n; i++)
		bindings[i] =
			(DescriptorSetLayoutBinding){.binding = i, .type = types[i], .count = 1, .stages = STAGE_COMPUTE};
	DescriptorSetLayoutCreateInfo info = {
		.type = T_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .count = n, .bindings = bindings};
	int result = t->CreateDescriptorSetLayout(t->device, &info, NULL, out);
	free(bindings);
	return result;
}

int vkd_create_pipeline_layout(DeviceTable *t, Object setLayout, uint32_t pushBytes, Object *out) {
	PushConstantRange push = {.stages = STAGE_COMPUTE, .size = pushBytes};
	PipelineLayoutCreateInfo info = {.type = T_PIPELINE_LAYOUT_CREATE_INFO,
									 .setCount = setLayout ? 1 : 0,
									 .sets = &setLayout,
									 .pushCount = pushBytes ? 1 : 0,
									 .pushes = &push};
	return t->CreatePipelineLayout(t->device, &info, NULL, out);
}

int vkd_create_pool(DeviceTable *t, uint32_t maxSets, const DescriptorPoolSize *sizes, uint32_t n, Object *out) {
	DescriptorPoolCreateInfo info = {
		.type = T_DESCRIPTOR_POOL_CREATE_INFO, .maxSets = maxSets, .sizeCount = n, .sizes = sizes};
	return t->CreateDescriptorPool(t->device, &info, NULL, out);
}

int vkd_allocate_sets(DeviceTable *t, Object pool, const Object *layouts, uint32_t n, Object *out) {
	DescriptorSetAllocateInfo info = {
		.type = T_DESCRIPTOR_SET_ALLOCATE_INFO, .pool = pool, .count = n, .layouts = layouts};
	return t->AllocateDescriptorSets(t->device, &info, out);
}

int vkd_update_sets(DeviceTable *t, const Write *writes, uint32_t n) {
	WriteDescriptorSet *w = calloc(n, sizeof *w);
	DescriptorBufferInfo *buffers = calloc(n, sizeof *buffers);
	int result = OUT_OF_HOST_MEMORY;
	if (w && buffers) {
		for (uint32_t i = 0; i < n; i++) {
			const Write *from = &writes[i];
			buffers[i] = (DescriptorBufferInfo){from->buffer, from->offset, from->range};
			w[i] = (WriteDescriptorSet){.type = T_WRITE_DESCRIPTOR_SET,
										.set = from->set,
										.binding = from->binding,
										.count = 1,
										.descriptorType = from->type,
										.buffers = &buffers[i],
										.views = &from->view};
		}
		t->UpdateDescriptorSets(t->device, n, w, 0, NULL);
		result = 0;
	}
	free(w);
	free(buffers);
	return result;
}

int vkd_create_pipeline(DeviceTable *t, const PipelineRequest *r, const uint32_t *spec, Object *out) {
	SpecializationMapEntry *entries = calloc(r->specCount + 1, sizeof *entries);
	if (!entries) return OUT_OF_HOST_MEMORY;
	for (uint32_t i = 0; i < r->specCount; i++)
		entries[i] = (SpecializationMapEntry){.id = spec[2 * i], .offset = 8 * i + 4, .size = 4};
	SpecializationInfo info = {
		.count = r->specCount, .entries = entries, .size = 8 * (size_t)r->specCount, .data = spec};
	RequiredSubgroupSize size = {.type = T_REQUIRED_SUBGROUP_SIZE, .size = r->subgroupSize};
	ComputePipelineCreateInfo c = {.type = T_COMPUTE_PIPELINE_CREATE_INFO, .layout = r->layout, .baseIndex = -1};
	c.stage = (PipelineShaderStageCreateInfo){.type = T_PIPELINE_SHADER_STAGE_CREATE_INFO,
											  .next = r->subgroupSize ? &size : NULL,
											  .flags = r->flags,
											  .stage = STAGE_COMPUTE,
											  .module = r->module,
											  .name = "main",
											  .specialization = r->specCount ? &info : NULL};
	int result = t->CreateComputePipelines(t->device, r->cache, 1, &c, NULL, out);
	free(entries);
	return result;
}

int vkd_submit(DeviceTable *t, const uintptr_t *commandBuffers, uint32_t n, Object fence) {
	SubmitInfo info = {.type = T_SUBMIT_INFO, .bufferCount = n, .buffers = (const Handle *)commandBuffers};
	return t->QueueSubmit(t->queue, 1, &info, fence);
}

int vkd_wait_fence(DeviceTable *t, Object fence, uint64_t timeout) {
	return t->WaitForFences(t->device, 1, &fence, 1, timeout);
}

int vkd_reset_fence(DeviceTable *t, Object fence) { return t->ResetFences(t->device, 1, &fence); }

int vkd_wait_idle(DeviceTable *t) { return t->DeviceWaitIdle(t->device); }

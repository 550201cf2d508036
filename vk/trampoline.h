// Calls into Vulkan that Go must not build itself: every struct that holds a
// pointer lives on the C stack for the length of the call, so that no garbage
// collection can free it and no Go pointer is stored in memory that Go sees.
#ifndef VKDUAL_TRAMPOLINE_H
#define VKDUAL_TRAMPOLINE_H

#include "abi.h"

void *vkd_load(const char *library); // vkGetInstanceProcAddr, or null

// Instance ------------------------------------------------------------------

typedef struct MessageQueue MessageQueue;
MessageQueue *vkd_queue_new(void);
void vkd_queue_free(MessageQueue *);
// Takes the oldest message: text and id must be freed by the caller. 0: none.
int vkd_queue_take(MessageQueue *, uint32_t *severity, char **id, char **text);

int vkd_instance_version(void *gipa, uint32_t *version);
// Lists are callocated; the caller frees them. layer may be null.
int vkd_instance_extensions(void *gipa, const char *layer, uint32_t *n, ExtensionProperties **out);
int vkd_instance_layers(void *gipa, uint32_t *n, LayerProperties **out);

typedef struct {
	const char *app, *layer; // layer: null for none
	uint32_t apiVersion, flags, extensionCount;
	const char **extensions;
	MessageQueue *queue; // null: no messages
	int useValidationFeatures, useLayerSettings;
} InstanceRequest;
int vkd_create_instance(void *gipa, const InstanceRequest *, Handle *instance, Object *messenger);
void vkd_destroy_messenger(void *gipa, Handle instance, Object messenger);

// Physical device -----------------------------------------------------------

typedef struct {
	int driverProperties, subgroupSizeControl, maintenance4, storage8, float16Int8, dotProduct, cooperativeMatrix, memoryModel;
} Has; // extensions present

typedef struct {
	uint8_t deviceUUID[16], driverUUID[16];
	uint32_t subgroupSize, subgroupMin, subgroupMax, subgroupStages, subgroupOperations, requiredSizeStages;
	uint64_t maxAllocationSize, maxBufferSize;
	uint32_t dotAccelerated;
	char driverName[256], driverInfo[256];
	uint32_t robustBufferAccess, int16, int64, storage16, storage8, float16, int8, dotProduct;
	uint32_t sizeControl, fullSubgroups, cooperativeMatrix, memoryModel;
} Probe;

int vkd_device_extensions(void *gipa, Handle instance, Handle physical, uint32_t *n, ExtensionProperties **out);
int vkd_queue_families(void *gipa, Handle instance, Handle physical, uint32_t *n, QueueFamilyProperties **out);
void vkd_probe(void *gipa, Handle instance, Handle physical, const Has *, Probe *);
int vkd_cooperative_matrices(void *gipa, Handle instance, Handle physical, uint32_t *n, CooperativeMatrixProperties **out);

// Device --------------------------------------------------------------------

typedef struct {
	uint32_t robustBufferAccess, int16, int64, storage16, storage8, float16, int8, dotProduct;
	uint32_t sizeControl, fullSubgroups, cooperativeMatrix, memoryModel;
	uint32_t family, extensionCount;
	const char **extensions;
} DeviceRequest;

typedef struct DeviceTable DeviceTable; // one device's handle, queue and entry points

int vkd_create_device(void *gipa, Handle instance, Handle physical, const DeviceRequest *, DeviceTable **out);
void vkd_destroy_device(DeviceTable *);
Handle vkd_device_handle(const DeviceTable *);

int vkd_flush(DeviceTable *, Object memory, uint64_t offset, uint64_t size, int invalidate);
int vkd_create_set_layout(DeviceTable *, const uint32_t *types, uint32_t n, Object *out);
int vkd_create_pipeline_layout(DeviceTable *, Object setLayout, uint32_t pushBytes, Object *out);
int vkd_create_pool(DeviceTable *, uint32_t maxSets, const DescriptorPoolSize *, uint32_t n, Object *out);
int vkd_allocate_sets(DeviceTable *, Object pool, const Object *layouts, uint32_t n, Object *out);

typedef struct {
	Object set;
	uint32_t binding, type;
	Object buffer, view;
	uint64_t offset, range;
} Write;
int vkd_update_sets(DeviceTable *, const Write *, uint32_t n);

typedef struct {
	Object module, layout, cache;
	uint32_t subgroupSize, flags, specCount;
} PipelineRequest;
// spec holds specCount pairs of id and value.
int vkd_create_pipeline(DeviceTable *, const PipelineRequest *, const uint32_t *spec, Object *out);

// Commands ------------------------------------------------------------------

enum {
	OP_BIND_PIPELINE = 1, // pipeline
	OP_BIND_SET, // layout, set
	OP_PUSH, // layout, byte count, words of eight bytes
	OP_DISPATCH, // x, y, z
	OP_BARRIER, // source stages, destination stages, source access, destination access
	OP_COPY_BUFFER, // source, destination, source offset, destination offset, size
	OP_FILL_BUFFER, // buffer, offset, size, value
	OP_RESET_QUERIES, // pool, first, count
	OP_TIMESTAMP, // pool, index, stage
};
int vkd_record(DeviceTable *, uintptr_t commandBuffer, const uint64_t *ops, uint64_t words, int oneTime);
int vkd_submit(DeviceTable *, const uintptr_t *commandBuffers, uint32_t n, Object fence);
int vkd_wait_fence(DeviceTable *, Object fence, uint64_t timeout);
int vkd_reset_fence(DeviceTable *, Object fence);
int vkd_wait_idle(DeviceTable *);

#endif

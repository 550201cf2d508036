// The part of Vulkan's C interface that this package calls itself: what takes
// arrays of structs (unsafe through the Go binding) and what the binding's
// 1.1.88 headers lack. Names and numbers are those of the Vulkan registry;
// only members that are used have a name of their own.
#ifndef VKDUAL_ABI_H
#define VKDUAL_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define VKAPI __stdcall
#else
#define VKAPI
#endif

typedef void *Handle; // a dispatchable handle
typedef uint64_t Object; // any other handle
typedef void(VKAPI *VoidFn)(void);
typedef VoidFn(VKAPI *GetProcFn)(Handle, const char *);

enum {
	INCOMPLETE = 5,

	T_APPLICATION_INFO = 0,
	T_INSTANCE_CREATE_INFO = 1,
	T_DEVICE_QUEUE_CREATE_INFO = 2,
	T_DEVICE_CREATE_INFO = 3,
	T_SUBMIT_INFO = 4,
	T_MAPPED_MEMORY_RANGE = 6,
	T_PIPELINE_SHADER_STAGE_CREATE_INFO = 18,
	T_COMPUTE_PIPELINE_CREATE_INFO = 29,
	T_PIPELINE_LAYOUT_CREATE_INFO = 30,
	T_DESCRIPTOR_SET_LAYOUT_CREATE_INFO = 32,
	T_DESCRIPTOR_POOL_CREATE_INFO = 33,
	T_DESCRIPTOR_SET_ALLOCATE_INFO = 34,
	T_WRITE_DESCRIPTOR_SET = 35,
	T_COMMAND_BUFFER_BEGIN_INFO = 42,
	T_MEMORY_BARRIER = 46,
	T_FEATURES_2 = 1000059000,
	T_PROPERTIES_2 = 1000059001,
	T_SUBGROUP_PROPERTIES = 1000094000,
	T_ID_PROPERTIES = 1000071004,
	T_16BIT_STORAGE_FEATURES = 1000083000,
	T_MAINTENANCE_3_PROPERTIES = 1000168000,
	T_8BIT_STORAGE_FEATURES = 1000177000,
	T_DRIVER_PROPERTIES = 1000196000,
	T_FLOAT16_INT8_FEATURES = 1000082000,
	T_MEMORY_MODEL_FEATURES = 1000211000,
	T_SUBGROUP_SIZE_CONTROL_PROPERTIES = 1000225000,
	T_REQUIRED_SUBGROUP_SIZE = 1000225001,
	T_SUBGROUP_SIZE_CONTROL_FEATURES = 1000225002,
	T_INTEGER_DOT_PRODUCT_FEATURES = 1000280000,
	T_INTEGER_DOT_PRODUCT_PROPERTIES = 1000280001,
	T_MAINTENANCE_4_PROPERTIES = 1000413001,
	T_COOPERATIVE_MATRIX_FEATURES = 1000506000,
	T_COOPERATIVE_MATRIX_PROPERTIES = 1000506001,
	T_DEBUG_MESSENGER_CREATE_INFO = 1000128004,
	T_VALIDATION_FEATURES = 1000247000,
	T_LAYER_SETTINGS_CREATE_INFO = 1000496000,

	STAGE_COMPUTE = 0x20,
	BIND_COMPUTE = 1,
};

typedef struct {
	uint32_t type;
	void *next;
} Chain; // the head of every extensible struct

typedef struct {
	uint32_t type;
	const void *next;
	const char *app;
	uint32_t appVersion;
	const char *engine;
	uint32_t engineVersion, apiVersion;
} ApplicationInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags;
	const ApplicationInfo *app;
	uint32_t layerCount;
	const char *const *layers;
	uint32_t extensionCount;
	const char *const *extensions;
} InstanceCreateInfo;

typedef struct {
	char name[256];
	uint32_t version;
} ExtensionProperties;

typedef struct {
	char name[256];
	uint32_t specVersion, version;
	char description[256];
} LayerProperties;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags;
	const char *idName;
	int32_t idNumber;
	const char *message;
	// queue, command buffer and object labels follow
} DebugCallbackData;

typedef uint32_t(VKAPI *DebugCallbackFn)(uint32_t severity, uint32_t types, const DebugCallbackData *, void *user);

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, severities, types;
	DebugCallbackFn callback;
	void *user;
} DebugMessengerCreateInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t enabledCount;
	const uint32_t *enabled;
	uint32_t disabledCount;
	const uint32_t *disabled;
} ValidationFeatures;

typedef struct {
	const char *layer, *name;
	uint32_t type, count;
	const void *values;
} LayerSetting;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t count;
	const LayerSetting *settings;
} LayerSettingsCreateInfo;

typedef struct {
	uint32_t flags, count, timestampBits, granularity[3];
} QueueFamilyProperties;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, family, count;
	const float *priorities;
} DeviceQueueCreateInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, queueCount;
	const DeviceQueueCreateInfo *queues;
	uint32_t layerCount;
	const char *const *layers;
	uint32_t extensionCount;
	const char *const *extensions;
	const void *features;
} DeviceCreateInfo;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t robustBufferAccess, rest[54]; // VkPhysicalDeviceFeatures
} Features2;

enum { SHADER_INT64 = 39, SHADER_INT16 = 40 }; // places in Features2.rest

typedef struct {
	uint32_t type;
	void *next;
	uint64_t properties[128]; // VkPhysicalDeviceProperties (824 bytes) and room
} Properties2;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t size, stages, operations, quadAllStages;
} SubgroupProperties;

typedef struct {
	uint32_t type;
	void *next;
	uint8_t device[16], driver[16], luid[8];
	uint32_t nodeMask, luidValid;
} IDProperties;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t maxPerSetDescriptors;
	uint64_t maxAllocationSize;
} Maintenance3Properties;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t id;
	char name[256], info[256];
	uint8_t conformance[4];
} DriverProperties;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t min, max, maxWorkgroupSubgroups, stages;
} SubgroupSizeControlProperties;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t unsigned8, signed8, mixed8, packedUnsigned8, packedSigned8, packedMixed8, rest[24];
} DotProductProperties;

typedef struct {
	uint32_t type;
	void *next;
	uint64_t maxBufferSize;
} Maintenance4Properties;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t on[4];
} FeatureStruct; // any feature struct of at most four switches, in their order

typedef struct {
	uint32_t type;
	void *next;
	uint32_t m, n, k, a, b, c, result, saturating, scope;
} CooperativeMatrixProperties;

typedef struct {
	uint32_t type;
	const void *next;
	Object memory;
	uint64_t offset, size;
} MappedMemoryRange;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags;
	const void *inheritance;
} CommandBufferBeginInfo;

typedef struct {
	uint32_t binding, type, count, stages;
	const Object *samplers;
} DescriptorSetLayoutBinding;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, count;
	const DescriptorSetLayoutBinding *bindings;
} DescriptorSetLayoutCreateInfo;

typedef struct {
	uint32_t stages, offset, size;
} PushConstantRange;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, setCount;
	const Object *sets;
	uint32_t pushCount;
	const PushConstantRange *pushes;
} PipelineLayoutCreateInfo;

typedef struct {
	uint32_t type, count;
} DescriptorPoolSize;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, maxSets, sizeCount;
	const DescriptorPoolSize *sizes;
} DescriptorPoolCreateInfo;

typedef struct {
	uint32_t type;
	const void *next;
	Object pool;
	uint32_t count;
	const Object *layouts;
} DescriptorSetAllocateInfo;

typedef struct {
	Object buffer;
	uint64_t offset, range;
} DescriptorBufferInfo;

typedef struct {
	uint32_t type;
	const void *next;
	Object set;
	uint32_t binding, element, count, descriptorType;
	const void *images;
	const DescriptorBufferInfo *buffers;
	const Object *views;
} WriteDescriptorSet;

typedef struct {
	uint32_t id, offset;
	size_t size;
} SpecializationMapEntry;

typedef struct {
	uint32_t count;
	const SpecializationMapEntry *entries;
	size_t size;
	const void *data;
} SpecializationInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags, stage;
	Object module;
	const char *name;
	const SpecializationInfo *specialization;
} PipelineShaderStageCreateInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t flags;
	PipelineShaderStageCreateInfo stage;
	Object layout, base;
	int32_t baseIndex;
} ComputePipelineCreateInfo;

typedef struct {
	uint32_t type;
	void *next;
	uint32_t size;
} RequiredSubgroupSize;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t waitCount;
	const Object *waits;
	const uint32_t *waitStages;
	uint32_t bufferCount;
	const Handle *buffers;
	uint32_t signalCount;
	const Object *signals;
} SubmitInfo;

typedef struct {
	uint32_t type;
	const void *next;
	uint32_t srcAccess, dstAccess;
} MemoryBarrier_;

typedef struct {
	uint64_t src, dst, size;
} BufferCopy;

#endif

// Instance and physical device: everything that goes through
// vkGetInstanceProcAddr.
#include <stdlib.h>
#include <string.h>

#include "messages.h"

enum { OUT_OF_HOST_MEMORY = -1, INITIALIZATION_FAILED = -3 };

static VoidFn find(void *gipa, Handle instance, const char *name) { return ((GetProcFn)gipa)(instance, name); }

int vkd_instance_version(void *gipa, uint32_t *version) {
	int(VKAPI * f)(uint32_t *) = (void *)find(gipa, NULL, "vkEnumerateInstanceVersion");
	*version = 1u << 22; // Vulkan 1.0 has no such call
	return f ? f(version) : 0;
}

// ENUMERATE asks for the count, makes room and asks again, until nothing was
// added in between.
#define ENUMERATE(Type, call_count, call_list)             \
	do {                                                   \
		int r;                                             \
		do {                                               \
			*n = 0;                                        \
			*out = NULL;                                   \
			if ((r = (call_count)) < 0) return r;          \
			Type *list = calloc(*n + 1, sizeof(Type));     \
			if (!list) return OUT_OF_HOST_MEMORY;          \
			*out = list;                                   \
			r = (call_list);                               \
			if (r != 0) {                                  \
				free(list);                                \
				*out = NULL;                               \
			}                                              \
		} while (r == INCOMPLETE);                         \
		return r;                                          \
	} while (0)

int vkd_instance_extensions(void *gipa, const char *layer, uint32_t *n, ExtensionProperties **out) {
	int(VKAPI * f)(const char *, uint32_t *, void *) = (void *)find(gipa, NULL, "vkEnumerateInstanceExtensionProperties");
	if (!f) return INITIALIZATION_FAILED;
	ENUMERATE(ExtensionProperties, f(layer, n, NULL), f(layer, n, list));
}

int vkd_instance_layers(void *gipa, uint32_t *n, LayerProperties **out) {
	int(VKAPI * f)(uint32_t *, void *) = (void *)find(gipa, NULL, "vkEnumerateInstanceLayerProperties");
	if (!f) return INITIALIZATION_FAILED;
	ENUMERATE(LayerProperties, f(n, NULL), f(n, list));
}

int vkd_create_instance(void *gipa, const InstanceRequest *r, Handle *instance, Object *messenger) {
	int(VKAPI * create)(const void *, const void *, Handle *) = (void *)find(gipa, NULL, "vkCreateInstance");
	if (!create) return INITIALIZATION_FAILED;
	*messenger = 0;

	ApplicationInfo app = {.type = T_APPLICATION_INFO, .app = r->app, .engine = "vkdual", .apiVersion = r->apiVersion};
	InstanceCreateInfo info = {.type = T_INSTANCE_CREATE_INFO,
							   .flags = r->flags,
							   .app = &app,
							   .layerCount = r->layer ? 1 : 0,
							   .layers = &r->layer,
							   .extensionCount = r->extensionCount,
							   .extensions = r->extensions};

	// 4: synchronization validation. Core validation is on by default.
	const uint32_t synchronization[] = {4};
	ValidationFeatures features = {.type = T_VALIDATION_FEATURES, .enabledCount = 1, .enabled = synchronization};
	const uint32_t yes = 1;
	LayerSetting setting = {.layer = r->layer, .name = "validate_sync", .type = 0, .count = 1, .values = &yes};
	LayerSettingsCreateInfo settings = {.type = T_LAYER_SETTINGS_CREATE_INFO, .count = 1, .settings = &setting};
	// Warnings and errors (0x1100) of validation (2). In the instance's chain
	// the messenger covers the creation and the end of the instance itself.
	DebugMessengerCreateInfo debug = {.type = T_DEBUG_MESSENGER_CREATE_INFO,
									  .severities = 0x1100,
									  .types = 2,
									  .callback = vkd_on_message,
									  .user = r->queue};
	if (r->queue) info.next = &debug;
	if (r->useValidationFeatures) {
		features.next = info.next;
		info.next = &features;
	} else if (r->useLayerSettings) {
		settings.next = info.next;
		info.next = &settings;
	}
	int result = create(&info, NULL, instance);
	if (result != 0 || !r->queue) return result;

	int(VKAPI * make)(Handle, const void *, const void *, Object *) =
		(void *)find(gipa, *instance, "vkCreateDebugUtilsMessengerEXT");
	if (!make) return 0;
	debug.next = NULL;
	result = make(*instance, &debug, NULL, messenger);
	if (result != 0) {
		void(VKAPI * destroy)(Handle, const void *) = (void *)find(gipa, *instance, "vkDestroyInstance");
		destroy(*instance, NULL);
	}
	return result;
}

void vkd_destroy_messenger(void *gipa, Handle instance, Object messenger) {
	void(VKAPI * f)(Handle, Object, const void *) = (void *)find(gipa, instance, "vkDestroyDebugUtilsMessengerEXT");
	if (f && messenger) f(instance, messenger, NULL);
}

int vkd_device_extensions(void *gipa, Handle instance, Handle physical, uint32_t *n, ExtensionProperties **out) {
	int(VKAPI * f)(Handle, const char *, uint32_t *, void *) =
		(void *)find(gipa, instance, "vkEnumerateDeviceExtensionProperties");
	if (!f) return INITIALIZATION_FAILED;
	ENUMERATE(ExtensionProperties, f(physical, NULL, n, NULL), f(physical, NULL, n, list));
}

int vkd_queue_families(void *gipa, Handle instance, Handle physical, uint32_t *n, QueueFamilyProperties **out) {
	void(VKAPI * f)(Handle, uint32_t *, void *) = (void *)find(gipa, instance, "vkGetPhysicalDeviceQueueFamilyProperties");
	if (!f) return INITIALIZATION_FAILED;
	ENUMERATE(QueueFamilyProperties, (f(physical, n, NULL), 0), (f(physical, n, list), 0));
}

int vkd_cooperative_matrices(void *gipa, Handle instance, Handle physical, uint32_t *n, CooperativeMatrixProperties **out) {
	int(VKAPI * f)(Handle, uint32_t *, CooperativeMatrixProperties *) =
		(void *)find(gipa, instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
	*n = 0;
	*out = NULL;
	if (!f) return 0;
	int r = f(physical, n, NULL);
	if (r < 0) return r;
	CooperativeMatrixProperties *list = calloc(*n + 1, sizeof *list);
	if (!list) return OUT_OF_HOST_MEMORY;
	for (uint32_t i = 0; i < *n; i++) list[i].type = T_COOPERATIVE_MATRIX_PROPERTIES;
	r = f(physical, n, list);
	if (r < 0) {
		free(list);
		return r;
	}
	*out = list;
	return 0;
}

static void link_(void *head, void *s, uint32_t type) {
	((Chain *)s)->type = type;
	((Chain *)s)->next = ((Chain *)head)->next;
	((Chain *)head)->next = s;
}

void vkd_probe(void *gipa, Handle instance, Handle physical, const Has *has, Probe *out) {
	void(VKAPI * properties)(Handle, void *) = (void *)find(gipa, instance, "vkGetPhysicalDeviceProperties2");
	void(VKAPI * features)(Handle, void *) = (void *)find(gipa, instance, "vkGetPhysicalDeviceFeatures2");
	memset(out, 0, sizeof *out);
	if (!properties || !features) return;

	Properties2 p = {.type = T_PROPERTIES_2};
	SubgroupProperties subgroup = {0};
	IDProperties id = {0};
	Maintenance3Properties m3 = {0};
	DriverProperties driver = {0};
	SubgroupSizeControlProperties size = {0};
	Maintenance4Properties m4 = {0};
	DotProductProperties dots = {0};
	link_(&p, &subgroup, T_SUBGROUP_PROPERTIES);
	link_(&p, &id, T_ID_PROPERTIES);
	link_(&p, &m3, T_MAINTENANCE_3_PROPERTIES);
	if (has->driverProperties) link_(&p, &driver, T_DRIVER_PROPERTIES);
	if (has->subgroupSizeControl) link_(&p, &size, T_SUBGROUP_SIZE_CONTROL_PROPERTIES);
	if (has->maintenance4) link_(&p, &m4, T_MAINTENANCE_4_PROPERTIES);
	if (has->dotProduct) link_(&p, &dots, T_INTEGER_DOT_PRODUCT_PROPERTIES);
	properties(physical, &p);
	memcpy(out->deviceUUID, id.device, 16);
	memcpy(out->driverUUID, id.driver, 16);
	memcpy(out->driverName, driver.name, 256);
	memcpy(out->driverInfo, driver.info, 256);
	out->subgroupSize = subgroup.size;
	out->subgroupStages = subgroup.stages;
	out->subgroupOperations = subgroup.operations;
	out->subgroupMin = size.min;
	out->subgroupMax = size.max;
	out->requiredSizeStages = size.stages;
	out->maxAllocationSize = m3.maxAllocationSize;
	out->maxBufferSize = m4.maxBufferSize;
	out->dotAccelerated = dots.packedSigned8;

	Features2 f = {.type = T_FEATURES_2};
	FeatureStruct s16 = {0}, s8 = {0}, f16 = {0}, dot = {0}, control = {0}, coop = {0}, model = {0};
	link_(&f, &s16, T_16BIT_STORAGE_FEATURES);
	if (has->storage8) link_(&f, &s8, T_8BIT_STORAGE_FEATURES);
	if (has->float16Int8) link_(&f, &f16, T_FLOAT16_INT8_FEATURES);
	if (has->dotProduct) link_(&f, &dot, T_INTEGER_DOT_PRODUCT_FEATURES);
	if (has->subgroupSizeControl) link_(&f, &control, T_SUBGROUP_SIZE_CONTROL_FEATURES);
	if (has->cooperativeMatrix) link_(&f, &coop, T_COOPERATIVE_MATRIX_FEATURES);
	if (has->memoryModel) link_(&f, &model, T_MEMORY_MODEL_FEATURES);
	features(physical, &f);
	out->robustBufferAccess = f.robustBufferAccess;
	out->int16 = f.rest[SHADER_INT16];
	out->int64 = f.rest[SHADER_INT64];
	out->storage16 = s16.on[0];
	out->storage8 = s8.on[0];
	out->float16 = f16.on[0];
	out->int8 = f16.on[1];
	out->dotProduct = dot.on[0];
	out->sizeControl = control.on[0];
	out->fullSubgroups = control.on[1];
	out->cooperativeMatrix = coop.on[0];
	out->memoryModel = model.on[0];
}

#include "trampoline.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

// The library stays loaded for the life of the process: drivers leave threads
// behind, so unloading one is not safe.
void *vkd_load(const char *library) {
#if defined(_WIN32)
	HMODULE l = LoadLibraryA(library);
	return l ? (void *)GetProcAddress(l, "vkGetInstanceProcAddr") : NULL;
#else
	void *l = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	return l ? dlsym(l, "vkGetInstanceProcAddr") : NULL;
#endif
}

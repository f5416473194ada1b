// SPDX-License-Identifier: Apache-2.0
// The entry points under the names that they had, for programs that look them up in libnvinfer.so.8 and the like at run
// time (dlopen, dlsym). No program links with this library: its names are those of the current libraries, too. For the
// same reason it opens the library of its version by itself: linked with it, it would come first where that library
// looks for the current ones.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>

#define LATHE_TEXT_(x) #x
#define LATHE_TEXT(x) LATHE_TEXT_(x)
#define LATHE_EXPORT __attribute__((visibility("default")))

namespace {

// The function `lathe_trt<version>_<name>`; null, with a message, when the library is not beside this one.
void* find(char const* symbol) {
    static void* const library = dlopen("libnvinfer_trt" LATHE_TEXT(LATHE_TRT) ".so", RTLD_NOW | RTLD_LOCAL);
    void* found = library ? dlsym(library, symbol) : nullptr;
    if (!found) std::fprintf(stderr, "%s: %s\n", symbol, dlerror());
    return found;
}

template <class F, class... A>
F call(char const* symbol, A... arguments) {
    auto function = reinterpret_cast<F (*)(A...)>(find(symbol));
    return function ? function(arguments...) : F{};
}

}  // namespace

#define LATHE_OWN(name) "lathe_trt" LATHE_TEXT(LATHE_TRT) "_" name

extern "C" {

LATHE_EXPORT void* createInferBuilder_INTERNAL(void* logger, int32_t version) {
    return call<void*>(LATHE_OWN("createInferBuilder_INTERNAL"), logger, version);
}
LATHE_EXPORT void* createInferRuntime_INTERNAL(void* logger, int32_t version) {
    return call<void*>(LATHE_OWN("createInferRuntime_INTERNAL"), logger, version);
}
LATHE_EXPORT void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) {
    return call<void*>(LATHE_OWN("createInferRefitter_INTERNAL"), engine, logger, version);
}
LATHE_EXPORT void* createNvOnnxParser_INTERNAL(void* network, void* logger, int version) {
    return call<void*>(LATHE_OWN("createNvOnnxParser_INTERNAL"), network, logger, version);
}
#if LATHE_TRT < 8
LATHE_EXPORT void* createNvOnnxParserPluginFactory_INTERNAL(void* logger, int version) {
    return call<void*>(LATHE_OWN("createNvOnnxParserPluginFactory_INTERNAL"), logger, version);
}
#endif
LATHE_EXPORT int getNvOnnxParserVersion() { return call<int>(LATHE_OWN("getNvOnnxParserVersion")); }
LATHE_EXPORT void* createNvCaffeParser_INTERNAL() { return call<void*>(LATHE_OWN("createNvCaffeParser_INTERNAL")); }
LATHE_EXPORT void* createNvUffParser_INTERNAL() { return call<void*>(LATHE_OWN("createNvUffParser_INTERNAL")); }
LATHE_EXPORT void* getPluginRegistry() { return call<void*>(LATHE_OWN("getPluginRegistry")); }
LATHE_EXPORT void* getLogger() { return call<void*>(LATHE_OWN("getLogger")); }
LATHE_EXPORT int32_t getInferLibVersion() { return call<int32_t>(LATHE_OWN("getInferLibVersion")); }
LATHE_EXPORT bool initLibNvInferPlugins(void* logger, char const* space) {
    return call<bool>(LATHE_OWN("initLibNvInferPlugins"), logger, space);
}

}  // extern "C"

// Two C++ functions of the parsers' headers, by the names that they were looked up under.
namespace nvcaffeparser1 {
LATHE_EXPORT void* createCaffeParser() { return createNvCaffeParser_INTERNAL(); }
LATHE_EXPORT void shutdownProtobufLibrary() {}
}  // namespace nvcaffeparser1
namespace nvuffparser {
LATHE_EXPORT void* createUffParser() { return createNvUffParser_INTERNAL(); }
LATHE_EXPORT void shutdownProtobufLibrary() {}
}  // namespace nvuffparser

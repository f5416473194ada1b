// SPDX-License-Identifier: Apache-2.0
// The C entry points, under names of this version's own.
#include "compat/common/callbacks.h"
#include "compat/common/plugins.h"

namespace lathe::compat {
void* makeBuilder(void* logger, int32_t version) noexcept;
void* makeRuntime(void* logger, int32_t version) noexcept;
void* makeRefitter(void* engine, void* logger, int32_t version) noexcept;
void* makeOnnxParser(void* network, void* logger) noexcept;
#if LATHE_TRT < 8
void* makeOnnxPluginFactory() noexcept;
#endif
}  // namespace lathe::compat

namespace {
namespace compat = lathe::compat;
namespace old = ::nvinfer1;
}  // namespace

#define LATHE_EXPORT __attribute__((visibility("default")))
#define LATHE_ENTRY(name) LATHE_JOIN_(LATHE_PREFIX_, name)
#define LATHE_JOIN_(a, b) LATHE_JOIN2_(a, b)
#define LATHE_JOIN2_(a, b) a##b
#define LATHE_PREFIX_ LATHE_JOIN_(lathe_trt, LATHE_JOIN_(LATHE_TRT, _))

extern "C" {

LATHE_EXPORT void* LATHE_ENTRY(createInferBuilder_INTERNAL)(void* logger, int32_t version) {
    return compat::makeBuilder(logger, version);
}
LATHE_EXPORT void* LATHE_ENTRY(createInferRuntime_INTERNAL)(void* logger, int32_t version) {
    return compat::makeRuntime(logger, version);
}
LATHE_EXPORT void* LATHE_ENTRY(createInferRefitter_INTERNAL)(void* engine, void* logger, int32_t version) {
    return compat::makeRefitter(engine, logger, version);
}
LATHE_EXPORT void* LATHE_ENTRY(createNvOnnxParser_INTERNAL)(void* network, void* logger, int) {
    return compat::makeOnnxParser(network, logger);
}
LATHE_EXPORT int LATHE_ENTRY(getNvOnnxParserVersion)() { return NV_ONNX_PARSER_VERSION; }
LATHE_EXPORT void* LATHE_ENTRY(createNvCaffeParser_INTERNAL)() { return ::nvcaffeparser1::createCaffeParser(); }
LATHE_EXPORT void* LATHE_ENTRY(createNvUffParser_INTERNAL)() { return ::nvuffparser::createUffParser(); }
LATHE_EXPORT old::IPluginRegistry* LATHE_ENTRY(getPluginRegistry)() { return &compat::pluginRegistry(); }
#if LATHE_TRT >= 8
LATHE_EXPORT old::IPluginRegistry* LATHE_ENTRY(getBuilderPluginRegistry)(old::EngineCapability capability) {
    return capability == old::EngineCapability::kSTANDARD ? &compat::pluginRegistry() : nullptr;
}
#endif
LATHE_EXPORT old::ILogger* LATHE_ENTRY(getLogger)() { return compat::firstLogger(); }
LATHE_EXPORT int32_t LATHE_ENTRY(getInferLibVersion)() { return NV_TENSORRT_VERSION; }
LATHE_EXPORT bool LATHE_ENTRY(initLibNvInferPlugins)(void* logger, char const* space) {
    return ::initLibNvInferPlugins(compat::adapt(static_cast<old::ILogger*>(logger)), space);
}
LATHE_EXPORT bool LATHE_ENTRY(setPluginTraits)(char const* name, char const* version, char const* space,
                                               uint32_t traits) {
    return ::latheSetPluginTraits(name, version, space, traits);
}
#if LATHE_TRT < 8
LATHE_EXPORT void* LATHE_ENTRY(createNvOnnxParserPluginFactory_INTERNAL)(void*, int) {
    return compat::makeOnnxPluginFactory();
}
#endif

}  // extern "C"

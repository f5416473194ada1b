// SPDX-License-Identifier: Apache-2.0
// The library's exported functions.
#include <new>

#include "frontends/onnx/parser/parser.h"
#include "frontends/onnx/parser/refitter.h"

namespace {

// The interface has not changed since its first version; callers of another one would see other tables of functions.
bool versionFits(nvinfer1::ILogger& logger, int version) {
    if (version == NV_ONNX_PARSER_VERSION) return true;
    logger.log(nvinfer1::ILogger::Severity::kERROR,
               fmt::format("the program was compiled for version {} of the ONNX parser's interface; this library has "
                           "version {}",
                           version, NV_ONNX_PARSER_VERSION)
                   .c_str());
    return false;
}

template <class T, class Target>
void* create(void* target, void* logger, int version) noexcept {
    if (!target || !logger) return nullptr;
    auto& log = *static_cast<nvinfer1::ILogger*>(logger);
    try {
        if (!versionFits(log, version)) return nullptr;
        return new T(*static_cast<Target*>(target), log);
    } catch (...) {
        log.log(nvinfer1::ILogger::Severity::kERROR, "out of memory while an ONNX parser was created");
        return nullptr;
    }
}

}  // namespace

extern "C" void* createNvOnnxParser_INTERNAL(void* network, void* logger, int version) noexcept {
    return static_cast<nvonnxparser::IParser*>(static_cast<lathe::onnx::OnnxParser*>(
        create<lathe::onnx::OnnxParser, nvinfer1::INetworkDefinition>(network, logger, version)));
}

extern "C" void* createNvOnnxParserRefitter_INTERNAL(void* refitter, void* logger, int32_t version) noexcept {
    return static_cast<nvonnxparser::IParserRefitter*>(static_cast<lathe::onnx::OnnxRefitter*>(
        create<lathe::onnx::OnnxRefitter, nvinfer1::IRefitter>(refitter, logger, version)));
}

extern "C" int getNvOnnxParserVersion() noexcept { return NV_ONNX_PARSER_VERSION; }

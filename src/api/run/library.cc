// SPDX-License-Identifier: Apache-2.0
#include "api/run/library.h"

#include <atomic>

#include "api/common/report.h"
#include "api/run/refitter.h"
#include "api/run/runtime.h"

namespace lathe::api {
namespace {

std::atomic<nvinfer1::ILogger*>& loggerSlot() {
    static std::atomic<nvinfer1::ILogger*> slot{nullptr};
    return slot;
}

}  // namespace

Status checkClient(void* logger, int32_t version) {
    if (!logger) return invalidArgument("the logger is null");
    // Up to version 9, numbers were made of thousands.
    int32_t major = version >= 100000 ? version / 10000 : version / 1000;
    if (major != NV_TENSORRT_MAJOR || version > NV_TENSORRT_VERSION)
        return makeStatus(
            Code::kInvalidState,
            "the program was compiled against version {} of the API; this library serves those from {} to {}", version,
            NV_TENSORRT_MAJOR * 10000, NV_TENSORRT_VERSION);
    nvinfer1::ILogger* none = nullptr;
    loggerSlot().compare_exchange_strong(none, static_cast<nvinfer1::ILogger*>(logger));
    return {};
}

nvinfer1::ILogger* firstLogger() { return loggerSlot().load(); }

void* createRuntime(void* logger, int32_t version) noexcept {
    Reporter reporter(static_cast<nvinfer1::ILogger*>(logger));
    return guarded<nvinfer1::IRuntime*>(reporter, "createInferRuntime", nullptr, [&]() -> Result<nvinfer1::IRuntime*> {
        TRY(checkClient(logger, version));
        return new Runtime(reporter.logger());
    });
}

void* createRefitter(void* engine, void* logger, int32_t version) noexcept {
    Reporter reporter(static_cast<nvinfer1::ILogger*>(logger));
    return guarded<nvinfer1::IRefitter*>(
        reporter, "createInferRefitter", nullptr, [&]() -> Result<nvinfer1::IRefitter*> {
            TRY(checkClient(logger, version));
            if (!engine) return invalidArgument("the engine is null");
            return makeRefitter(static_cast<CudaEngine&>(*static_cast<nvinfer1::ICudaEngine*>(engine)),
                                *static_cast<nvinfer1::ILogger*>(logger));
        });
}

}  // namespace lathe::api

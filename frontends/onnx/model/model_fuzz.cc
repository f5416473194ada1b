// SPDX-License-Identifier: Apache-2.0
// A libFuzzer target (clang, -DLATHE_FUZZ=ON): no input may crash, leak, or take unbounded time or memory, and a model
// that is sound stays so when its functions are expanded.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "frontends/onnx/model/test_pipeline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const lathe::Status status = lathe::onnx::testing::runPipeline(std::as_bytes(std::span(data, size)));
    if (status.code() == lathe::Code::kInternal || status.message().starts_with("after inlineFunctions")) {
        std::fprintf(stderr, "%s\n", status.toString().c_str());
        std::abort();
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Everything that happens to a file before ops are imported, for tests that feed it broken files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "frontends/onnx/model/check_model.h"
#include "frontends/onnx/model/inline_functions.h"
#include "frontends/onnx/model/parse.h"

namespace lathe::onnx::testing {

// Reads every byte of a tensor that can be had, so that a sanitizer sees wrong ones.
inline uint64_t touch(const Tensor& tensor) {
    uint64_t sum = 0;
    if (const auto bytes = tensor.bytes(); bytes.ok()) {
        for (const std::byte b : *bytes) sum += static_cast<uint8_t>(b);
    }
    if (const auto values = tensor.toInts(); values.ok()) sum += values->size();
    if (const auto values = tensor.toDoubles(); values.ok()) sum += values->size();
    return sum;
}

inline uint64_t touch(const Graph& graph) {
    uint64_t sum = 0;
    for (const Tensor& tensor : graph.initializers) sum += touch(tensor);
    for (const ValueInfo& value : graph.inputs) sum += toString(value.type).size();
    for (const Node& node : graph.nodes) {
        for (const Attribute& attribute : node.attributes) {
            for (const Tensor& tensor : attribute.tensors) sum += touch(tensor);
            for (const Graph& inner : attribute.graphs) sum += touch(inner);
        }
    }
    return sum;
}

// OK when the bytes are a sound model; a model that passes the checks passes them with its functions expanded, too.
inline Status runPipeline(std::span<const std::byte> bytes) {
    ParseOptions options;
    options.maxStructBytes = size_t{256} << 20;
    Model model = TRY(parseModel(copyOf(bytes), options));
    touch(model.graph);
    TRY(checkModel(model, {.allowMissingData = true}));
    InlineLimits limits;
    limits.maxNodes = 100'000;
    limits.maxBytes = size_t{64} << 20;
    TRY(inlineFunctions(model, limits));
    Status again = checkModel(model, {.allowMissingData = true});
    if (!again.ok()) again.prefix("after inlineFunctions");
    return again;
}

}  // namespace lathe::onnx::testing

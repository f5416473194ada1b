// SPDX-License-Identifier: Apache-2.0
// Replaces calls of a model's own functions by the functions' bodies.
#pragma once

#include <cstddef>

#include "base/status.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

// Calls of calls multiply: twenty functions that each call the next one ten times would fill any memory.
struct InlineLimits {
    int maxCallDepth = 64;
    int maxGraphDepth = 64;
    size_t maxNodes = size_t{1} << 22;
    size_t maxBytes = size_t{2} << 30;  // of copied names and attribute values; tensors share their data
};

// Afterwards no node calls a function and model.functions is empty. Values inside a body get new names that nothing in
// the model has, "f.3/x" for the x of the third call that is expanded; its nodes are named "<call>/<node>". A reference
// to an attribute becomes the call's attribute, else the function's default; without either the attribute is left out,
// as if the node had not been given it. An optional input that the call leaves out is left out in the body.
// After an error the model is partly expanded and of no use.
Status inlineFunctions(Model& model, const InlineLimits& limits = {});

}  // namespace lathe::onnx

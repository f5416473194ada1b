// SPDX-License-Identifier: Apache-2.0
// The checks that concern a model as a whole; parse.h checks what lies within one message.
#pragma once

#include "base/status.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

struct CheckOptions {
    // Allows tensors without data: networks stored without weights, external data that comes later.
    bool allowMissingData = false;
};

// What holds afterwards, in the graph, its subgraphs and the functions:
// - Each name is defined once: by an input or initializer (or both, then the initializer is a default) or one node's
//   output. Nodes of a subgraph define no name of the graphs around it; its inputs and initializers may hide one.
// - Nodes come in topological order: what they read, and what their subgraphs read, is defined before. Graph outputs
// are
//   defined; those of subgraphs possibly outside.
// - The domain of each node is imported, or the node calls a function. Functions have distinct identities and do not
//   recur; references to attributes stand in functions only, and refer to what the function declares.
// - Tensors have as many elements as their dims say; inputs of the main graph have a type.
Status checkModel(const Model& model, const CheckOptions& options = {});

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
// Runs ops' inference over nodes and graphs.
#pragma once

#include <functional>

#include "ir/op.h"

namespace lathe::ir {

// Sets the types (and known elements) of a node's outputs, nested regions included. Names the node in errors.
Status inferNode(Node& node);
Status inferRegion(Region& region);
Status inferGraph(Graph& graph);

// The same rules on numbers instead of symbols, while an engine runs: `type` gives each input's concrete dims, `bytes`
// its host data when it may be looked at (else an empty span). Returns the output types; data-dependent extents are
// their upper bounds.
struct ConcreteInput {
    DType dtype;
    Dims dims;
    std::span<const std::byte> bytes;
    bool present = true;
};
Result<std::vector<TensorType>> inferConcrete(const Node& node, std::span<const ConcreteInput> inputs);

}  // namespace lathe::ir

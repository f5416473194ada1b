// SPDX-License-Identifier: Apache-2.0
// Runs a graph by its ops' reference kernels: what every optimization is compared with, and how constants are folded.
#pragma once

#include "ir/op.h"

namespace lathe::ir {

struct HostTensor {
    Tensor tensor;
    std::shared_ptr<const void> storage;  // keeps tensor.data alive
};

// Uninitialized memory for a tensor, aligned to 64 bytes. Errors: too large, out of memory.
Result<HostTensor> allocateTensor(DType dtype, const Dims& dims);

// Runs `graph` on concrete inputs (one a parameter, matching dtype and rank) and returns its results.
Result<std::vector<HostTensor>> interpret(const Graph& graph, std::span<const Tensor> inputs);

// Called after each node of the graph's own region, with its outputs (for layer-by-layer comparison).
using NodeObserver = std::function<void(const Node&, std::span<const Tensor>)>;
Result<std::vector<HostTensor>> interpret(const Graph& graph, std::span<const Tensor> inputs,
                                          const NodeObserver& observer);

// Runs one node on concrete inputs; absent ones have null data and dtype ignored (present[i] tells).
Result<std::vector<HostTensor>> interpretNode(const Node& node, std::span<const Tensor> inputs,
                                              std::span<const bool> present);

}  // namespace lathe::ir

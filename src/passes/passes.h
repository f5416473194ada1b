// SPDX-License-Identifier: Apache-2.0
// The passes, each in its own file. Each answers whether it changed the graph.
#pragma once

#include <functional>

#include "ir/graph.h"

namespace lathe::passes {

// Nodes whose inputs are all constant become derived weights (a recipe of that node), and integer tensors whose
// elements are known become constants. Large expansions (an Expand of a scalar to megabytes) are left to run time.
Result<bool> foldConstants(ir::Graph& graph);
// Two nodes of the same op with equal attributes and inputs become one; so do equal constants of up to 4 KiB.
Result<bool> mergeEqualNodes(ir::Graph& graph);
// Drops nodes without side effects that nobody reads, and constants without readers.
Result<bool> removeUnused(ir::Graph& graph);

// Infers the whole graph again. Where one branch of an If proves impossible for the extents that are allowed now, and
// which one runs is only known while running, the other is taken, and a check of the condition fails where it would not
// be.
Result<bool> pruneBranches(ir::Graph& graph);
// gemm becomes matmul (and mul, add); batch_norm with constant statistics becomes mul and add.
Result<bool> splitAffine(ir::Graph& graph);
// Channel-wise products and sums after convolutions and matrix products go into their weights.
Result<bool> foldScale(ir::Graph& graph);

// Nodes that change nothing go; reshapes get constant operands where symbols allow it.
Result<bool> dropNoops(ir::Graph& graph);
// Activations and normalizations that are written out become their nodes.
Result<bool> recognizeActivations(ir::Graph& graph);
Result<bool> recognizeNorms(ir::Graph& graph);
// Reshapes and transposes become few, and go after operations along rows where they meet others.
Result<bool> settleMovements(ir::Graph& graph);
// Attention that is written out becomes its node, and the projections before it one product.
Result<bool> recognizeAttention(ir::Graph& graph);
Result<bool> mergeProjections(ir::Graph& graph);
// Attention's masks that hide nothing, a triangle or the same of every query are said otherwise.
Result<bool> settleMasks(ir::Graph& graph);

// Computations in f32 become ones in f16 or bf16 (BuilderFlag::kFP16, kBF16): not part of the pipeline, since it
// depends on the target. Inputs and results of the graph and of regions keep their types.
struct PrecisionChoice {
    DType to = DType::kHalf;
    std::function<bool(const ir::Node&)> keep = {};  // nodes that stay as they are; may be empty
};
Result<bool> lowerPrecision(ir::Graph& graph, const PrecisionChoice& choice);

// For passes: puts `from`'s origins behind `to`'s own, so that `explain` can tell what became of them.
void joinOrigins(ir::Node& to, const ir::Node& from);

}  // namespace lathe::passes

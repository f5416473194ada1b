// SPDX-License-Identifier: Apache-2.0
// Products by cuBLASLt: candidates are the first choices of its heuristics. params of their bindings: {rank,
// 1 where f32 may be rounded to TF32}.
#pragma once

#include "kernels/cuda/gemm.h"
#include "tactics/common/epilogue_match.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {

struct LtOperands {
    const ir::Value *a = nullptr, *b = nullptr, *bias = nullptr, *residual = nullptr;
};

// Why cuBLASLt does not do the product with what follows it; empty when it may.
std::string whyNoLt(const Target& target, const cuda::GemmShape& shape, const EpilogueMatch& match);
// Candidates for the product of the anchor's inputs 0 and 1 with what follows it, one for each rank; `seconds`: of our
// own best kernel, by its cost model.
void offerLt(const Tactic& tactic, const ir::Node& anchor, const EpilogueMatch& match, double seconds, bool tf32,
             BindResult& result);
// `shape`: at the extents of the run.
Result<std::unique_ptr<Kernel>> makeLt(const cuda::GemmShape& shape, const EpilogueMatch& match,
                                       const LtOperands& operands, const Binding& binding, const PrepareContext& c);

}  // namespace lathe::tactics

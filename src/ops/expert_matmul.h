// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// expert_matmul: each token's row times the matrices that it chose. Inputs: x [tokens…, depth], one row for all choices
// of a token, or [tokens…, k, depth], one for each; choice (i32, i64) [tokens…, k]; w [experts, depth, width] of x's
// type; optionally a bias [experts, width]. Output [tokens…, k, width]: y[t, j] = x[t(, j)] w[choice[t, j]] +
// bias[choice[t, j]], summed in f32 at least. A choice that is no expert gives 0.
struct ExpertMatmulAttrs : ir::AttrsOf<ExpertMatmulAttrs> {
    void fields(ir::AttrVisitor&) {}
};

// The op in numbers.
struct ExpertProduct {
    int64_t rows = 0;    // of the output: tokens times k
    int64_t shared = 1;  // consecutive rows that read one row of x
    int64_t experts = 0, depth = 0, width = 0;
};
ExpertProduct expertProduct(const ir::Dims& x, const ir::Dims& choice, const ir::Dims& w);

extern const ir::Op* const op_expert_matmul;

}  // namespace lathe::ops

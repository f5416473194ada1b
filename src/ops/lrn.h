// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// lrn: x / (bias + alpha / size * s)^beta, where s sums the squares of the `size` channels around each one (of an even
// size, one more after than before). Input: x [N, C, …] floating. Output: x's type and shape.
struct LrnAttrs : ir::AttrsOf<LrnAttrs> {
    int64_t size = 1;
    double alpha = 1e-4;
    double beta = 0.75;
    double bias = 1;
    void fields(ir::AttrVisitor& f) {
        f("size", size);
        f("alpha", alpha);
        f("beta", beta);
        f("bias", bias);
    }
};

extern const ir::Op* const op_lrn;

}  // namespace lathe::ops

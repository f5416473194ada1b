// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// gemm: alpha * A' * B' + beta * C. Inputs: a [m, k] (or [k, m] with trans_a), b [k, n] (or [n, k] with trans_b), c
// (optional) broadcastable to [m, n]; all of one floating type. Output: [m, n].
struct GemmAttrs : ir::AttrsOf<GemmAttrs> {
    double alpha = 1;
    double beta = 1;
    bool transA = false;
    bool transB = false;
    void fields(ir::AttrVisitor& f) {
        f("alpha", alpha);
        f("beta", beta);
        f("trans_a", transA);
        f("trans_b", transB);
    }
};

extern const ir::Op* const op_gemm;

}  // namespace lathe::ops

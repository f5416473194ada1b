// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// eye_like: a matrix of the shape of x with 1 where column - row is k, else 0. Input: any matrix; only its shape
// matters.
struct EyeLikeAttrs : ir::AttrsOf<EyeLikeAttrs> {
    int64_t k = 0;
    DType dtype = DType::kFloat;
    void fields(ir::AttrVisitor& f) {
        f("k", k);
        f("dtype", dtype);
    }
};

extern const ir::Op* const op_eye_like;

}  // namespace lathe::ops

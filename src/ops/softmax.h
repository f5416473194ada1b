// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// softmax: exp(x - max) / sum(exp(x - max)) along `axis`, or its logarithm. One float input; the output has its shape.
struct SoftmaxAttrs : ir::AttrsOf<SoftmaxAttrs> {
    int64_t axis = -1;
    bool log = false;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("log", log);
    }
};

extern const ir::Op* const op_softmax;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// bernoulli: 1 with the probability that x (f32, f16 or bf16) gives, else 0: 1 where number i of the uniform stream
// (base/philox.h) of the seed is below x[i]; seed 0 gives other numbers in every run. The output has the shape of x
// and any type of at least a byte.
struct BernoulliAttrs : ir::AttrsOf<BernoulliAttrs> {
    DType dtype = DType::kFloat;
    int64_t seed = 0;
    void fields(ir::AttrVisitor& f) {
        f("dtype", dtype);
        f("seed", seed);
    }
};

extern const ir::Op* const op_bernoulli;

}  // namespace lathe::ops

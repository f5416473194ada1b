// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// multinomial: sample_size classes drawn for each row of x (f32, f16 or bf16 [batch, classes]: logarithms of
// probabilities, which need not add up to 1) by the numbers of the uniform stream (base/philox.h) of the seed, in
// the order of the output; seed 0 gives other numbers in every run. Output i32 or i64 [batch, sample_size].
struct MultinomialAttrs : ir::AttrsOf<MultinomialAttrs> {
    DType dtype = DType::kInt32;
    int64_t sampleSize = 1;
    int64_t seed = 0;
    void fields(ir::AttrVisitor& f) {
        f("dtype", dtype);
        f("sample_size", sampleSize);
        f("seed", seed);
    }
};

extern const ir::Op* const op_multinomial;

}  // namespace lathe::ops

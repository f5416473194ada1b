// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// random_uniform: numbers drawn evenly from [low, high]: element i is low + u * (high - low) for number i of the
// uniform stream (base/philox.h) of the seed; seed 0 gives other numbers in every run. Input (shape? i64 or i32
// [rank], may be computed while running); the attribute tells when it is absent. Types: f32, f16, bf16.
struct RandomUniformAttrs : ir::AttrsOf<RandomUniformAttrs> {
    DType dtype = DType::kFloat;
    std::vector<int64_t> shape;
    double low = 0;
    double high = 1;
    int64_t seed = 0;
    void fields(ir::AttrVisitor& f) {
        f("dtype", dtype);
        f("shape", shape);
        f("low", low);
        f("high", high);
        f("seed", seed);
    }
};

extern const ir::Op* const op_random_uniform;

}  // namespace lathe::ops

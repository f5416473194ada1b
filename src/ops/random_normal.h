// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// random_normal: numbers from the normal distribution: element i is mean + scale * number i of the normal stream
// (base/philox.h) of the seed; seed 0 gives other numbers in every run. Input (shape? i64 or i32 [rank], may be
// computed while running); the attribute tells when it is absent. Types: f32, f16, bf16.
struct RandomNormalAttrs : ir::AttrsOf<RandomNormalAttrs> {
    DType dtype = DType::kFloat;
    std::vector<int64_t> shape;
    double mean = 0;
    double scale = 1;
    int64_t seed = 0;
    void fields(ir::AttrVisitor& f) {
        f("dtype", dtype);
        f("shape", shape);
        f("mean", mean);
        f("scale", scale);
        f("seed", seed);
    }
};

extern const ir::Op* const op_random_normal;

}  // namespace lathe::ops

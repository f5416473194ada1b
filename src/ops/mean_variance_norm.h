// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// mean_variance_norm: (x - mean) / (sqrt(variance) + 1e-9), with the statistics along `axes`. One floating input; the
// output has its type and shape.
struct MeanVarianceNormAttrs : ir::AttrsOf<MeanVarianceNormAttrs> {
    std::vector<int64_t> axes = {0, 2, 3};
    void fields(ir::AttrVisitor& f) { f("axes", axes); }
};

extern const ir::Op* const op_mean_variance_norm;

}  // namespace lathe::ops

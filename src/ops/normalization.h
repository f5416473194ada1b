// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// normalization: (x - mean) / sqrt(variance + epsilon) * scale + bias over any set of axes. Inputs: x floating; scale,
// bias (both optional) of x's type and rank, which broadcast to x's shape. With `groups` above 1, axis 1 is divided
// into that many runs of channels, the axes are all those after axis 1, and a group's channels are normalized together;
// scale and bias may then also have extent `groups` on axis 1, one entry a group. Output: x's type and shape.
struct NormalizationAttrs : ir::AttrsOf<NormalizationAttrs> {
    std::vector<int64_t> axes;
    double epsilon = 1e-5;
    int64_t groups = 1;
    void fields(ir::AttrVisitor& f) {
        f("axes", axes);
        f("epsilon", epsilon);
        f("groups", groups);
    }
};

extern const ir::Op* const op_normalization;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

// conv: cross-correlation. Inputs: x [N, C, spatial…] with one to three spatial axes, w [M, C / group, kernel…],
// bias [M] (optional); all of one floating type. Output: [N, M, out…]. An empty `kernel` takes w's extents.
// Group g's output channels [g * M / group, …) see only input channels [g * C / group, …).
struct ConvAttrs : ir::AttrsOf<ConvAttrs>, WindowFields {
    int64_t group = 1;
    void fields(ir::AttrVisitor& f) {
        windowFields(f);
        f("group", group);
    }
};

extern const ir::Op* const op_conv;

}  // namespace lathe::ops

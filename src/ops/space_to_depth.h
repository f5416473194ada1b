// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/depth_to_space.h"  // DepthOrder

namespace lathe::ops {

// space_to_depth: x [n, c, h, w] as [n, c*b*b, h/b, w/b], b = block_size: blocks of b by b pixels become channels,
// numbered as DepthOrder says. Any type of at least a byte; b divides h and w.
struct SpaceToDepthAttrs : ir::AttrsOf<SpaceToDepthAttrs> {
    int64_t blockSize = 1;
    DepthOrder mode = DepthOrder::kDcr;
    void fields(ir::AttrVisitor& f) {
        f("block_size", blockSize);
        f("mode", mode, kDepthOrderNames);
    }
};

extern const ir::Op* const op_space_to_depth;

}  // namespace lathe::ops

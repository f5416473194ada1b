// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// How a channel index divides: kDcr: (row in the block * b + column) * c + the new channel; kCrd: the new channel * b *
// b + row * b + column.
enum class DepthOrder : int64_t { kDcr, kCrd };
inline constexpr const char* kDepthOrderNames[] = {"dcr", "crd"};

// depth_to_space: x [n, c*b*b, h, w] as [n, c, h*b, w*b], b = block_size: channels become blocks of b by b pixels. Any
// type of at least a byte.
struct DepthToSpaceAttrs : ir::AttrsOf<DepthToSpaceAttrs> {
    int64_t blockSize = 1;
    DepthOrder mode = DepthOrder::kDcr;
    void fields(ir::AttrVisitor& f) {
        f("block_size", blockSize);
        f("mode", mode, kDepthOrderNames);
    }
};

extern const ir::Op* const op_depth_to_space;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// space_to_depth: x [n, c, h, w] as [n, c*b*b, h/b, w/b]: every block of b by b pixels becomes channels; the
// channel (row in the block * b + column) * c + the old one. Any type of at least a byte; b = block_size divides h
// and w.
struct SpaceToDepthAttrs : ir::AttrsOf<SpaceToDepthAttrs> {
    int64_t blockSize = 1;
    void fields(ir::AttrVisitor& f) { f("block_size", blockSize); }
};

extern const ir::Op* const op_space_to_depth;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// tile: x repeated along each axis. Inputs (x of any type of at least a byte, repeats i64 or i32 [rank], which may
// be computed while running).
struct TileAttrs : ir::AttrsOf<TileAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_tile;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// squeeze: x without the listed axes, whose extents must be 1. Inputs (x of any type, axes? i64 or i32 [n], known
// when the engine is built). Without an axes input the attribute tells; empty means every axis of extent 1.
struct SqueezeAttrs : ir::AttrsOf<SqueezeAttrs> {
    std::vector<int64_t> axes;
    void fields(ir::AttrVisitor& f) { f("axes", axes); }
};

extern const ir::Op* const op_squeeze;

}  // namespace lathe::ops

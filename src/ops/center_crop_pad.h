// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// center_crop_pad: each listed axis (all when none is listed) brought to the length that `shape` gives, by cropping
// or padding with 0 on both sides; what cannot be halved goes to the end. Inputs (x of any type of at least a byte,
// shape i64 or i32 [axes], which may be computed while running).
struct CenterCropPadAttrs : ir::AttrsOf<CenterCropPadAttrs> {
    std::vector<int64_t> axes;
    void fields(ir::AttrVisitor& f) { f("axes", axes); }
};

extern const ir::Op* const op_center_crop_pad;

}  // namespace lathe::ops

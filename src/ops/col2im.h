// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// col2im: sums blocks back into an image, the inverse of cutting it into overlapping blocks. Inputs (x f32, f16 or
// bf16 [n, c * product of block, number of blocks], image_shape i64 or i32 [d], block_shape i64 or i32 [d] known
// when the engine is built). Output [n, c, image_shape]. Empty lists: dilations and strides 1, pads (begin…, end…)
// 0.
struct Col2imAttrs : ir::AttrsOf<Col2imAttrs> {
    std::vector<int64_t> dilations;
    std::vector<int64_t> pads;
    std::vector<int64_t> strides;
    void fields(ir::AttrVisitor& f) {
        f("dilations", dilations);
        f("pads", pads);
        f("strides", strides);
    }
};

extern const ir::Op* const op_col2im;

}  // namespace lathe::ops

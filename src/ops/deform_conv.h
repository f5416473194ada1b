// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

// deform_conv: a 2-D convolution whose samples are moved. Inputs, all of one floating type: x [N, C, H, W],
// w [M, C / group, kh, kw], offset [N, offset_group * kh * kw * 2, oh, ow] (down, then right, for every tap), bias?
// [M], mask? [N, offset_group * kh * kw, oh, ow], which samples are multiplied with. Samples are bilinear; what lies
// outside of the image is 0. Output: [N, M, oh, ow].
struct DeformConvAttrs : ir::AttrsOf<DeformConvAttrs>, WindowFields {
    int64_t group = 1, offsetGroup = 1;
    void fields(ir::AttrVisitor& f) {
        windowFields(f);
        f("group", group);
        f("offset_group", offsetGroup);
    }
};

extern const ir::Op* const op_deform_conv;

}  // namespace lathe::ops

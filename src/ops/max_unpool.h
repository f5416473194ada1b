// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// max_unpool: undoes a max pooling. Inputs: x [N, C, spatial…] floating, indices i64 of x's shape, output_shape? i64
// [rank]. Each element of x goes to its index, row-major, in a tensor of zeros [N, C, (in - 1) * stride - pads +
// kernel…]; with output_shape more zeros are put at the end of every axis. Of elements with the same index the last
// stays.
struct MaxUnpoolAttrs : ir::AttrsOf<MaxUnpoolAttrs> {
    std::vector<int64_t> kernel, strides, pads;
    void fields(ir::AttrVisitor& f) {
        f("kernel", kernel);
        f("strides", strides);
        f("pads", pads);
    }
};

extern const ir::Op* const op_max_unpool;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// quantize_linear: round(x / scale) + zero_point, halves to the even neighbour, brought into the range of the
// output type. Inputs (x f32, f16, bf16 or i32; scale; zero_point? of the output type and the shape of scale).
// The quotient is rounded to f32 before it is rounded to an integer. Floating output types (f8e4m3, f4e2m1) take
// the quotient as cast does, `saturate` included, with a zero point of 0. NaN becomes the zero point.
// scale (f32, f16, bf16, f8e4m3 or e8m0) is a single element; or a vector, one for each index along `axis`; or,
// with block_size > 0, a tensor of the shape of x but for ceil(extent / block_size) along `axis`, one for each
// block.
// Output types: i8, u8, i4, f8e4m3, f4e2m1.
struct QuantizeLinearAttrs : ir::AttrsOf<QuantizeLinearAttrs> {
    int64_t axis = 1;
    int64_t blockSize = 0;
    DType outputDtype = DType::kInt8;
    bool saturate = true;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("block_size", blockSize);
        f("output_dtype", outputDtype);
        f("saturate", saturate);
    }
};

extern const ir::Op* const op_quantize_linear;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// dequantize_linear: (x - zero_point) * scale, the product rounded to f32 and then to the output type. Inputs (x
// i8, u8, i32, i4, f8e4m3 or f4e2m1; scale; zero_point? of the type of x and the shape of scale). axis, block_size
// and scale as for quantize_linear. Output types: f32, f16, bf16.
struct DequantizeLinearAttrs : ir::AttrsOf<DequantizeLinearAttrs> {
    int64_t axis = 1;
    int64_t blockSize = 0;
    DType outputDtype = DType::kFloat;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("block_size", blockSize);
        f("output_dtype", outputDtype);
    }
};

extern const ir::Op* const op_dequantize_linear;

}  // namespace lathe::ops

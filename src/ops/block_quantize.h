// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// block_quantize: x in blocks, each with a scale that its largest magnitude asks for. Inputs: x (f32, f16, bf16), and
// optionally a positive number g by which the scales are divided before they are stored. Outputs: y of outputDtype (i8,
// f8e4m3, f4e2m1) with x's shape; scales of scaleDtype (f32, f8e4m3, e8m0), one for each block.
// All in f32, with `most` the largest y (127, 448, 6):
//   stored = max |x| of the block / most / g, rounded to scaleDtype: to nearest, of e8m0 up;
//   y = x / (stored * g), rounded to nearest; 0 where stored * g is 0.
// What is not a number does not count as a magnitude.
struct BlockQuantizeAttrs : ir::AttrsOf<BlockQuantizeAttrs> {
    std::vector<int64_t> block;  // an extent for each axis of x, which it divides; -1: the whole axis
    DType outputDtype = DType::kFp8;
    DType scaleDtype = DType::kFloat;
    void fields(ir::AttrVisitor& f) {
        f("block", block);
        f("output_dtype", outputDtype);
        f("scale_dtype", scaleDtype);
    }
};

// The largest magnitude of a quantized type.
float largestQuantized(DType type);
// The smallest power of two that is not less, as e8m0 stores it, and what that stands for.
uint8_t powerOfTwoAbove(float v);
float ofPowerOfTwo(uint8_t code);
// The extents of a block of a tensor of these dims. Errors: not one for each axis, or not a divisor.
Result<ir::Dims> blockExtents(const ir::Dims& dims, const std::vector<int64_t>& block);

extern const ir::Op* const op_block_quantize;

}  // namespace lathe::ops

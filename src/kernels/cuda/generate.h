// SPDX-License-Identifier: Apache-2.0
// What is made of few numbers, or of places alone. Plain kernels, an element a thread; not for the bulk of a network.
#pragma once

#include <optional>
#include <span>

#include "kernels/cuda/move.h"

namespace lathe::cuda {

// y[i] = start + i * delta; operands 0 and 1 are one element each. i32, i64 (wrapping), f32, f16, bf16.
Result<KernelPlan> range(DType type, int64_t count);

// y [outer, n, inner]: values[1] (operand 1, two elements of elementBytes) where operand 0 [outer, inner] names the
// place on the axis (negative: from its end; fractions are dropped), else values[0].
Result<KernelPlan> oneHot(int64_t outer, int64_t n, int64_t inner, DType indexType, int elementBytes);

// Triangles of `count` matrices: elements with column - row >= k (upper) or <= k stay, the others become 0. kType: of
// operand 1, one element; none: k is 0. The output may be operand 0.
Result<KernelPlan> trilu(int64_t count, int64_t rows, int64_t columns, bool upper, std::optional<DType> kType,
                         int elementBytes);

// Rotary embedding: pairs of the first 2 * half elements of a head turn by the angle of their position. Operands: 0 x
// [batch, heads, length, size] or, packed, [batch, length, heads, size]; 1 and 2 cosines and sines [batch, length,
// half] or, with ids (operand 3, [batch, length]), [positions, half]; all of one floating type.
struct RotateShape {
    DType type = DType::kHalf;
    int64_t batch = 1, heads = 1, length = 0, size = 0, half = 0, positions = 0;
    bool packed = false, interleaved = false;
    std::optional<DType> ids = {};
};
Result<KernelPlan> rotate(const RotateShape& shape);

// Slices with everything that stridedCopy() does not know: numbers that are computed while running, and places outside
// of the input. Dense x (operand 0) to dense y.
struct SliceShape {
    enum class Outside { kFault = 0, kWrap = 1, kClamp = 2, kFill = 3, kReflect = 4 };
    std::span<const int64_t> in, out;
    // By axis: start and step, or (where ≥ 0) which element of operand 1 (2) says them.
    std::span<const int64_t> starts, steps;
    std::span<const int> startAt, stepAt;
    std::optional<DType> startType = {}, stepType = {};  // i32 or i64, of those operands
    bool fromEnd = false;  // negative starts count from the end, and all are brought into the axis
    Outside outside = Outside::kFault;
    bool fill = false;  // operand 3 is the fill value; else 0
    int elementBytes = 4;
};
Result<KernelPlan> slice(const SliceShape& shape);

// Dense x (operand 0) to dense y by amounts that are computed: before axis d comes element at[d] of operand 1 (i32 or
// i64; -1: nothing), after it what the extents leave; negative amounts crop first. hasValue: operand 2, for kConstant.
Result<KernelPlan> padComputed(std::span<const int64_t> in, std::span<const int64_t> out, std::span<const int> at,
                               DType padsType, PadMode mode, bool hasValue, int elementBytes);

// y[o…] = sum over r… of the product of operands 0, 1, … (at most four) at strides over (o…, r…) of their own; y is
// dense over o…. f32, f16, bf16 (sums in f32), i32, i64 (wrapping). Adjacent axes need not be joined.
struct ContractShape {
    DType type = DType::kFloat;
    std::vector<int64_t> outputDims, sumDims;
    std::vector<std::vector<int64_t>> strides;  // by operand, over the outputs' axes and then the sum's
};
Result<KernelPlan> contract(const ContractShape& shape);

}  // namespace lathe::cuda

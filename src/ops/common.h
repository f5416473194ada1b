// SPDX-License-Identifier: Apache-2.0
// What ops share in inference and reference kernels.
#pragma once

#include <array>

#include "ir/op.h"

namespace lathe::ops {

using ir::Dim;
using ir::Dims;
using ir::InferContext;
using ir::RefContext;
using ir::Shape;
using ir::Tensor;
using ir::TensorType;

// -rank <= axis < rank becomes 0 <= axis < rank.
Result<int> normalizeAxis(int64_t axis, int rank);
// The same for a list; no axis twice. An empty list stays empty.
Result<std::vector<int>> normalizeAxes(std::span<const int64_t> axes, int rank);
// Whether an optional input is there.
inline bool given(const InferContext& c, int i) { return i < c.inputCount() && c.has(i); }
// "input 2 is missing" unless inputs [0, count) are all there.
Status requireInputs(const InferContext& c, int count);
// "input 1 has type i64; expected f32, f16 or bf16".
Status requireType(const InferContext& c, int input, std::initializer_list<DType> allowed);
Status requireFloat(const InferContext& c, int input);
Status requireSameType(const InferContext& c, int a, int b);
Status requireRank(const InferContext& c, int input, int rank);
// An error when both are known and differ: "<what> is 4, but must be 3".
Status requireExtent(const Dim& got, const Dim& expected, std::string_view what);
// The input's shape must broadcast to `to` without changing it (numpy's rule, one way).
Status requireBroadcastTo(const InferContext& c, int input, const Shape& to);

// Strides, in elements, of a contiguous row-major tensor.
Dims rowMajorStrides(const Dims& dims);
// Strides by which a tensor of `dims` is read under the broadcast shape `to` (0 where it is repeated).
Dims broadcastStrides(const Dims& dims, const Dims& to);

// Calls visit(outerIndexInElements...) over all positions of `dims`, giving each tensor's offset by its strides.
template <size_t N, class F>
void forEachOffset(const Dims& dims, const std::array<Dims, N>& strides, F&& visit) {
    int64_t total = ir::volume(dims);
    if (total == 0) return;
    Dims at(dims.size(), 0);
    std::array<int64_t, N> offset{};
    for (int64_t i = 0;;) {
        visit(offset);
        if (++i == total) return;
        for (int d = static_cast<int>(dims.size()) - 1; d >= 0; --d) {
            for (size_t k = 0; k < N; ++k) offset[k] += strides[k][d];
            if (++at[d] < dims[d]) break;
            for (size_t k = 0; k < N; ++k) offset[k] -= strides[k][d] * dims[d];
            at[d] = 0;
        }
    }
}

}  // namespace lathe::ops

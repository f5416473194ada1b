// SPDX-License-Identifier: Apache-2.0
#include "ops/scales.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// One scale for the whole tensor? A vector of one element is also one for each index of an axis of extent 1.
bool isSingle(const Shape& scale) { return scale.empty() || (scale.size() == 1 && scale[0] == Dim(1)); }

Status mismatch(const Shape& scale, const Shape& x, int64_t axis, int64_t blockSize) {
    return invalidArgument("scales of shape {} do not fit x of shape {} with axis {} and block_size {}",
                           ir::toString(scale), ir::toString(x), axis, blockSize);
}

bool mayBeEqual(const Dim& a, const Dim& b) { return !a.isConstant() || !b.isConstant() || a == b; }

Status check(const Shape& x, const Shape& scale, int64_t axis, int64_t blockSize) {
    if (blockSize < 0) return invalidArgument("a block size of {}", blockSize);
    int rank = static_cast<int>(x.size());
    if (blockSize == 0) {
        if (isSingle(scale)) return {};
        int a = TRY(normalizeAxis(axis, rank));
        return scale.size() == 1 && mayBeEqual(scale[0], x[a]) ? Status() : mismatch(scale, x, axis, blockSize);
    }
    int a = TRY(normalizeAxis(axis, rank));
    if (scale.size() != x.size()) return mismatch(scale, x, axis, blockSize);
    for (int d = 0; d < rank; ++d)
        if (!mayBeEqual(scale[d], d == a ? ceilDiv(x[d], blockSize) : x[d])) return mismatch(scale, x, axis, blockSize);
    return {};
}

}  // namespace

Status requireScales(const InferContext& c, int64_t axis, int64_t blockSize, DType quantized) {
    using enum DType;
    TRY(requireInputs(c, 2));
    TRY(requireType(c, 1, {kFloat, kHalf, kBf16, kFp8, kE8M0}));
    TRY(check(c.shape(0), c.shape(1), axis, blockSize));
    if (c.inputCount() < 3 || !c.has(2)) return {};
    TRY(requireType(c, 2, {quantized}));
    bool same = c.rank(1) == c.rank(2) || (isSingle(c.shape(1)) && isSingle(c.shape(2)));
    for (int d = 0; same && d < std::min(c.rank(1), c.rank(2)); ++d) same = mayBeEqual(c.shape(1)[d], c.shape(2)[d]);
    if (same) return {};
    return invalidArgument("scales of shape {} and zero points of shape {}", ir::toString(c.shape(1)),
                           ir::toString(c.shape(2)));
}

Result<ScaleIndex> ScaleIndex::make(const Dims& x, const Dims& scale, int64_t axis, int64_t blockSize) {
    TRY(check(ir::toShape(x), ir::toShape(scale), axis, blockSize));
    ScaleIndex s;
    s.single_ = blockSize == 0 && isSingle(ir::toShape(scale));
    if (s.single_) return s;
    AxisSplit split(x, TRY(normalizeAxis(axis, static_cast<int>(x.size()))));
    s.inner_ = std::max<int64_t>(split.inner, 1);
    s.extent_ = std::max<int64_t>(split.extent, 1);
    s.block_ = blockSize;
    return s;
}

}  // namespace lathe::ops

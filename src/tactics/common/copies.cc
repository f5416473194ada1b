// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/copies.h"

#include <algorithm>

#include "ops/common.h"
#include "ops/concat.h"
#include "ops/slice.h"
#include "ops/split.h"
#include "ops/strided_slice.h"
#include "ops/transpose.h"

namespace lathe::tactics {
namespace {

// A dense output taken from a view of the first input.
CopyShapes viewCopy(const ir::Node& n, ir::Dims out, ir::Dims strides, int64_t offset) {
    std::vector<CopyShape> copies;
    if (ir::volume(out) > 0) {
        ir::Dims to = ops::rowMajorStrides(out);
        copies.push_back({n.input(0), 0, std::move(out), std::move(strides), std::move(to), offset, 0});
    }
    return copies;
}

struct SliceNumbers {
    std::vector<int64_t> axes, start, stride;
};

Result<SliceNumbers> numbersOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::StridedSliceAttrs>();
    SliceNumbers s;
    int rank = n.input(0)->rank();
    s.axes = a.axes;
    if (s.axes.empty())
        for (int d = 0; d < rank; ++d) s.axes.push_back(d);
    for (int64_t& axis : s.axes) axis = fromStart(axis, rank);
    auto list = [&](int i, const std::vector<int64_t>& attribute) -> Result<std::vector<int64_t>> {
        if (!inputOf(n, i)) return attribute;
        auto known = knownIntegers(inputOf(n, i));
        if (!known) return unsupported("start or stride is not known");
        return *known;
    };
    s.start = TRY(list(1, a.start));
    s.stride = TRY(list(3, a.stride));
    if (s.stride.empty()) s.stride.assign(s.axes.size(), 1);
    if (s.start.size() != s.axes.size() || s.stride.size() != s.axes.size())
        return unsupported("{} starts and {} strides for {} axes", s.start.size(), s.stride.size(), s.axes.size());
    return s;
}

// Whether every element lies within the input. Sizes were checked for overflow by the op's inference.
bool isInside(const SliceNumbers& s, const ir::Dims& in, const ir::Dims& out) {
    if (ir::volume(out) == 0) return true;
    for (size_t i = 0; i < s.axes.size(); ++i) {
        auto d = static_cast<size_t>(s.axes[i]);
        int64_t last;
        if (__builtin_mul_overflow(out[d] - 1, s.stride[i], &last) || __builtin_add_overflow(last, s.start[i], &last))
            return false;
        if (std::min(s.start[i], last) < 0 || std::max(s.start[i], last) >= in[d]) return false;
    }
    return true;
}

}  // namespace

CopyShapes concatCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims to = ops::rowMajorStrides(dims(*n.output()));
    auto axis = static_cast<size_t>(fromStart(n.attrs<ops::ConcatAttrs>().axis, n.output()->rank()));
    std::vector<CopyShape> copies;
    int64_t offset = 0;
    for (const ir::Value* v : n.inputs()) {
        ir::Dims in = dims(*v), from = ops::rowMajorStrides(in);
        int64_t extent = in[axis];
        if (ir::volume(in) > 0) copies.push_back({v, 0, std::move(in), std::move(from), to, 0, offset * to[axis]});
        offset += extent;
    }
    return copies;
}

CopyShapes splitCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims from = ops::rowMajorStrides(dims(*n.input(0)));
    auto axis = static_cast<size_t>(fromStart(n.attrs<ops::SplitAttrs>().axis, n.input(0)->rank()));
    std::vector<CopyShape> copies;
    int64_t offset = 0;
    for (int o = 0; o < n.outputCount(); ++o) {
        ir::Dims out = dims(*n.output(o)), to = ops::rowMajorStrides(out);
        int64_t extent = out[axis];
        if (ir::volume(out) > 0)
            copies.push_back({n.input(0), o, std::move(out), from, std::move(to), offset * from[axis], 0});
        offset += extent;
    }
    return copies;
}

CopyShapes sliceCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims in = dims(*n.input(0)), strides = ops::rowMajorStrides(in);
    auto starts = knownIntegers(n.input(1)), axes = knownIntegers(inputOf(n, 3)), steps = knownIntegers(inputOf(n, 4));
    if (!starts || (inputOf(n, 3) && !axes) || (inputOf(n, 4) && !steps))
        return unsupported("starts, axes or steps are not known");
    int64_t offset = 0;
    for (size_t i = 0; i < starts->size(); ++i) {
        int64_t axis = axes ? (*axes)[i] : static_cast<int64_t>(i), step = steps ? (*steps)[i] : 1;
        auto d = static_cast<size_t>(fromStart(axis, static_cast<int>(in.size())));
        int64_t start = (*starts)[i] < 0 ? (*starts)[i] + in[d] : (*starts)[i];
        start = std::clamp<int64_t>(start, 0, std::max<int64_t>(step > 0 ? in[d] : in[d] - 1, 0));
        offset += start * strides[d];
        // One element needs no stride, and a step may be as large as an integer can be.
        if (__builtin_mul_overflow(strides[d], step, &strides[d])) strides[d] = 0;
    }
    return viewCopy(n, dims(*n.output()), std::move(strides), offset);
}

CopyShapes stridedSliceCopies(const ir::Node& n, const ExtentsOf& dims) {
    SliceNumbers s = TRY(numbersOf(n));
    ir::Dims in = dims(*n.input(0)), out = dims(*n.output()), strides = ops::rowMajorStrides(in);
    if (!isInside(s, in, out)) return invalidArgument("it reads outside of its input {}", ir::toString(in));
    if (ir::volume(out) == 0) return std::vector<CopyShape>();
    int64_t offset = 0;
    for (size_t i = 0; i < s.axes.size(); ++i) {
        auto d = static_cast<size_t>(s.axes[i]);
        offset += s.start[i] * strides[d];
        if (__builtin_mul_overflow(strides[d], s.stride[i], &strides[d])) strides[d] = 0;
    }
    return viewCopy(n, std::move(out), std::move(strides), offset);
}

CopyShapes expandCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims out = dims(*n.output()), strides = ops::broadcastStrides(dims(*n.input(0)), out);
    return viewCopy(n, std::move(out), std::move(strides), 0);
}

CopyShapes tileCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims in = dims(*n.input(0)), out = dims(*n.output());
    ir::Dims from = ops::rowMajorStrides(in), to = ops::rowMajorStrides(out);
    std::vector<CopyShape> copies;
    if (ir::volume(out) == 0) return copies;
    // Each axis as its repetitions and its elements.
    CopyShape c{n.input(0), 0, {}, {}, {}, 0, 0};
    for (size_t d = 0; d < in.size(); ++d) {
        if (int64_t repeats = out[d] / in[d]; repeats > 1) {
            c.dims.push_back(repeats);
            c.fromStrides.push_back(0);
            c.toStrides.push_back(to[d] * in[d]);
        }
        c.dims.push_back(in[d]);
        c.fromStrides.push_back(from[d]);
        c.toStrides.push_back(to[d]);
    }
    copies.push_back(std::move(c));
    return copies;
}

CopyShapes transposeCopies(const ir::Node& n, const ExtentsOf& dims) {
    ir::Dims in = dims(*n.input(0)), from = ops::rowMajorStrides(in), out(in.size()), strides(in.size());
    const auto& perm = n.attrs<ops::TransposeAttrs>().perm;
    for (size_t d = 0; d < in.size(); ++d) {
        auto axis =
            perm.empty() ? in.size() - 1 - d : static_cast<size_t>(fromStart(perm[d], static_cast<int>(in.size())));
        out[d] = in[axis];
        strides[d] = from[axis];
    }
    return viewCopy(n, std::move(out), std::move(strides), 0);
}

bool transposeIsView(const ir::Node& n, const BindContext& c) {
    const ir::Value& x = *n.input(0);
    ir::Dims most = c.maxDims(x), least = c.minDims(x);
    const auto& perm = n.attrs<ops::TransposeAttrs>().perm;
    int64_t before = -1;
    for (int d = 0; d < x.rank(); ++d) {
        int64_t axis = perm.empty() ? x.rank() - 1 - d : fromStart(perm[static_cast<size_t>(d)], x.rank());
        if (most[static_cast<size_t>(axis)] == 1 && least[static_cast<size_t>(axis)] == 1) continue;
        if (axis < before) return false;
        before = axis;
    }
    return true;
}

}  // namespace lathe::tactics

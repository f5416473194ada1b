// SPDX-License-Identifier: Apache-2.0
// Strided slices by known numbers that stay within the input, in all modes.
#include "ops/strided_slice.h"

#include <algorithm>

#include "ops/common.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

struct Numbers {
    std::vector<int64_t> axes, start, stride;
};

Result<Numbers> numbersOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::StridedSliceAttrs>();
    Numbers s;
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
bool isInside(const Numbers& s, const ir::Dims& in, const ir::Dims& out) {
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

class StridedSlices final : public Tactic {
  public:
    constexpr StridedSlices() : Tactic("cpu.strided_slice.strided.v1", "strided_slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto numbers = numbersOf(anchor);
        if (!numbers.ok()) return BindResult::refuse(numbers.status().message());
        const ir::Value &x = *anchor.input(0), &y = *anchor.output();
        // The least input with the largest output is the worst that can be.
        if (!isInside(*numbers, c.minDims(x), c.maxDims(y)))
            return BindResult::refuse("it may read outside of its input");
        BindResult result = bindCopy(*this, anchor, c);
        for (Candidate& candidate : result.candidates) {
            candidate.binding.inputs.clear();
            if (!x.isConstant()) candidate.binding.inputs = {&x};
            candidate.binding.inputLayouts.assign(candidate.binding.inputs.size(), Layout::kLinear);
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        Numbers s = TRY(numbersOf(n));
        const ir::Dims &in = c.dims(*n.input(0)), &out = c.dims(*n.output());
        if (!isInside(s, in, out)) return invalidArgument("a slice reads outside of its input {}", ir::toString(in));
        ir::Dims strides = ops::rowMajorStrides(in);
        int bytes = elementBytes(n.output()->dtype());
        int64_t offset = 0;
        for (size_t i = 0; i < s.axes.size(); ++i) {
            auto d = static_cast<size_t>(s.axes[i]);
            offset += s.start[i] * strides[d];
            strides[d] *= s.stride[i];
        }
        std::vector<CopyPart> parts;
        if (ir::volume(out) > 0) {
            CopyPart part{TRY(cpu::StridedCopy::make(out, strides, ops::rowMajorStrides(out), bytes))};
            TRY(setSource(part, *n.input(0), binding, c));
            part.inputOffset = offset * bytes;
            parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_strided_slice_strided, StridedSlices)

}  // namespace lathe::tactics

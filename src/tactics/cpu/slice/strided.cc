// SPDX-License-Identifier: Apache-2.0
#include "ops/slice.h"

#include <algorithm>

#include "ops/common.h"
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedSlice final : public Tactic {
  public:
    constexpr StridedSlice() : Tactic("cpu.slice.strided.v1", "slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        for (int i : {1, 3, 4})
            if (anchor.input(i) && !anchor.input(i)->isConstant())
                return BindResult::refuse("starts, axes or steps are not constant");
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        int bytes = elementBytes(n.output()->dtype());
        const ir::Dims &in = c.dims(*n.input(0)), &out = c.dims(*n.output());
        ir::Dims strides = ops::rowMajorStrides(in);
        std::vector<int64_t> starts = TRY(constantIntegers(*n.input(1), c)), axes, steps;
        if (n.input(3)) axes = TRY(constantIntegers(*n.input(3), c));
        if (n.input(4)) steps = TRY(constantIntegers(*n.input(4), c));
        int64_t offset = 0;
        for (size_t i = 0; i < starts.size(); ++i) {
            int64_t axis = axes.empty() ? static_cast<int64_t>(i) : axes[i], step = steps.empty() ? 1 : steps[i];
            size_t d = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(in.size()) : axis);
            int64_t start = starts[i] < 0 ? starts[i] + in[d] : starts[i];
            start = std::clamp<int64_t>(start, 0, step > 0 ? in[d] : in[d] - 1);
            offset += start * strides[d];
            strides[d] *= step;
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

LATHE_TACTIC(cpu_slice_strided, StridedSlice)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Slices that reach outside of their input, or whose numbers are computed while running.
#include "ops/strided_slice.h"

#include "kernels/cuda/generate.h"
#include "tactics/common/copies.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

cuda::SliceShape::Outside outsideOf(ops::SampleMode mode) {
    using O = cuda::SliceShape::Outside;
    switch (mode) {
        case ops::SampleMode::kStrict: return O::kFault;
        case ops::SampleMode::kWrap: return O::kWrap;
        case ops::SampleMode::kClamp: return O::kClamp;
        case ops::SampleMode::kFill: return O::kFill;
        case ops::SampleMode::kReflect: return O::kReflect;
    }
    return O::kFault;
}

class CudaStridedSliceIndexed final : public CudaTactic {
  public:
    constexpr CudaStridedSliceIndexed() : CudaTactic("cuda.strided_slice.indexed.v1", "strided_slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value* fill =
            anchor.attrs<ops::StridedSliceAttrs>().mode == ops::SampleMode::kFill ? inputOf(anchor, 4) : nullptr;
        BindResult result = offerNode(anchor, {anchor.input(0), inputOf(anchor, 1), inputOf(anchor, 3), fill}, c);
        // A strided copy, where it is one, does less.
        for (Candidate& candidate : result.candidates) candidate.estimate *= 2;
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::StridedSliceAttrs>();
        const ir::Value &x = *n.input(0), *start = inputOf(n, 1), *stride = inputOf(n, 3);
        ir::Dims in = dims(x), out = dims(*n.output());
        auto rank = static_cast<int>(in.size());
        std::vector<int64_t> axes = a.axes, starts(in.size(), 0), steps(in.size(), 1);
        if (axes.empty())
            for (int d = 0; d < rank; ++d) axes.push_back(d);
        std::vector<int> startAt(in.size(), -1), stepAt(in.size(), -1);
        for (size_t i = 0; i < axes.size(); ++i) {
            auto d = static_cast<size_t>(fromStart(axes[i], rank));
            if (start)
                startAt[d] = static_cast<int>(i);
            else if (i < a.start.size())
                starts[d] = a.start[i];
            if (stride)
                stepAt[d] = static_cast<int>(i);
            else if (i < a.stride.size())
                steps[d] = a.stride[i];
        }
        cuda::SliceShape s;
        s.in = in;
        s.out = out;
        s.starts = starts;
        s.steps = steps;
        s.startAt = startAt;
        s.stepAt = stepAt;
        if (start) s.startType = start->dtype();
        if (stride) s.stepType = stride->dtype();
        s.outside = outsideOf(a.mode);
        const ir::Value* fill = a.mode == ops::SampleMode::kFill ? inputOf(n, 4) : nullptr;
        s.fill = fill != nullptr;
        s.elementBytes = elementBytes(x.dtype());
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::slice(s)));
        stage.value(0, x).output(cuda::kOutput, 0);
        if (start) stage.value(1, *start);
        if (stride) stage.value(2, *stride);
        if (fill) stage.value(3, *fill);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_strided_slice_indexed, CudaStridedSliceIndexed)

}  // namespace lathe::tactics

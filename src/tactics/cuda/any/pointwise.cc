// SPDX-License-Identifier: Apache-2.0
// A connected group of elementwise nodes as one generated kernel, over row-major tensors or images with their channels
// last.
#include "kernels/cuda/pointwise.h"

#include <algorithm>

#include "ops/common.h"
#include "tactics/common/pointwise_group.h"
#include "tactics/common/pointwise_program.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

// Strides, in the order of the logical dimensions, of a tensor that lies in the layout.
ir::Dims stridesIn(Layout layout, const ir::Dims& dims) {
    if (layout != Layout::kChannelsLast) return ops::rowMajorStrides(dims);
    ir::Dims strides(dims.size());
    strides[1] = 1;
    int64_t step = dims[1];
    for (size_t d = dims.size(); d-- > 2; step *= dims[d]) strides[d] = step;
    strides[0] = step;
    return strides;
}

// Whether all axes but the first two have one element: such a value lies the same in both layouts.
bool hasOnePixel(const ir::Value& v) {
    for (int d = 2; d < v.rank(); ++d)
        if (!(v.shape()[static_cast<size_t>(d)] == ir::Dim(1))) return false;
    return true;
}

class CudaPointwise final : public CudaTactic {
  public:
    constexpr CudaPointwise() : CudaTactic("cuda.any.pointwise.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (!anchor.op().is(ir::Op::kElementwise)) return {};
        if (Status s = pointwise::check(anchor, pointwise::Backend::kCuda); !s.ok())
            return BindResult::refuse(s.message());
        BindResult result;
        auto fits = [](const ir::Node& n) { return pointwise::check(n, pointwise::Backend::kCuda).ok(); };
        for (const auto& group : pointwise::groupsFrom(anchor, fits)) {
            Binding b = pointwise::bindGroup(*this, group);
            const ir::Value& y = *b.outputs[0];
            offer(b, c, result);
            if (y.rank() < 3 || y.rank() > 5) continue;
            // Operands of the whole shape lie as the result does; the others repeat.
            bool image = false;
            for (size_t i = 0; i < b.inputs.size(); ++i) {
                const ir::Value& v = *b.inputs[i];
                bool whole = v.shape() == y.shape();
                if (whole || (v.rank() == y.rank() && hasOnePixel(v))) b.inputLayouts[i] = Layout::kChannelsLast;
                image = image || whole;
            }
            if (!image) continue;
            b.outputLayouts.assign(b.outputs.size(), Layout::kChannelsLast);
            offer(std::move(b), c, result);
        }
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        pointwise::Translation t = TRY(pointwise::translate(binding, pointwise::Backend::kCuda));
        ir::Dims to = dims(*binding.outputs[0]);
        std::vector<ir::Dims> strides;
        for (const ir::Value* v : t.inputs) {
            ir::Dims from = dims(*v);
            auto at = std::find(binding.inputs.begin(), binding.inputs.end(), v);
            Layout layout = at == binding.inputs.end()
                                ? Layout::kLinear
                                : binding.inputLayouts[static_cast<size_t>(at - binding.inputs.begin())];
            if (layout == Layout::kChannelsLast && from == to)
                strides.push_back(stridesIn(layout, from));
            else
                strides.push_back(ops::broadcastStrides(from, to));
        }
        ir::Dims out = stridesIn(binding.outputLayouts[0], to);
        std::vector<std::span<const int64_t>> inputs(strides.begin(), strides.end());
        std::vector<std::span<const int64_t>> outputs(binding.outputs.size(), std::span<const int64_t>(out));
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::pointwise(t.program, to, inputs, outputs)));
        for (size_t i = 0; i < t.inputs.size(); ++i) stage.value(static_cast<int>(i), *t.inputs[i]);
        for (size_t o = 0; o < binding.outputs.size(); ++o)
            stage.output(cuda::kOutput + static_cast<int>(o), static_cast<int>(o));
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_any_pointwise, CudaPointwise)

}  // namespace lathe::tactics

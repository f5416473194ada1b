// SPDX-License-Identifier: Apache-2.0
// Layer normalization over the last axes, with the addition before it (a residual) when there is one. The sum is stored
// too when others read it.
#include "ops/layer_norm.h"

#include "kernels/cuda/rows.h"
#include "tactics/cuda/norms.h"

namespace lathe::tactics {
namespace {

class CudaLayerNorm final : public CudaTactic {
  public:
    constexpr CudaLayerNorm() : CudaTactic("cuda.layer_norm.rows.v1", "layer_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        bool statistics = false;
        for (int o = 1; o < anchor.outputCount(); ++o) statistics = statistics || !anchor.output(o)->uses().empty();
        BindResult result;
        Norm norm = layerNormOf(anchor);
        Binding alone = bindRowNorm(*this, anchor, norm);
        if (statistics) {
            alone.outputs.assign(anchor.outputs().begin(), anchor.outputs().end());
            alone.outputLayouts.assign(alone.outputs.size(), Layout::kLinear);
        }
        offer(alone, c, result);
        if (statistics) return result;
        const ir::Node* add = residualBefore(anchor);
        if (!add || result.candidates.empty()) return result;
        Binding both = std::move(alone);
        both.nodes = {add, &anchor};
        both.inputs = runtimeInputs({add->input(0), add->input(1), norm.scale, norm.bias});
        both.inputLayouts.assign(both.inputs.size(), Layout::kLinear);
        both.inPlace.clear();
        bool stored = !add->output()->hasOneUse();
        if (stored) {
            both.outputs.push_back(add->output());
            both.outputLayouts.assign(2, Layout::kLinear);
        }
        // A row is read before anything of it is written.
        if (both.inputs.size() == 2) both.inPlace = {{stored ? 1 : 0, 0}, {stored ? 1 : 0, 1}};
        offer(std::move(both), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes.back();
        Norm norm = layerNormOf(n);
        bool alone = binding.nodes.size() == 1;
        CudaWork work = TRY(rowNormWork(n, norm, dims, alone ? static_cast<int>(binding.outputs.size()) : 1));
        if (alone) return work;
        // The first launch with the addition before it.
        ir::Dims whole = dims(*n.input(0));
        if (work.stages.size() != 1) return unsupported("scale or bias is not of a row's shape");
        cuda::LayerNormShape s;
        s.type = n.input(0)->dtype();
        s.rows = ir::volume(ir::Dims(whole.begin(), whole.begin() + norm.firstAxis));
        s.n = ir::volume(ir::Dims(whole.begin() + norm.firstAxis, whole.end()));
        s.xStride = s.residualStride = s.sumStride = s.yStride = s.n;
        s.epsilon = norm.epsilon;
        s.residual = true;
        s.sum = binding.outputs.size() == 2;
        s.scale = norm.scale != nullptr;
        s.bias = norm.bias != nullptr;
        if (norm.scale || norm.bias) s.affine = (norm.scale ? norm.scale : norm.bias)->dtype();
        CudaWork::Stage stage(TRY(cuda::layerNorm(s)));
        const ir::Node& add = *binding.nodes[0];
        stage.value(0, *add.input(0)).value(1, *add.input(1)).output(cuda::kOutput, 0);
        if (norm.scale) stage.value(2, *norm.scale);
        if (norm.bias) stage.value(3, *norm.bias);
        if (s.sum) stage.output(cuda::kOutput + 1, 1);
        work.stages[0] = std::move(stage);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_layer_norm_rows, CudaLayerNorm)

}  // namespace lathe::tactics

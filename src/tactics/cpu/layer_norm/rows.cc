// SPDX-License-Identifier: Apache-2.0
// Layer normalization over the last axes, with the addition before it (a residual) when there is one. The sum is stored
// too when others read it.
#include <algorithm>

#include "kernels/cpu/norm.h"
#include "ops/layer_norm.h"
#include "tactics/common/norm.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

int firstAxis(const ir::Node& n) {
    int64_t axis = n.attrs<ops::LayerNormAttrs>().axis;
    return static_cast<int>(axis < 0 ? axis + n.input(0)->rank() : axis);
}

// Scale and bias must be constants with exactly the normalized shape.
bool fits(const ir::Node& n, const ir::Value* v) {
    if (!v) return true;
    if (!v->isConstant() || v->dtype() != DType::kFloat) return false;
    const ir::Shape& x = n.input(0)->shape();
    return ir::Shape(x.begin() + firstAxis(n), x.end()) == v->shape();
}

class LayerNormKernel final : public Kernel {
  public:
    cpu::LayerNormArgs args;
    bool residual = false;
    int sumOutput = -1;
    Status run(const RunArgs& a) override {
        cpu::LayerNormArgs mine = args;
        mine.x = a.inputs[0];
        if (residual) mine.residual = a.inputs[1];
        if (sumOutput >= 0) mine.sum = a.outputs[sumOutput];
        mine.y = a.outputs[0];
        cpu::layerNorm(mine);
        return {};
    }
};

class LayerNormTactic final : public Tactic {
  public:
    constexpr LayerNormTactic() : Tactic("cpu.layer_norm.rows.v1", "layer_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        for (int o = 1; o < anchor.outputCount(); ++o)
            if (!anchor.output(o)->uses().empty()) return BindResult::refuse("its mean or deviation is read");
        if (!fits(anchor, anchor.input(1)) || !fits(anchor, anchor.input(2)))
            return BindResult::refuse("scale or bias is no f32 constant of the normalized shape");
        BindResult result;
        double elements = static_cast<double>(ir::volume(c.optDims(*anchor.output())));
        Candidate alone;
        alone.binding.tactic = this;
        alone.binding.nodes = {&anchor};
        alone.binding.inputs = {anchor.input(0)};
        alone.binding.outputs = {anchor.output()};
        alone.binding.inputLayouts = alone.binding.outputLayouts = {Layout::kLinear};
        alone.binding.inPlace = {{0, 0}};
        alone.estimate = 1e-6 + 5e-10 * elements;
        result.candidates.push_back(alone);
        if (const ir::Node* add = residualBefore(anchor)) {
            Candidate both = alone;
            both.binding.nodes = {add, &anchor};
            both.binding.inputs = {add->input(0), add->input(1)};
            both.binding.inputLayouts.assign(2, Layout::kLinear);
            both.binding.inPlace = {{0, 0}, {0, 1}};
            if (!add->output()->hasOneUse()) {
                both.binding.outputs.push_back(add->output());
                both.binding.outputLayouts.assign(2, Layout::kLinear);
                both.binding.inPlace = {{1, 0}, {1, 1}};
            }
            both.estimate = 1e-6 + 8e-10 * elements;
            result.candidates.push_back(std::move(both));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes.back();
        auto kernel = std::make_unique<LayerNormKernel>();
        cpu::LayerNormArgs& a = kernel->args;
        const ir::Dims& dims = c.dims(*n.input(0));
        a.type = n.input(0)->dtype();
        a.rows = a.n = 1;
        for (size_t d = 0; d < dims.size(); ++d) (static_cast<int>(d) < firstAxis(n) ? a.rows : a.n) *= dims[d];
        a.xStride = a.residualStride = a.sumStride = a.yStride = a.n;
        a.epsilon = static_cast<float>(n.attrs<ops::LayerNormAttrs>().epsilon);
        if (n.input(1)) a.scale = reinterpret_cast<const float*>(TRY(c.weights(*n.input(1))).data());
        if (n.input(2)) a.bias = reinterpret_cast<const float*>(TRY(c.weights(*n.input(2))).data());
        kernel->residual = binding.nodes.size() == 2;
        if (binding.outputs.size() == 2) kernel->sumOutput = 1;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_layer_norm_rows, LayerNormTactic)

}  // namespace lathe::tactics

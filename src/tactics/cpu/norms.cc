// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/norms.h"

#include <algorithm>

#include "kernels/cpu/norm.h"

namespace lathe::tactics {
namespace {

// Scale or bias as the kernels want it: floats, one an element.
struct Factor {
    Operand operand;
    std::vector<float> storage;
    const float* at(const RunArgs& a) const {
        return storage.empty() ? static_cast<const float*>(operand.at(a)) : storage.data();
    }
};

bool fits(const ir::Value* v, const ir::Shape& whole) {
    if (!v) return true;
    if (v->isConstant()) return isReal(v->dtype());
    if (v->dtype() != DType::kFloat) return false;
    // At run time only what needs no broadcasting: leading axes of 1 change nothing.
    size_t skip = 0;
    const ir::Shape& s = v->shape();
    while (s.size() - skip > whole.size() && s[skip] == ir::Dim(1)) ++skip;
    return ir::Shape(s.begin() + static_cast<long>(skip), s.end()) == whole;
}

// `repeat`: each element of the constant stands for so many.
Result<Factor> factorOf(const ir::Value* v, const ir::Dims& dims, int64_t repeat, const Binding& binding,
                        const PrepareContext& c) {
    Factor f;
    if (!v) return f;
    bool exact = v->dtype() == DType::kFloat && repeat == 1 && ir::volume(c.dims(*v)) == ir::volume(dims);
    if (!v->isConstant() || exact) {
        f.operand = TRY(operandOf(v, binding, c));
        return f;
    }
    for (float x : TRY(constantFloats(*v, dims, c))) f.storage.insert(f.storage.end(), static_cast<size_t>(repeat), x);
    return f;
}

Candidate candidateOf(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm) {
    Candidate candidate;
    Binding& b = candidate.binding;
    b.tactic = &tactic;
    b.nodes = {&anchor};
    b.inputs = {anchor.input(0)};
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (v && !v->isConstant() && std::find(b.inputs.begin(), b.inputs.end(), v) == b.inputs.end())
            b.inputs.push_back(v);
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputs = {anchor.output()};
    b.outputLayouts = {Layout::kLinear};
    if (b.inputs.size() == 1) b.inPlace = {{0, 0}};
    candidate.estimate = 1e-6 + 5e-10 * static_cast<double>(ir::volume(c.optDims(*anchor.output())));
    return candidate;
}

class ImageNormKernel final : public Kernel {
  public:
    cpu::GroupNormArgs args;
    Factor scale, bias;
    int64_t workspaceBytes() const override { return cpu::groupNormWorkspaceFloats(args) * 4; }
    Status run(const RunArgs& a) override {
        cpu::GroupNormArgs mine = args;
        mine.x = a.inputs[0];
        mine.y = a.outputs[0];
        mine.scale = scale.at(a);
        mine.bias = bias.at(a);
        mine.workspace = static_cast<float*>(a.workspace);
        cpu::groupNorm(mine);
        return {};
    }
};

cpu::GroupNormArgs describe(const ir::Node& n, const ir::Dims& dims, Layout layout, const Norm& norm) {
    cpu::GroupNormArgs a;
    a.type = n.input(0)->dtype();
    a.batch = dims[0];
    a.channels = dims[1];
    a.positions = 1;
    for (size_t d = 2; d < dims.size(); ++d) a.positions *= dims[d];
    a.groups = norm.groups > 0 ? norm.groups : a.channels;
    a.epsilon = norm.epsilon;
    a.channelsLast = layout == Layout::kChannelsLast;
    return a;
}

class RowNormKernel final : public Kernel {
  public:
    cpu::LayerNormArgs args;
    Factor scale, bias;
    Status run(const RunArgs& a) override {
        cpu::LayerNormArgs mine = args;
        mine.x = a.inputs[0];
        mine.y = a.outputs[0];
        mine.scale = scale.at(a);
        mine.bias = bias.at(a);
        cpu::layerNorm(mine);
        return {};
    }
};

}  // namespace

BindResult bindImageNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm) {
    const ir::Value& x = *anchor.input(0);
    if (x.isConstant()) return BindResult::refuse("its input is a constant");
    if (x.rank() < 2 || !isReal(x.dtype()))
        return BindResult::refuse(fmt::format("{} of {} axes is no image", toString(x.dtype()), x.rank()));
    if (!x.shape()[1].isConstant()) return BindResult::refuse("the number of channels is not known");
    if (norm.groups > 0 && x.shape()[1].value() % norm.groups != 0)
        return BindResult::refuse(
            fmt::format("{} channels do not divide into {} groups", x.shape()[1].value(), norm.groups));
    for (const ir::Value* v : {norm.scale, norm.bias}) {
        if (!fits(v, {x.shape()[1]}))
            return BindResult::refuse("scale or bias is neither constant nor one f32 number a channel");
        if (v && norm.perGroup && !v->isConstant()) return BindResult::refuse("numbers for groups are not constant");
    }
    BindResult result;
    for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
        if (layout == Layout::kChannelsLast && (x.rank() < 3 || x.rank() > 5)) continue;
        Candidate candidate = candidateOf(tactic, anchor, c, norm);
        candidate.binding.inputLayouts[0] = candidate.binding.outputLayouts[0] = layout;
        candidate.workspaceBytes = cpu::groupNormWorkspaceFloats(describe(anchor, c.maxDims(x), layout, norm)) * 4;
        result.candidates.push_back(std::move(candidate));
    }
    return result;
}

Result<std::unique_ptr<Kernel>> makeImageNorm(const Binding& binding, const PrepareContext& c, const Norm& norm) {
    const ir::Node& n = *binding.nodes[0];
    auto kernel = std::make_unique<ImageNormKernel>();
    cpu::GroupNormArgs& a = kernel->args;
    a = describe(n, c.dims(*n.input(0)), binding.inputLayouts[0], norm);
    int64_t repeat = norm.perGroup ? a.channels / a.groups : 1;
    kernel->scale = TRY(factorOf(norm.scale, {a.channels / repeat}, repeat, binding, c));
    kernel->bias = TRY(factorOf(norm.bias, {a.channels / repeat}, repeat, binding, c));
    return std::unique_ptr<Kernel>(std::move(kernel));
}

BindResult bindRowNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm) {
    const ir::Value& x = *anchor.input(0);
    if (x.isConstant()) return BindResult::refuse("its input is a constant");
    if (!isReal(x.dtype())) return BindResult::refuse(fmt::format("type {} has no kernel", toString(x.dtype())));
    ir::Shape row(x.shape().begin() + norm.firstAxis, x.shape().end());
    for (const ir::Value* v : {norm.scale, norm.bias}) {
        if (!fits(v, row)) return BindResult::refuse("scale or bias is neither constant nor f32 of a row's shape");
        if (v && v->isConstant() && !ir::isConstant(row)) return BindResult::refuse("a row's length is not known");
        // More than rows of their own: they would have to be repeated otherwise than from row to row.
        for (int d = 0; v && d < v->rank() - static_cast<int>(row.size()); ++d)
            if (!(v->shape()[d] == ir::Dim(1))) return BindResult::refuse("scale or bias differs between rows");
    }
    return {{candidateOf(tactic, anchor, c, norm)}, {}};
}

Result<std::unique_ptr<Kernel>> makeRowNorm(const Binding& binding, const PrepareContext& c, const Norm& norm) {
    const ir::Node& n = *binding.nodes[0];
    auto kernel = std::make_unique<RowNormKernel>();
    const ir::Dims& dims = c.dims(*n.input(0));
    ir::Dims row(dims.begin() + norm.firstAxis, dims.end());
    cpu::LayerNormArgs& a = kernel->args;
    a.type = n.input(0)->dtype();
    a.n = ir::volume(row);
    a.rows = ir::volume(ir::Dims(dims.begin(), dims.begin() + norm.firstAxis));
    a.xStride = a.yStride = a.n;
    a.epsilon = norm.epsilon;
    a.rms = norm.rms;
    kernel->scale = TRY(factorOf(norm.scale, row, 1, binding, c));
    kernel->bias = TRY(factorOf(norm.bias, row, 1, binding, c));
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics

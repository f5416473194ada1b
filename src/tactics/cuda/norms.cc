// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/norms.h"

#include "kernels/cuda/pointwise.h"
#include "kernels/cuda/rows.h"
#include "ops/common.h"

namespace lathe::tactics {
namespace {

// Without surplus axes of 1, which change nothing.
ir::Dims trimmed(ir::Dims dims, size_t rank) {
    while (dims.size() > rank && dims.front() == 1) dims.erase(dims.begin());
    return dims;
}

// y = y * scale + bias in place, the operands broadcast to y's dims as given; y's strides are those of its layout.
Status addAffine(CudaWork& work, DType type, const ir::Dims& dims, const ir::Dims& yStrides, const ir::Value* scale,
                 const ir::Dims& scaleStrides, const ir::Value* bias, const ir::Dims& biasStrides) {
    kernels::PointwiseProgram p;
    std::vector<std::span<const int64_t>> in = {yStrides};
    int y = p.input(type), s = -1, b = -1, operand = 1;
    if (scale) {
        s = p.input(scale->dtype());
        in.push_back(scaleStrides);
    }
    if (bias) {
        b = p.input(bias->dtype());
        in.push_back(biasStrides);
    }
    int v = scale ? p.binary(kernels::PwOp::kMul, y, s) : y;
    if (bias) v = p.binary(kernels::PwOp::kAdd, v, b);
    p.output(v, type);
    std::span<const int64_t> out[] = {yStrides};
    CudaWork::Stage& stage = work.add(TRY(cuda::pointwise(p, dims, in, out)));
    stage.output(0, 0).output(cuda::kOutput, 0);
    if (scale) stage.value(operand++, *scale);
    if (bias) stage.value(operand, *bias);
    return {};
}

bool sameTypes(const ir::Value* a, const ir::Value* b) { return !a || !b || a->dtype() == b->dtype(); }

Binding bindNorm(const Tactic& tactic, const ir::Node& anchor, const Norm& norm, Layout layout) {
    Binding b = bindNode(tactic, anchor);
    b.inputs = runtimeInputs({anchor.input(0), norm.scale, norm.bias});
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputs = {anchor.output()};
    b.outputLayouts = {layout};
    if (anchor.input(0)->isConstant()) return b;
    b.inputLayouts[0] = layout;
    // The affine launch reads its operands after the result is there.
    if (b.inputs.size() == 1) b.inPlace = {{0, 0}};
    return b;
}

}  // namespace

Binding bindRowNorm(const Tactic& tactic, const ir::Node& anchor, const Norm& norm) {
    return bindNorm(tactic, anchor, norm, Layout::kLinear);
}

std::vector<Binding> bindImageNorm(const Tactic& tactic, const ir::Node& anchor, const Norm& norm) {
    std::vector<Binding> out = {bindNorm(tactic, anchor, norm, Layout::kLinear)};
    const ir::Value& x = *anchor.input(0);
    if (!x.isConstant() && x.rank() >= 3 && x.rank() <= 5)
        out.push_back(bindNorm(tactic, anchor, norm, Layout::kChannelsLast));
    return out;
}

Result<CudaWork> rowNormWork(const ir::Node& n, const Norm& norm, const DimsOf& dims) {
    const ir::Value& x = *n.input(0);
    ir::Dims whole = dims(x), row(whole.begin() + norm.firstAxis, whole.end());
    cuda::LayerNormShape s;
    s.type = x.dtype();
    s.n = ir::volume(row);
    s.rows = ir::volume(ir::Dims(whole.begin(), whole.begin() + norm.firstAxis));
    s.xStride = s.yStride = s.n;
    s.epsilon = norm.epsilon;
    s.rms = norm.rms;
    // Read as they are: an element for each of a row's.
    bool fused = sameTypes(norm.scale, norm.bias);
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (v) fused = fused && trimmed(dims(*v), row.size()) == row;
    if (fused) {
        s.scale = norm.scale != nullptr;
        s.bias = norm.bias != nullptr;
        if (norm.scale || norm.bias) s.affine = (norm.scale ? norm.scale : norm.bias)->dtype();
    }
    CudaWork work;
    CudaWork::Stage& stage = work.add(TRY(cuda::layerNorm(s)));
    stage.value(0, x).output(cuda::kOutput, 0);
    if (fused) {
        if (norm.scale) stage.value(2, *norm.scale);
        if (norm.bias) stage.value(3, *norm.bias);
    } else if (ir::volume(whole) > 0) {
        auto strides = [&](const ir::Value* v) {
            return v ? ops::broadcastStrides(trimmed(dims(*v), whole.size()), whole) : ir::Dims();
        };
        TRY(addAffine(work, x.dtype(), whole, ops::rowMajorStrides(whole), norm.scale, strides(norm.scale), norm.bias,
                      strides(norm.bias)));
    }
    return work;
}

Result<CudaWork> imageNormWork(const ir::Node& n, const Norm& norm, Layout layout, const DimsOf& dims,
                               const Target& target) {
    const ir::Value& x = *n.input(0);
    ir::Dims whole = dims(x);
    if (whole.size() < 2) return unsupported("{} axes are no image", whole.size());
    cuda::GroupNormShape s;
    s.type = x.dtype();
    s.batch = whole[0];
    s.channels = whole[1];
    s.positions = ir::volume(ir::Dims(whole.begin() + 2, whole.end()));
    s.groups = norm.groups > 0 ? norm.groups : s.channels;
    s.channelsLast = layout == Layout::kChannelsLast;
    s.epsilon = norm.epsilon;
    CudaWork work;
    if (ir::volume(whole) == 0) return work;
    bool fused = sameTypes(norm.scale, norm.bias) && !norm.perGroup;
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (v) fused = fused && ir::volume(dims(*v)) == s.channels;
    if (fused) {
        s.scale = norm.scale != nullptr;
        s.bias = norm.bias != nullptr;
        if (norm.scale || norm.bias) s.affine = (norm.scale ? norm.scale : norm.bias)->dtype();
    }
    CudaWork::Stage& stage = work.add(TRY(cuda::groupNorm(s, kernelTarget(target))));
    stage.value(0, x).output(cuda::kOutput, 0);
    if (fused) {
        if (norm.scale) stage.value(2, *norm.scale);
        if (norm.bias) stage.value(3, *norm.bias);
        return work;
    }
    // [batch, groups, channels of a group, positions]
    int64_t per = s.channels / s.groups;
    ir::Dims split = {s.batch, s.groups, per, s.positions};
    ir::Dims y = s.channelsLast ? ir::Dims{s.channels * s.positions, per, 1, s.channels}
                                : ir::Dims{s.channels * s.positions, per * s.positions, s.positions, 1};
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (int64_t count = v ? ir::volume(dims(*v)) : 1; count != 1 && count != s.channels && count != s.groups)
            return unsupported("scale or bias has {} elements for {} channels", count, s.channels);
    auto strides = [&](const ir::Value* v) -> ir::Dims {
        if (!v) return {};
        int64_t count = ir::volume(dims(*v));
        if (count == 1) return {0, 0, 0, 0};
        return count == s.channels ? ir::Dims{0, per, 1, 0} : ir::Dims{0, 1, 0, 0};
    };
    TRY(addAffine(work, x.dtype(), split, y, norm.scale, strides(norm.scale), norm.bias, strides(norm.bias)));
    return work;
}

}  // namespace lathe::tactics

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

// Scale and bias as f32, one number for each of `dims`, in the scratch: scale first. Their strides are over `dims`.
Status spread(CudaWork& work, const ir::Dims& dims, const ir::Value* scale, const ir::Dims& scaleStrides,
              const ir::Value* bias, const ir::Dims& biasStrides) {
    int64_t bytes = (4 * ir::volume(dims) + 255) / 256 * 256;
    work.scratchBytes = 2 * bytes;
    ir::Dims dense = ops::rowMajorStrides(dims);
    std::span<const int64_t> out[] = {dense};
    for (const ir::Value* v : {scale, bias}) {
        if (!v) continue;
        kernels::PointwiseProgram p;
        p.output(p.input(v->dtype()), DType::kFloat);
        std::span<const int64_t> in[] = {v == scale ? scaleStrides : biasStrides};
        work.add(TRY(cuda::pointwise(p, dims, in, out))).value(0, *v).scratch(cuda::kOutput, v == scale ? 0 : bytes);
        if (scale == bias) break;
    }
    return {};
}
// Operands 2 and 3 are what spread() left.
void useSpread(CudaWork::Stage& stage, const CudaWork& work, const ir::Value* scale, const ir::Value* bias) {
    if (scale) stage.scratch(2);
    if (bias) stage.scratch(3, scale == bias ? 0 : work.scratchBytes / 2);
}

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

Result<CudaWork> rowNormWork(const ir::Node& n, const Norm& norm, const DimsOf& dims, int outputs) {
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
    // Outputs behind the first: a row's mean and the inverse of its deviation.
    s.mean = outputs > 1;
    s.inverse = outputs > 2;
    CudaWork work;
    auto placed = [&](CudaWork::Stage& stage) -> CudaWork::Stage& {
        if (s.mean) stage.output(cuda::kOutput + 2, 1);
        if (s.inverse) stage.output(cuda::kOutput + 3, 2);
        return stage.value(0, x).output(cuda::kOutput, 0);
    };
    if (fused) {
        CudaWork::Stage& stage = placed(work.add(TRY(cuda::layerNorm(s))));
        if (norm.scale) stage.value(2, *norm.scale);
        if (norm.bias) stage.value(3, *norm.bias);
        return work;
    }
    if (ir::volume(whole) == 0) return work;
    // The same for every row, so that they can be spread over one; or not.
    bool alike = true;
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (v)
            for (int64_t extents = v->rank() - static_cast<int>(row.size()), d = 0; d < extents; ++d)
                alike = alike && dims(*v)[static_cast<size_t>(d)] == 1;
    auto strides = [&](const ir::Value* v, const ir::Dims& over) {
        return v ? ops::broadcastStrides(trimmed(dims(*v), over.size()), over) : ir::Dims();
    };
    if (alike) {
        TRY(spread(work, row, norm.scale, strides(norm.scale, row), norm.bias, strides(norm.bias, row)));
        s.scale = norm.scale != nullptr;
        s.bias = norm.bias != nullptr;
        s.affine = DType::kFloat;
        CudaWork::Stage stage(TRY(cuda::layerNorm(s)));
        placed(stage);
        useSpread(stage, work, norm.scale, norm.bias);
        work.stages.push_back(std::move(stage));
        return work;
    }
    placed(work.add(TRY(cuda::layerNorm(s))));
    TRY(addAffine(work, x.dtype(), whole, ops::rowMajorStrides(whole), norm.scale, strides(norm.scale, whole),
                  norm.bias, strides(norm.bias, whole)));
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
    if (fused) {
        CudaWork::Stage& stage = work.add(TRY(cuda::groupNorm(s, kernelTarget(target))));
        stage.value(0, x).output(cuda::kOutput, 0);
        if (norm.scale) stage.value(2, *norm.scale);
        if (norm.bias) stage.value(3, *norm.bias);
        return work;
    }
    // A number for each channel: from one for all, or for a group.
    ir::Dims channels = {s.groups, s.channels / s.groups};
    for (const ir::Value* v : {norm.scale, norm.bias})
        if (int64_t count = v ? ir::volume(dims(*v)) : 1; count != 1 && count != s.channels && count != s.groups)
            return unsupported("scale or bias has {} elements for {} channels", count, s.channels);
    auto strides = [&](const ir::Value* v) -> ir::Dims {
        int64_t count = v ? ir::volume(dims(*v)) : 1;
        if (count == 1) return {0, 0};
        return count == s.channels ? ir::Dims{channels[1], 1} : ir::Dims{1, 0};
    };
    TRY(spread(work, channels, norm.scale, strides(norm.scale), norm.bias, strides(norm.bias)));
    s.scale = norm.scale != nullptr;
    s.bias = norm.bias != nullptr;
    s.affine = DType::kFloat;
    CudaWork::Stage stage(TRY(cuda::groupNorm(s, kernelTarget(target))));
    stage.value(0, x).output(cuda::kOutput, 0);
    useSpread(stage, work, norm.scale, norm.bias);
    work.stages.push_back(std::move(stage));
    return work;
}

}  // namespace lathe::tactics

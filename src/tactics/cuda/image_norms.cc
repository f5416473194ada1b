// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/image_norms.h"

#include <algorithm>

#include "kernels/cuda/params.h"
#include "kernels/cuda/rows.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

ir::Dims normStrides(const ir::Dims& dims) {
    ir::Dims s(dims.size());
    int64_t step = 1;
    for (size_t d = dims.size(); d-- > 0; step *= dims[d]) s[d] = step;
    return s;
}

// One number a channel, as that kernel reads them.
bool isByChannel(const CudaNorm& norm) {
    auto by = [&](const ir::Value* v, const ir::Dims& strides) {
        return !v || (strides[2] == 1 && strides[1] == norm.dims[2]);
    };
    return norm.imageGroups > 0 && by(norm.scale, norm.scaleStrides) && by(norm.bias, norm.biasStrides);
}

// The kernel for whole groups of an image's channels; other axes and numbers go by the general one.
Result<cuda::KernelPlan> groupPlan(const ir::Value& x, const ir::Dims& dims, Layout layout, const CudaNorm& norm,
                                   const Target& target) {
    cuda::GroupNormShape s;
    s.type = x.dtype();
    s.batch = dims[0];
    s.channels = dims[1];
    s.positions = positionsOf(dims);
    s.groups = norm.imageGroups;
    s.channelsLast = layout == Layout::kChannelsLast;
    s.scale = norm.scale != nullptr;
    s.bias = norm.bias != nullptr;
    if (s.scale) s.affine = norm.scale->dtype();
    if (s.bias) s.affine = norm.bias->dtype();
    s.epsilon = static_cast<float>(norm.epsilon);
    return cuda::groupNorm(s, kernelTarget(target));
}

Result<cuda::KernelPlan> anyPlan(const ir::Value& x, Layout layout, const CudaNorm& norm) {
    size_t rank = norm.dims.size();
    if (rank > static_cast<size_t>(cuda::kMaxDims)) return unsupported("normalization of {} axes", rank);
    ir::Dims strides = normStrides(norm.dims);
    if (layout == Layout::kChannelsLast) {
        // [N, C, …] or [N, groups, C of a group, …]: channels innermost.
        size_t channelAxes = norm.imageGroups > 0 ? 3 : 2;
        int64_t step = 1;
        for (size_t d = channelAxes; d-- > 1; step *= norm.dims[d]) strides[d] = step;
        for (size_t d = rank; d-- > channelAxes; step *= norm.dims[d]) strides[d] = step;
    }
    cuda::SmallKernel k{.file = "image.cu", .entry = "normalizeAny"};
    auto affine = norm.scale ? norm.scale->dtype() : norm.bias ? norm.bias->dtype() : DType::kFloat;
    k.defines = {cuda::typeDefine("T", x.dtype()), cuda::typeDefine("S", affine),
                 fmt::format("KIND={}", norm.outsideRoot ? 1 : 0), fmt::format("HAS_SCALE={}", norm.scale ? 1 : 0),
                 fmt::format("HAS_BIAS={}", norm.bias ? 1 : 0)};
    k.items = ir::volume(norm.dims);
    k.blocks = 1;
    for (size_t d = 0; d < rank; ++d)
        if (!(norm.reduced >> d & 1)) k.blocks *= norm.dims[d];
    k.n = {static_cast<int64_t>(rank), static_cast<int64_t>(norm.reduced)};
    for (const ir::Dims* list :
         {&norm.dims, static_cast<const ir::Dims*>(&strides), &norm.scaleStrides, &norm.biasStrides}) {
        for (size_t d = 0; d < static_cast<size_t>(cuda::kMaxDims); ++d)
            k.n.push_back(d < list->size() ? (*list)[d] : 0);
    }
    k.f = {norm.epsilon};
    k.operands = {0, cuda::kOutput};
    if (norm.scale || norm.bias) k.operands.push_back(2);
    if (norm.bias) k.operands.push_back(3);
    return cuda::smallPlan(k);
}

}  // namespace

CudaNorm cudaGroupNorm(const ir::Dims& x, int64_t groups, bool perGroup, const ir::Value* scale, const ir::Value* bias,
                       double epsilon) {
    CudaNorm norm{scale, bias, epsilon, {}, {}, {}, 0, false, 0};
    int64_t each = groups > 0 ? x[1] / groups : 0;
    norm.dims = {x[0], groups, each};
    norm.dims.insert(norm.dims.end(), x.begin() + 2, x.end());
    for (size_t d = 2; d < norm.dims.size(); ++d) norm.reduced |= uint64_t{1} << d;
    ir::Dims strides(norm.dims.size(), 0);
    strides[1] = perGroup ? 1 : each;
    strides[2] = perGroup ? 0 : 1;
    norm.scaleStrides = norm.biasStrides = strides;
    norm.imageGroups = groups;
    return norm;
}

BindResult bindCudaNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const CudaNorm& norm) {
    const ir::Value& x = *anchor.input(0);
    if (x.isConstant()) return BindResult::refuse("its input is a constant");
    for (const ir::Value* v : {&x, norm.scale, norm.bias})
        if (v && !isCudaFloat(v->dtype()))
            return BindResult::refuse(fmt::format("type {} has no kernel", toString(v->dtype())));
    if (norm.scale && norm.bias && norm.scale->dtype() != norm.bias->dtype())
        return BindResult::refuse("scale and bias are of different types");
    if (norm.dims.size() > static_cast<size_t>(cuda::kMaxDims))
        return BindResult::refuse(fmt::format("{} axes", norm.dims.size()));
    BindResult result;
    for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
        if (layout == Layout::kChannelsLast && !isImageRank(x.rank())) continue;
        Candidate candidate;
        Binding& b = candidate.binding;
        b.tactic = &tactic;
        b.nodes = {&anchor};
        b.inputs = {&x};
        for (const ir::Value* v : {norm.scale, norm.bias})
            if (v && !v->isConstant() && std::find(b.inputs.begin(), b.inputs.end(), v) == b.inputs.end())
                b.inputs.push_back(v);
        // x as its own scale would have to lie in two layouts.
        if (layout == Layout::kChannelsLast && (norm.scale == &x || norm.bias == &x)) continue;
        b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
        b.inputLayouts[0] = layout;
        b.outputs = {anchor.output()};
        b.outputLayouts = {layout};
        candidate.estimate =
            cudaEstimate(c.target(), 3.0 * static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x)))));
        candidate.workspaceBytes = cudaWorkspaceOf(b, c);
        result.candidates.push_back(std::move(candidate));
    }
    return result;
}

Result<std::unique_ptr<Kernel>> makeCudaNorm(const Binding& binding, const PrepareContext& c, const CudaNorm& norm) {
    const ir::Node& n = *binding.nodes[0];
    const ir::Value& x = *n.input(0);
    CudaOperands operands;
    operands.input(0, 0).output(cuda::kOutput, 0);
    if (norm.scale) TRY(operands.value(2, *norm.scale, binding, c));
    if (norm.bias) TRY(operands.value(3, *norm.bias, binding, c));
    Layout layout = binding.inputLayouts[0];
    if (ir::volume(c.dims(x)) == 0) return cudaKernels(c, {});
    if (isByChannel(norm)) return cudaKernel(c, TRY(groupPlan(x, c.dims(x), layout, norm, c.target())), operands);
    return cudaKernel(c, TRY(anyPlan(x, layout, norm)), operands);
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/alone.h"

#include <algorithm>

namespace lathe::tactics {

BindResult bindCudaAlone(const Tactic& tactic, const ir::Node& anchor, const BindContext& c,
                         std::initializer_list<int> reads) {
    Candidate candidate;
    Binding& b = candidate.binding;
    b.tactic = &tactic;
    b.nodes = {&anchor};
    double bytes = 0;
    for (int i : reads) {
        const ir::Value* v = inputOf(anchor, i);
        if (!v) continue;
        bytes += static_cast<double>(ir::volume(c.optDims(*v))) * bitsOf(v->dtype()) / 8;
        if (v->isConstant() || std::find(b.inputs.begin(), b.inputs.end(), v) != b.inputs.end()) continue;
        b.inputs.push_back(v);
    }
    for (const ir::Value* v : anchor.outputs()) {
        b.outputs.push_back(v);
        bytes += static_cast<double>(ir::volume(c.optDims(*v))) * bitsOf(v->dtype()) / 8;
    }
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputLayouts.assign(b.outputs.size(), Layout::kLinear);
    candidate.estimate = cudaEstimate(c.target(), bytes);
    candidate.workspaceBytes = cudaWorkspaceOf(b, c);
    return {{candidate}, {}};
}

std::string cudaFloatRefusal(const ir::Value& v) {
    return isCudaFloat(v.dtype()) ? "" : fmt::format("type {} is not f32, f16 or bf16", toString(v.dtype()));
}
std::string cudaTypeRefusal(const ir::Value& v) {
    return !cuda::typeName(v.dtype()).empty() ? "" : fmt::format("type {} has no kernel", toString(v.dtype()));
}

const char* cudaWord(int bytes) {
    return bytes == 1 ? "u8" : bytes == 2 ? "u16" : bytes == 4 ? "u32" : bytes == 8 ? "u64" : "raw16";
}
std::string cudaDefine(const char* name, DType type) { return cuda::typeDefine(name, type); }

Status cudaInputs(CudaOperands& operands, const Binding& binding, const PrepareContext& c,
                  std::initializer_list<int> reads) {
    const ir::Node& n = *binding.nodes[0];
    for (int i : reads)
        if (const ir::Value* v = inputOf(n, i)) TRY(operands.value(i, *v, binding, c));
    return {};
}

BindResult bindScaledLines(const Tactic& tactic, const ir::Node& anchor, const BindContext& c) {
    if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
    return bindCudaAlone(tactic, anchor, c, {0});
}

Result<std::unique_ptr<Kernel>> prepareScaledLines(const Binding& binding, const PrepareContext& c, int64_t axis,
                                                   LineScale scale) {
    const ir::Value& x = *binding.nodes[0]->input(0);
    AxisSplit s = splitAt(c.dims(x), axis);
    cuda::SmallKernel k{.file = "fill.cu", .entry = "scaleLines"};
    k.defines = {cudaDefine("T", x.dtype()), fmt::format("KIND={}", static_cast<int>(scale))};
    k.items = s.n > 0 ? s.outer * s.inner : 0;
    k.threads = 128;
    k.operands = {0, cuda::kOutput};
    k.n = {s.n, s.inner};
    CudaOperands operands;
    TRY(cudaInputs(operands, binding, c, {0}));
    operands.output(cuda::kOutput, 0);
    return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/work.h"

#include <algorithm>

namespace lathe::tactics {
namespace {

// Where CudaKernel puts the memory behind the plans' own workspaces (kernel.h).
constexpr int kSharedScratch = cuda::kWorkspace - 1;

int64_t bytesAt(const ir::Value& v, const ir::Dims& dims) { return bytesOf({v.dtype(), Layout::kLinear}, dims); }

}  // namespace

void CudaWork::Stage::shift(int operand, int64_t offset) {
    if (offset == 0) return;
    for (cuda::Launch& l : plan.launches) {
        for (cuda::PointerAt& p : l.pointers)
            if (p.operand == operand) p.offset += offset;
        for (cuda::TensorMapAt& m : l.maps)
            if (m.operand == operand) m.offset += offset;
    }
}

CudaWork::Stage& CudaWork::Stage::value(int operand, const ir::Value& v, int64_t offset) {
    shift(operand, offset);
    uses.push_back({operand, Use::From::kValue, &v, 0});
    return *this;
}

CudaWork::Stage& CudaWork::Stage::output(int operand, int index, int64_t offset) {
    shift(operand, offset);
    uses.push_back({operand, Use::From::kOutput, nullptr, index});
    return *this;
}

CudaWork::Stage& CudaWork::Stage::packed(int operand, int index) {
    uses.push_back({operand, Use::From::kPacked, nullptr, index});
    return *this;
}

CudaWork::Stage& CudaWork::Stage::scratch(int operand, int64_t offset) {
    shift(operand, offset);
    for (cuda::Launch& l : plan.launches) {
        for (cuda::PointerAt& p : l.pointers)
            if (p.operand == operand) p.operand = kSharedScratch;
        for (cuda::TensorMapAt& m : l.maps)
            if (m.operand == operand) m.operand = kSharedScratch;
    }
    return *this;
}

CudaWork::Stage& CudaWork::Stage::copies() {
    idleInPlace = true;
    return *this;
}

int64_t CudaWork::workspaceBytes() const {
    int64_t bytes = 0;
    for (const Stage& s : stages) bytes = std::max(bytes, s.plan.workspaceBytes);
    return scratchBytes > 0 ? (bytes + 255) / 256 * 256 + scratchBytes : bytes;
}

Result<std::unique_ptr<Kernel>> CudaTactic::prepare(const Binding& binding, const PrepareContext& c) const {
    auto dims = [&](const ir::Value& v) { return c.dims(v); };
    CudaWork work = TRY(this->work(binding, dims, c.target()));
    std::vector<CudaStage> stages;
    for (CudaWork::Stage& s : work.stages) {
        if (s.plan.launches.empty()) continue;
        CudaOperands operands;
        for (const CudaWork::Use& u : s.uses) {
            switch (u.from) {
                case CudaWork::Use::From::kValue: TRY(operands.value(u.operand, *u.value, binding, c)); break;
                case CudaWork::Use::From::kOutput: operands.output(u.operand, u.index); break;
                case CudaWork::Use::From::kPacked: operands.fixed(u.operand, TRY(c.resident(u.index))); break;
            }
        }
        stages.push_back({std::move(s.plan), std::move(operands), s.idleInPlace});
    }
    return cudaKernels(c, std::move(stages), work.scratchBytes);
}

void CudaTactic::offer(Binding binding, const BindContext& c, BindResult& result, double flops,
                       bool tensorCores) const {
    auto optimum = [&](const ir::Value& v) { return c.optDims(v); };
    auto largest = [&](const ir::Value& v) { return c.maxDims(v); };
    Result<CudaWork> work = this->work(binding, optimum, c.target());
    if (!work.ok()) {
        result.refusals.push_back(work.status().message());
        return;
    }
    Candidate candidate{std::move(binding), 0, work->workspaceBytes()};
    const Binding& b = candidate.binding;
    double bytes = 0;
    for (const ir::Value* v : b.inputs) bytes += static_cast<double>(bytesAt(*v, optimum(*v)));
    for (const ir::Value* v : b.outputs) bytes += static_cast<double>(bytesAt(*v, optimum(*v)));
    for (const PackedWeights& w : b.packed) bytes += static_cast<double>(w.bytes);
    size_t launches = 0;
    for (const CudaWork::Stage& s : work->stages) launches += s.plan.launches.size();
    candidate.estimate = cudaEstimate(c.target(), bytes, flops, tensorCores) +
                         1.5e-6 * static_cast<double>(std::max<size_t>(launches, 1) - 1);
    bool varies =
        std::any_of(b.inputs.begin(), b.inputs.end(), [&](const ir::Value* v) { return optimum(*v) != largest(*v); }) ||
        std::any_of(b.outputs.begin(), b.outputs.end(), [&](const ir::Value* v) { return optimum(*v) != largest(*v); });
    if (varies) {
        work = this->work(b, largest, c.target());
        if (!work.ok()) {
            result.refusals.push_back(fmt::format("at the largest shapes: {}", work.status().message()));
            return;
        }
        candidate.workspaceBytes = std::max(candidate.workspaceBytes, work->workspaceBytes());
    }
    result.candidates.push_back(std::move(candidate));
}

BindResult CudaTactic::offerNode(const ir::Node& node, const BindContext& c) const {
    BindResult result;
    offer(bindNode(*this, node), c, result);
    return result;
}

BindResult CudaTactic::offerNode(const ir::Node& node, std::initializer_list<const ir::Value*> reads,
                                 const BindContext& c) const {
    BindResult result;
    Binding b = bindNode(*this, node);
    b.inputs = runtimeInputs(reads);
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    offer(std::move(b), c, result);
    return result;
}

std::vector<const ir::Value*> runtimeInputs(std::initializer_list<const ir::Value*> values) {
    std::vector<const ir::Value*> out;
    for (const ir::Value* v : values)
        if (v && !v->isConstant() && std::find(out.begin(), out.end(), v) == out.end()) out.push_back(v);
    return out;
}

}  // namespace lathe::tactics

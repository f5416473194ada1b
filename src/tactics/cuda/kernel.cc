// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/kernel.h"

#include <algorithm>

#include "kernels/cuda/move.h"
#include "tactics/cuda/launcher.h"
#include "tactics/cuda/preparation.h"

namespace lathe::tactics {
namespace {

constexpr int kScratch = cuda::kWorkspace - 1;

class CudaKernel final : public Kernel {
  public:
    struct Stage {
        std::unique_ptr<cuda::LoadedPlan> loaded;
        std::vector<CudaOperands::Entry> entries;
        cuda::Operands now;  // addresses as they were bound last
        bool bound = false;
        bool idleInPlace = false;
    };

    int64_t workspaceBytes() const override { return workspaceBytes_; }

    Status run(const RunArgs& args) override {
        auto* workspace = static_cast<std::byte*>(args.workspace);
        for (Stage& s : stages_) {
            bool changed = !s.bound;
            auto set = [&](int operand, const void* p) {
                if (s.now.address[operand] == p) return;
                s.now.set(operand, p);
                changed = true;
            };
            for (const CudaOperands::Entry& e : s.entries) {
                const void* p = e.fixed;
                if (e.from == CudaOperands::From::kInput) p = args.inputs[e.index];
                if (e.from == CudaOperands::From::kOutput) p = args.outputs[e.index];
                set(e.operand, e.offset ? static_cast<const std::byte*>(p) + e.offset : p);
            }
            set(cuda::kWorkspace, workspace);
            if (scratchAt_ >= 0) set(kScratch, workspace + scratchAt_);
            if (changed) s.bound = false;
            if (s.idleInPlace && s.now.address[0] == s.now.address[cuda::kOutput]) continue;
            if (!s.bound) {
                TRY(s.loaded->bind(s.now));
                s.bound = true;
            }
            TRY(s.loaded->run(static_cast<cuda::CuStream>(args.stream)));
        }
        return {};
    }

    std::vector<Stage> stages_;
    int64_t workspaceBytes_ = 0, scratchAt_ = -1;
};

// Of a plan that somebody took (CudaPreparation::takePlan).
class PlannedKernel final : public Kernel {
  public:
    explicit PlannedKernel(int64_t workspaceBytes) : workspaceBytes_(workspaceBytes) {}
    int64_t workspaceBytes() const override { return workspaceBytes_; }
    Status run(const RunArgs&) override { return internalError("a kernel runs that was only planned"); }

  private:
    int64_t workspaceBytes_;
};

}  // namespace

Status CudaOperands::value(int operand, const ir::Value& v, const Binding& binding, const PrepareContext& c) {
    if (v.isConstant()) {
        fixed(operand, TRY(c.residentWeights(v)));
        return {};
    }
    auto at = std::find(binding.inputs.begin(), binding.inputs.end(), &v);
    if (at == binding.inputs.end()) return internalError("'{}' is no input of {}", v.name(), binding.tactic->id());
    input(operand, static_cast<int>(at - binding.inputs.begin()));
    return {};
}

Result<std::unique_ptr<Kernel>> cudaKernels(const PrepareContext& c, std::vector<CudaStage> stages,
                                            int64_t scratchBytes) {
    if (stages.empty()) return std::unique_ptr<Kernel>(std::make_unique<CudaKernel>());  // nothing runs
    const auto* extra = dynamic_cast<const CudaPreparation*>(&c);
    bool taken = extra != nullptr;
    int64_t workspace = 0;
    for (const CudaStage& stage : stages) {
        taken = taken && extra->takePlan(stage.plan);
        workspace = std::max(workspace, stage.plan.workspaceBytes);
    }
    int64_t scratchAt = -1;
    if (scratchBytes > 0) {
        scratchAt = (workspace + 255) / 256 * 256;
        workspace = scratchAt + scratchBytes;
    }
    if (taken) return std::unique_ptr<Kernel>(std::make_unique<PlannedKernel>(workspace));
    if (!c.device()) return internalError("kernels of a GPU are prepared, but there is none");
    const auto& gpu = static_cast<const cuda::Gpu&>(*c.device());
    auto kernel = std::make_unique<CudaKernel>();
    kernel->workspaceBytes_ = workspace;
    kernel->scratchAt_ = scratchAt;
    for (CudaStage& stage : stages) {
        CudaKernel::Stage ready;
        ready.loaded = TRY(cuda::LoadedPlan::load(gpu, std::move(stage.plan), cuda::processCache()));
        ready.entries = stage.operands.entries();
        auto isFault = [](const auto& e) { return e.operand == cuda::kFault; };
        if (std::none_of(ready.entries.begin(), ready.entries.end(), isFault))
            ready.entries.push_back(
                {cuda::kFault, CudaOperands::From::kFixed, 0, extra ? extra->faultWord() : nullptr, 0});
        ready.idleInPlace = stage.idleInPlace;
        kernel->stages_.push_back(std::move(ready));
    }
    return std::unique_ptr<Kernel>(std::move(kernel));
}

Result<std::unique_ptr<Kernel>> cudaKernel(const PrepareContext& c, cuda::KernelPlan plan,
                                           const CudaOperands& operands) {
    std::vector<CudaStage> stages;
    stages.push_back({std::move(plan), operands, false});
    return cudaKernels(c, std::move(stages));
}

cuda::KernelTarget kernelTarget(const Target& target) { return {target.sm, target.smCount, target.sharedPerBlock}; }

double cudaEstimate(const Target& target, double bytes, double flops, bool tensorCores) {
    // An H200's figures by multiprocessor: 4.3 TB/s, 60 TFLOP/s of plain fp32, 700 of tensor cores; a launch in a
    // graph.
    double part = std::max(1, target.smCount) / 132.0;
    return 1.5e-6 + std::max(bytes / (4.3e12 * part), flops / ((tensorCores ? 7e14 : 6e13) * part));
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// The one Kernel class of the CUDA tactics: all that differs between them is in the plan of launches (kernels/cuda).
#pragma once

#include "kernels/cuda/launch.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

// Where the operands of a plan's launches come from, by their numbers in the plan (launch.h).
class CudaOperands {
  public:
    enum class From : uint8_t { kInput, kOutput, kFixed };
    struct Entry {
        int operand = 0;
        From from = From::kInput;
        int index = 0;                // of the binding's inputs or outputs
        const void* fixed = nullptr;  // an address that never changes: weights
        int64_t offset = 0;           // bytes past the address of an input or output
    };
    CudaOperands& input(int operand, int index, int64_t offset = 0) {
        return add({operand, From::kInput, index, nullptr, offset});
    }
    CudaOperands& output(int operand, int index, int64_t offset = 0) {
        return add({operand, From::kOutput, index, nullptr, offset});
    }
    CudaOperands& fixed(int operand, const void* address) { return add({operand, From::kFixed, 0, address, 0}); }
    const std::vector<Entry>& entries() const { return entries_; }

    // `v` as operand: an input of the binding by its index there, or a constant, uploaded as it is.
    Status value(int operand, const ir::Value& v, const Binding& binding, const PrepareContext& c);

  private:
    CudaOperands& add(const Entry& e) {
        entries_.push_back(e);
        return *this;
    }
    std::vector<Entry> entries_;
};

// Compiles (or finds) the plan's code and gives the kernel that launches it. The workspace is the plan's own.
Result<std::unique_ptr<Kernel>> cudaKernel(const PrepareContext& c, cuda::KernelPlan plan,
                                           const CudaOperands& operands);

// Several plans, one after the other; `scratch` bytes behind all of their workspaces hold what one leaves for the next,
// as operand cuda::kWorkspace - 1.
struct CudaStage {
    cuda::KernelPlan plan;
    CudaOperands operands;
    bool idleInPlace = false;  // nothing to do where operand 0 and kOutput are the same memory
};
Result<std::unique_ptr<Kernel>> cudaKernels(const PrepareContext& c, std::vector<CudaStage> stages,
                                            int64_t scratchBytes = 0);

// What kernel wrappers ask of a GPU, of a target that may be absent.
cuda::KernelTarget kernelTarget(const Target& target);

// A cost model's seconds for moving bytes and multiplying, where nothing can be measured.
double cudaEstimate(const Target& target, double bytes, double flops = 0, bool tensorCores = false);

}  // namespace lathe::tactics

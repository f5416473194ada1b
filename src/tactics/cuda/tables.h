// SPDX-License-Identifier: Apache-2.0
// Kernels with more than launches: numbers of their own in device memory, and counts that the host reads back.
#pragma once

#include <memory>

#include "tactics/cuda/kernel.h"

namespace lathe::tactics {

// Numbers that a kernel reads and prepare() computed (tables of taps, permutations): their place in device memory,
// freed with the kernel that `into` becomes part of. Where plans are only looked at, the addresses are made up.
class CudaTables {
  public:
    explicit CudaTables(const PrepareContext& c) : context_(c) {}
    Result<const void*> add(const void* data, int64_t bytes);
    template <class T>
    Result<const void*> add(const std::vector<T>& v) {
        return add(v.data(), static_cast<int64_t>(v.size() * sizeof(T)));
    }
    Result<std::unique_ptr<Kernel>> into(std::unique_ptr<Kernel> kernel);

  private:
    const PrepareContext& context_;
    std::vector<std::shared_ptr<void>> owned_;
};

// Plans that count what they put out: they leave dims, `rank` i64 numbers an output, at the workspace's start, and
// run() waits for them.
struct CudaCounted {
    int output = 0;  // of the binding
    int rank = 0;
};
Result<std::unique_ptr<Kernel>> cudaCountedKernel(const PrepareContext& c, std::vector<CudaStage> stages,
                                                  int64_t scratchBytes, std::vector<CudaCounted> outputs);

// The workspace that the tactic's kernel would have for this binding at the profile's largest shapes (the optimum's
// where those are too large to be planned): found by planning it.
int64_t cudaWorkspaceOf(const Binding& binding, const BindContext& c);

}  // namespace lathe::tactics

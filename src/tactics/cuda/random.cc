// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/random.h"

#include <algorithm>
#include <random>

namespace lathe::tactics {

Result<std::unique_ptr<Kernel>> cudaRandomKernel(const PrepareContext& c, int64_t seed, cuda::SmallKernel k,
                                                 CudaOperands operands, int64_t workspaceBytes) {
    CudaTables tables(c);
    cuda::KernelPlan plan;
    k.file = "random.cu";
    k.n.resize(std::max<size_t>(k.n.size(), 2));
    k.n[1] = seed;
    k.operands = {0, cuda::kWorkspace, cuda::kOutput};
    if (seed == 0) {
        // A word of device memory, which every run takes further.
        std::random_device source;
        std::vector<uint64_t> word = {(uint64_t{source()} << 32) + source()};
        operands.fixed(3, TRY(tables.add(word)));
        k.operands.push_back(3);
        TRY(cuda::addSmall(
            plan, {.file = "random.cu", .entry = "randomAdvance", .items = 1, .operands = {3}, .threads = 32}));
    }
    TRY(cuda::addSmall(plan, k));
    plan.workspaceBytes = workspaceBytes;
    return tables.into(TRY(cudaKernel(c, std::move(plan), operands)));
}

}  // namespace lathe::tactics

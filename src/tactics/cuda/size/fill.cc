// SPDX-License-Identifier: Apache-2.0
#include "ops/size.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaSize final : public Tactic {
  public:
    constexpr CudaSize() : Tactic("cuda.size.fill.v1", "size") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        cuda::SmallKernel k{.file = "fill.cu", .entry = "fillNumbers"};
        k.n = {ir::volume(c.dims(*n.input(0)))};
        k.items = 1;
        k.threads = 64;
        k.operands = {cuda::kOutput};
        return cudaKernel(c, TRY(cuda::smallPlan(k)), CudaOperands().output(cuda::kOutput, 0));
    }
};

}  // namespace

LATHE_TACTIC(cuda_size_fill, CudaSize)

}  // namespace lathe::tactics

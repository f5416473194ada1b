// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul_integer.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/integer_product.h"

namespace lathe::tactics {
namespace {

class CudaMatmulInteger final : public Tactic {
  public:
    constexpr CudaMatmulInteger() : Tactic("cuda.matmul_integer.direct.v1", "matmul_integer") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {0, 1, 2, 3});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        cuda::SmallKernel k =
            TRY(cudaIntegerProduct(*n.input(0), *n.input(1), c.dims(*n.input(0)), c.dims(*n.input(1))));
        auto isOne = [&](int i) { return inputOf(n, i) == nullptr || ir::volume(c.dims(*inputOf(n, i))) == 1; };
        k.n[28] = isOne(2);
        k.n[29] = isOne(3);
        for (const char* define : {"REQUANT=0", "SIGNED=0", "SA=f32", "SB=f32", "SY=f32"}) k.defines.push_back(define);
        k.operands = {0, 1, 2, 3, cuda::kOutput};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2, 3}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_matmul_integer_direct, CudaMatmulInteger)

}  // namespace lathe::tactics

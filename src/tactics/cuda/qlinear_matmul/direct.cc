// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_matmul.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/integer_product.h"

namespace lathe::tactics {
namespace {

class CudaQlinearMatmul final : public Tactic {
  public:
    constexpr CudaQlinearMatmul() : Tactic("cuda.qlinear_matmul.direct.v1", "qlinear_matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {0, 1, 2, 3, 4, 5, 6, 7});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        cuda::SmallKernel k =
            TRY(cudaIntegerProduct(*n.input(0), *n.input(3), c.dims(*n.input(0)), c.dims(*n.input(3))));
        auto isOne = [&](int i) { return ir::volume(c.dims(*n.input(i))) == 1; };
        k.n[28] = isOne(2);
        k.n[29] = isOne(5);
        k.n[30] = isOne(1);
        k.n[31] = isOne(4);
        k.defines.push_back("REQUANT=1");
        k.defines.push_back(fmt::format("SIGNED={}", n.output()->dtype() == DType::kInt8 ? 1 : 0));
        k.defines.push_back(cudaDefine("SA", n.input(1)->dtype()));
        k.defines.push_back(cudaDefine("SB", n.input(4)->dtype()));
        k.defines.push_back(cudaDefine("SY", n.input(6)->dtype()));
        k.operands = {0, 3, 2, 5, cuda::kOutput, 1, 4, 6, 7};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2, 3, 4, 5, 6, 7}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_qlinear_matmul_direct, CudaQlinearMatmul)

}  // namespace lathe::tactics

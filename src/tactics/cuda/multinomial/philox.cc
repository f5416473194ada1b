// SPDX-License-Identifier: Apache-2.0
#include "ops/multinomial.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/random.h"

namespace lathe::tactics {
namespace {

class CudaMultinomial final : public Tactic {
  public:
    constexpr CudaMultinomial() : Tactic("cuda.multinomial.philox.v1", "multinomial") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::MultinomialAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &y = c.dims(*n.output());
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        cuda::SmallKernel k{.entry = "drawClasses"};
        k.defines = {cudaDefine("T", n.output()->dtype()), cudaDefine("X", n.input(0)->dtype())};
        k.items = x[0];
        k.threads = 64;
        k.n = {0, 0, x[1], y[1]};
        return cudaRandomKernel(c, a.seed, k, operands, x[0] * x[1] * 8);
    }
};

}  // namespace

LATHE_TACTIC(cuda_multinomial_philox, CudaMultinomial)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/bernoulli.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/random.h"

namespace lathe::tactics {
namespace {

class CudaBernoulli final : public Tactic {
  public:
    constexpr CudaBernoulli() : Tactic("cuda.bernoulli.philox.v1", "bernoulli") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        if (std::string why = cudaTypeRefusal(*anchor.output()); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::BernoulliAttrs>();
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        cuda::SmallKernel k{.entry = "randomFill"};
        k.defines = {cudaDefine("T", n.output()->dtype()), "KIND=2", cudaDefine("X", n.input(0)->dtype())};
        k.items = ir::volume(c.dims(*n.output()));
        k.f = {};
        return cudaRandomKernel(c, a.seed, k, operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_bernoulli_philox, CudaBernoulli)

}  // namespace lathe::tactics

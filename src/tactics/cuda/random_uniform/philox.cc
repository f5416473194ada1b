// SPDX-License-Identifier: Apache-2.0
#include "ops/random_uniform.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/random.h"

namespace lathe::tactics {
namespace {

class CudaRandomUniform final : public Tactic {
  public:
    constexpr CudaRandomUniform() : Tactic("cuda.random_uniform.philox.v1", "random_uniform") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.output()); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::RandomUniformAttrs>();
        CudaOperands operands;
        operands.output(cuda::kOutput, 0);
        cuda::SmallKernel k{.entry = "randomFill"};
        k.defines = {cudaDefine("T", n.output()->dtype()), "KIND=0"};
        k.items = ir::volume(c.dims(*n.output()));
        k.f = {a.low, a.high - a.low};
        return cudaRandomKernel(c, a.seed, k, operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_random_uniform_philox, CudaRandomUniform)

}  // namespace lathe::tactics

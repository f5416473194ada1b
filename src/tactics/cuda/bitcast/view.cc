// SPDX-License-Identifier: Apache-2.0
// The same bytes by another name.
#include "ops/bitcast.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaBitcast final : public Tactic {
  public:
    constexpr CudaBitcast() : Tactic("cuda.bitcast.view.v1", "bitcast") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        BindResult r = bindCudaAlone(*this, anchor, c, {0});
        r.candidates[0].binding.aliases = {{0, 0}};
        r.candidates[0].estimate = 0;
        return r;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        (void)n;
        return cudaKernels(c, {});
    }
};

}  // namespace

LATHE_TACTIC(cuda_bitcast_view, CudaBitcast)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/lp_norm.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaLpNorm final : public Tactic {
  public:
    constexpr CudaLpNorm() : Tactic("cuda.lp_norm.lines.v1", "lp_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindScaledLines(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const auto& a = binding.nodes[0]->attrs<ops::LpNormAttrs>();
        return prepareScaledLines(binding, c, a.axis, a.p == 2 ? LineScale::kEuclidean : LineScale::kAbsoluteSum);
    }
};

}  // namespace

LATHE_TACTIC(cuda_lp_norm_lines, CudaLpNorm)

}  // namespace lathe::tactics

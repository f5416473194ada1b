// SPDX-License-Identifier: Apache-2.0
#include "ops/hardmax.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaHardmax final : public Tactic {
  public:
    constexpr CudaHardmax() : Tactic("cuda.hardmax.lines.v1", "hardmax") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindScaledLines(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const auto& a = binding.nodes[0]->attrs<ops::HardmaxAttrs>();
        return prepareScaledLines(binding, c, a.axis, LineScale::kLargest);
    }
};

}  // namespace

LATHE_TACTIC(cuda_hardmax_lines, CudaHardmax)

}  // namespace lathe::tactics

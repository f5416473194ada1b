// SPDX-License-Identifier: Apache-2.0
#include "ops/rms_norm.h"

#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

Norm normOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::RmsNormAttrs>();
    return {.scale = inputOf(n, 1),
            .epsilon = static_cast<float>(a.epsilon),
            .firstAxis = static_cast<int>(fromStart(a.axis, n.input(0)->rank())),
            .rms = true};
}

class RmsNorm final : public Tactic {
  public:
    constexpr RmsNorm() : Tactic("cpu.rms_norm.rows.v1", "rms_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindRowNorm(*this, anchor, c, normOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeRowNorm(binding, c, normOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_rms_norm_rows, RmsNorm)

}  // namespace lathe::tactics

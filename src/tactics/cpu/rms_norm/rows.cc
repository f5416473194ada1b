// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

class RmsNorm final : public Tactic {
  public:
    constexpr RmsNorm() : Tactic("cpu.rms_norm.rows.v1", "rms_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindRowNorm(*this, anchor, c, rmsNormOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeRowNorm(binding, c, rmsNormOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_rms_norm_rows, RmsNorm)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// The general normalization where its axes are rows, planes or groups of channels. (Any other set of axes has no
// kernel.)
#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

class Normalization final : public Tactic {
  public:
    constexpr Normalization() : Tactic("cpu.normalization.kernels.v1", "normalization") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto form = normalizationOf(anchor);
        if (!form.ok()) return BindResult::refuse(form.status().message());
        return form->rows ? bindRowNorm(*this, anchor, c, form->norm) : bindImageNorm(*this, anchor, c, form->norm);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        NormForm form = TRY(normalizationOf(*binding.nodes[0]));
        return form.rows ? makeRowNorm(binding, c, form.norm) : makeImageNorm(binding, c, form.norm);
    }
};

}  // namespace

LATHE_TACTIC(cpu_normalization_kernels, Normalization)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

class GroupNorm final : public Tactic {
  public:
    constexpr GroupNorm() : Tactic("cpu.group_norm.images.v1", "group_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindImageNorm(*this, anchor, c, groupNormOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeImageNorm(binding, c, groupNormOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_group_norm_images, GroupNorm)

}  // namespace lathe::tactics

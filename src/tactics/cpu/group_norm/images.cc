// SPDX-License-Identifier: Apache-2.0
#include "ops/group_norm.h"

#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

Norm normOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::GroupNormAttrs>();
    return {.scale = n.input(1),
            .bias = n.input(2),
            .epsilon = static_cast<float>(a.epsilon),
            .groups = a.numGroups,
            .perGroup = a.perGroup};
}

class GroupNorm final : public Tactic {
  public:
    constexpr GroupNorm() : Tactic("cpu.group_norm.images.v1", "group_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindImageNorm(*this, anchor, c, normOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeImageNorm(binding, c, normOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_group_norm_images, GroupNorm)

}  // namespace lathe::tactics

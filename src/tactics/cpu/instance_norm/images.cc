// SPDX-License-Identifier: Apache-2.0
#include "ops/instance_norm.h"

#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

Norm normOf(const ir::Node& n) {
    return {.scale = n.input(1),
            .bias = n.input(2),
            .epsilon = static_cast<float>(n.attrs<ops::InstanceNormAttrs>().epsilon)};
}

class InstanceNorm final : public Tactic {
  public:
    constexpr InstanceNorm() : Tactic("cpu.instance_norm.images.v1", "instance_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindImageNorm(*this, anchor, c, normOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeImageNorm(binding, c, normOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_instance_norm_images, InstanceNorm)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

class InstanceNorm final : public Tactic {
  public:
    constexpr InstanceNorm() : Tactic("cpu.instance_norm.images.v1", "instance_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindImageNorm(*this, anchor, c, instanceNormOf(anchor));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeImageNorm(binding, c, instanceNormOf(*binding.nodes[0]));
    }
};

}  // namespace

LATHE_TACTIC(cpu_instance_norm_images, InstanceNorm)

}  // namespace lathe::tactics

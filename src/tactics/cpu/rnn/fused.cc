// SPDX-License-Identifier: Apache-2.0
#include "ops/rnn.h"

#include "tactics/cpu/recurrent.h"

namespace lathe::tactics {
namespace {

class FusedRnn final : public RecurrentTactic {
  public:
    constexpr FusedRnn() : RecurrentTactic("cpu.rnn.fused.v1", "rnn", cpu::RnnKind::kPlain) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"tanh"};
        const auto& a = node.attrs<ops::RnnAttrs>();
        return {.fields = &a, .defaults = defaults};
    }
};

}  // namespace

LATHE_TACTIC(cpu_rnn_fused, FusedRnn)

}  // namespace lathe::tactics

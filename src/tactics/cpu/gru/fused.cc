// SPDX-License-Identifier: Apache-2.0
#include "ops/gru.h"

#include "tactics/cpu/recurrent.h"

namespace lathe::tactics {
namespace {

class FusedGru final : public RecurrentTactic {
  public:
    constexpr FusedGru() : RecurrentTactic("cpu.gru.fused.v1", "gru", cpu::RnnKind::kGru) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"sigmoid", "tanh"};
        const auto& a = node.attrs<ops::GruAttrs>();
        return {.fields = &a, .defaults = defaults, .linearBeforeReset = a.linearBeforeReset};
    }
};

}  // namespace

LATHE_TACTIC(cpu_gru_fused, FusedGru)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/lstm.h"

#include "tactics/cpu/recurrent.h"

namespace lathe::tactics {
namespace {

class FusedLstm final : public RecurrentTactic {
  public:
    constexpr FusedLstm() : RecurrentTactic("cpu.lstm.fused.v1", "lstm", cpu::RnnKind::kLstm) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"sigmoid", "tanh", "tanh"};
        const auto& a = node.attrs<ops::LstmAttrs>();
        return {.fields = &a, .defaults = defaults, .inputForget = a.inputForget};
    }
};

}  // namespace

LATHE_TACTIC(cpu_lstm_fused, FusedLstm)

}  // namespace lathe::tactics

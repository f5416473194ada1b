// SPDX-License-Identifier: Apache-2.0
// What the tactics of lstm, gru and rnn share: the inputs' products for all steps and directions in one GEMM, then the
// fused recurrent kernel.
#pragma once

#include "kernels/cpu/rnn.h"
#include "ops/recurrent.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

class RecurrentTactic : public Tactic {
  public:
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override;
    Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override;
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override;

  protected:
    constexpr RecurrentTactic(const char* id, const char* anchor, cpu::RnnKind kind)
        : Tactic(id, anchor), kind_(kind) {}

    struct Description {
        const ops::RecurrentFields* fields = nullptr;
        std::span<const char* const> defaults;  // activations of one direction
        bool inputForget = false, linearBeforeReset = false;
    };
    virtual Description describe(const ir::Node& node) const = 0;

  private:
    cpu::RnnKind kind_;
};

}  // namespace lathe::tactics

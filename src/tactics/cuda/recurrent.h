// SPDX-License-Identifier: Apache-2.0
// What the CUDA tactics of lstm, gru and rnn share: the inputs' products for all steps and directions in one, then a
// launch a step for both directions.
#pragma once

#include "ops/recurrent.h"
#include "tactics/cuda/kernel.h"

namespace lathe::tactics {

class CudaRecurrent : public Tactic {
  public:
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override;
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override;

  protected:
    // Of recurrent.cu's KINDs; a gru that is linear before reset is said by the description.
    constexpr CudaRecurrent(const char* id, const char* anchor, int kind) : Tactic(id, anchor), kind_(kind) {}
    struct Description {
        const ops::RecurrentFields* fields = nullptr;
        std::span<const char* const> defaults;  // activations of one direction
        bool inputForget = false, linearBeforeReset = false;
    };
    virtual Description describe(const ir::Node& node) const = 0;

  private:
    int kind_;
};

}  // namespace lathe::tactics

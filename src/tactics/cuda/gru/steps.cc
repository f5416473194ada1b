// SPDX-License-Identifier: Apache-2.0
#include "ops/gru.h"

#include "tactics/cuda/recurrent.h"

namespace lathe::tactics {
namespace {

class CudaGru final : public CudaRecurrent {
  public:
    constexpr CudaGru() : CudaRecurrent("cuda.gru.steps.v1", "gru", 2) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"sigmoid", "tanh"};
        const auto& a = node.attrs<ops::GruAttrs>();
        return {.fields = &a, .defaults = defaults, .linearBeforeReset = a.linearBeforeReset};
    }
};

}  // namespace

LATHE_TACTIC(cuda_gru_steps, CudaGru)

}  // namespace lathe::tactics

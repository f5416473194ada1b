// SPDX-License-Identifier: Apache-2.0
#include "ops/rnn.h"

#include "tactics/cuda/recurrent.h"

namespace lathe::tactics {
namespace {

class CudaRnn final : public CudaRecurrent {
  public:
    constexpr CudaRnn() : CudaRecurrent("cuda.rnn.steps.v1", "rnn", 0) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"tanh"};
        const auto& a = node.attrs<ops::RnnAttrs>();
        return {.fields = &a, .defaults = defaults};
    }
};

}  // namespace

LATHE_TACTIC(cuda_rnn_steps, CudaRnn)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/lstm.h"

#include "tactics/cuda/recurrent.h"

namespace lathe::tactics {
namespace {

class CudaLstm final : public CudaRecurrent {
  public:
    constexpr CudaLstm() : CudaRecurrent("cuda.lstm.steps.v1", "lstm", 1) {}

  private:
    Description describe(const ir::Node& node) const override {
        static constexpr const char* defaults[] = {"sigmoid", "tanh", "tanh"};
        const auto& a = node.attrs<ops::LstmAttrs>();
        return {.fields = &a, .defaults = defaults, .inputForget = a.inputForget};
    }
};

}  // namespace

LATHE_TACTIC(cuda_lstm_steps, CudaLstm)

}  // namespace lathe::tactics

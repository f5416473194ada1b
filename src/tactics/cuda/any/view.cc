// SPDX-License-Identifier: Apache-2.0
// Reshape and its kin: the same bytes under another shape, so nothing runs.
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaView final : public CudaTactic {
  public:
    constexpr CudaView() : CudaTactic("cuda.any.view.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext&) const override {
        if (!anchor.op().is(ir::Op::kView) || anchor.input(0)->isConstant()) return {};
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        // Shape inputs have been read by then; only the data counts.
        candidate.binding.inputs = {anchor.input(0)};
        candidate.binding.inputLayouts = {Layout::kLinear};
        candidate.binding.aliases = {{0, 0}};
        return {{candidate}, {}};
    }

    Result<CudaWork> work(const Binding&, const DimsOf&, const Target&) const override { return CudaWork(); }
};

}  // namespace

LATHE_TACTIC(cuda_any_view, CudaView)

}  // namespace lathe::tactics

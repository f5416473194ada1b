// SPDX-License-Identifier: Apache-2.0
// A transpose that moves only axes of one element: the same bytes, so nothing runs.
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaTransposeView final : public CudaTactic {
  public:
    constexpr CudaTransposeView() : CudaTactic("cuda.transpose.view.v1", "transpose") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        if (!transposeIsView(anchor, c)) return BindResult::refuse("it moves more than axes of one element");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.aliases = {{0, 0}};
        return {{candidate}, {}};
    }

    Result<CudaWork> work(const Binding&, const DimsOf&, const Target&) const override { return CudaWork(); }
};

}  // namespace

LATHE_TACTIC(cuda_transpose_view, CudaTransposeView)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Reshape and its kin: the same bytes under another shape, so nothing runs.
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaView final : public CudaTactic {
  public:
    constexpr CudaView() : CudaTactic("cuda.any.view.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext&) const override { return bindView(*this, anchor); }

    Result<CudaWork> work(const Binding&, const DimsOf&, const Target&) const override { return CudaWork(); }
};

}  // namespace

LATHE_TACTIC(cuda_any_view, CudaView)

}  // namespace lathe::tactics

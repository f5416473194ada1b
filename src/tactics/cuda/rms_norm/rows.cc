// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/norms.h"

namespace lathe::tactics {
namespace {

class CudaRmsNorm final : public CudaTactic {
  public:
    constexpr CudaRmsNorm() : CudaTactic("cuda.rms_norm.rows.v1", "rms_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        offer(bindRowNorm(*this, anchor, rmsNormOf(anchor)), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        return rowNormWork(*binding.nodes[0], rmsNormOf(*binding.nodes[0]), dims);
    }
};

}  // namespace

LATHE_TACTIC(cuda_rms_norm_rows, CudaRmsNorm)

}  // namespace lathe::tactics

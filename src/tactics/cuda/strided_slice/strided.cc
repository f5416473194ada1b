// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaStridedSlice final : public CudaTactic {
  public:
    constexpr CudaStridedSlice() : CudaTactic("cuda.strided_slice.strided.v1", "strided_slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& y = *anchor.output();
        // The least input with the largest output is the worst that can be.
        auto worst = [&](const ir::Value& v) { return &v == &y ? c.maxDims(v) : c.minDims(v); };
        if (auto copies = stridedSliceCopies(anchor, worst); !copies.ok())
            return BindResult::refuse(copies.status().message());
        return offerNode(anchor, {anchor.input(0)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        return copyWork(TRY(stridedSliceCopies(*binding.nodes[0], dims)));
    }
};

}  // namespace

LATHE_TACTIC(cuda_strided_slice_strided, CudaStridedSlice)

}  // namespace lathe::tactics

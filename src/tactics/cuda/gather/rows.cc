// SPDX-License-Identifier: Apache-2.0
#include "ops/gather.h"

#include "kernels/cuda/move.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaGather final : public CudaTactic {
  public:
    constexpr CudaGather() : CudaTactic("cuda.gather.rows.v1", "gather") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &indices = *n.input(1);
        ir::Dims in = dims(x), index = dims(indices);
        const auto& attrs = n.attrs<ops::GatherAttrs>();
        int64_t axis = fromStart(attrs.axis, static_cast<int>(in.size()));
        cuda::GatherShape s;
        s.elementBytes = elementBytes(x.dtype());
        if (s.elementBytes == 0) return unsupported("elements of type {} share bytes", toString(x.dtype()));
        s.indexType = indices.dtype();
        s.indices = 1;
        for (size_t d = static_cast<size_t>(attrs.batchDims); d < index.size(); ++d) s.indices *= index[d];
        for (int64_t d = 0; d < static_cast<int64_t>(in.size()); ++d) {
            int64_t extent = in[static_cast<size_t>(d)];
            (d < attrs.batchDims ? s.batch : d < axis ? s.outer : s.inner) *= d == axis ? 1 : extent;
        }
        s.n = in[static_cast<size_t>(axis)];
        CudaWork work;
        if (ir::volume(dims(*n.output())) == 0) return work;
        work.add(TRY(cuda::gather(s))).value(0, x).value(1, indices).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_gather_rows, CudaGather)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_elements.h"

#include "kernels/cuda/move.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaGatherElements final : public CudaTactic {
  public:
    constexpr CudaGatherElements() : CudaTactic("cuda.gather_elements.indexed.v1", "gather_elements") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &indices = *n.input(1);
        ir::Dims in = dims(x), index = dims(indices);
        CudaWork work;
        if (ir::volume(index) == 0) return work;
        auto axis = static_cast<int>(fromStart(n.attrs<ops::GatherElementsAttrs>().axis, static_cast<int>(in.size())));
        work.add(TRY(cuda::gatherElements(in, index, axis, elementBytes(x.dtype()), indices.dtype())))
            .value(0, x)
            .value(1, indices)
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_gather_elements_indexed, CudaGatherElements)

}  // namespace lathe::tactics

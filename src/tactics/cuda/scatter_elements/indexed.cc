// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_elements.h"

#include "tactics/common/operands.h"
#include "tactics/cuda/scatter.h"

namespace lathe::tactics {
namespace {

class CudaScatterElements final : public CudaTactic {
  public:
    constexpr CudaScatterElements() : CudaTactic("cuda.scatter_elements.indexed.v1", "scatter_elements") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        offer(bindScatter(*this, anchor), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::ScatterElementsAttrs>();
        ir::Dims data = dims(*n.input(0)), index = dims(*n.input(1));
        auto axis = static_cast<int>(fromStart(attrs.axis, static_cast<int>(data.size())));
        return scatterWork(n, attrs.reduction, dims, [&](DType type, cuda::ScatterReduction reduction) {
            return cuda::scatterElements(type, data, index, axis, reduction, n.input(1)->dtype());
        });
    }
};

}  // namespace

LATHE_TACTIC(cuda_scatter_elements_indexed, CudaScatterElements)

}  // namespace lathe::tactics

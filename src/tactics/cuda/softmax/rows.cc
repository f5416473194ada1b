// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/rows.h"
#include "ops/softmax.h"
#include "tactics/cuda/kernel.h"

namespace lathe::tactics {
namespace {

class CudaSoftmax final : public Tactic {
  public:
    constexpr CudaSoftmax() : Tactic("cuda.softmax.rows.v1", "softmax") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (cuda::typeName(x.dtype()).empty() || !isFloating(x.dtype()))
            return BindResult::refuse(fmt::format("elements of type {}", toString(x.dtype())));
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.inPlace = {{0, 0}};
        double bytes = 2.0 * static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x))));
        candidate.estimate = cudaEstimate(c.target(), bytes);
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::SoftmaxAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        size_t axis = static_cast<size_t>(attrs.axis < 0 ? attrs.axis + static_cast<int64_t>(dims.size()) : attrs.axis);
        int64_t outer = 1, inner = 1;
        for (size_t d = 0; d < dims.size(); ++d) (d < axis ? outer : inner) *= d == axis ? 1 : dims[d];
        cuda::KernelPlan plan = TRY(cuda::softmax(n.input(0)->dtype(), outer, dims[axis], inner, attrs.log));
        return cudaKernel(c, std::move(plan), CudaOperands().input(0, 0).output(cuda::kOutput, 0));
    }
};

}  // namespace

LATHE_TACTIC(cuda_softmax_rows, CudaSoftmax)

}  // namespace lathe::tactics

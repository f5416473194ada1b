// SPDX-License-Identifier: Apache-2.0
// Reductions of every channel's whole plane (global pooling) of channels-last images.
#include "kernels/cuda/reduce.h"

#include "ops/reduce.h"
#include "tactics/cuda/image.h"

namespace lathe::tactics {
namespace {

class CudaPlanes final : public Tactic {
  public:
    constexpr CudaPlanes() : Tactic("cuda.reduce.planes.v1", "reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReduceAttrs>();
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (a.kind != ops::ReduceKind::kMean && a.kind != ops::ReduceKind::kMax && a.kind != ops::ReduceKind::kSum)
            return BindResult::refuse("it is neither a mean, a maximum nor a sum");
        if (!isCudaFloat(x.dtype()) || !isImageRank(x.rank())) return BindResult::refuse("not planes of an image");
        std::vector<int64_t> axes = a.axes;
        if (anchor.inputCount() > 1 && anchor.input(1)) {
            const ir::Value& list = *anchor.input(1);
            if (!list.elements() || !ir::isConstant(*list.elements()))
                return BindResult::refuse("its axes are not known");
            axes = ir::constantDims(*list.elements());
        }
        unsigned mask = 0;
        for (int64_t axis : axes) mask |= 1u << (axis < 0 ? axis + x.rank() : axis);
        if (mask != ((1u << x.rank()) - 1) - 3u) return BindResult::refuse("it does not reduce just the spatial axes");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        Binding& b = candidate.binding;
        b.inputs = {&x};
        b.inputLayouts = {Layout::kChannelsLast};
        // Without the axes that are gone, or with extents of 1, either layout is the same bytes.
        b.outputLayouts = {a.keepDims ? Layout::kChannelsLast : Layout::kLinear};
        candidate.estimate =
            cudaEstimate(c.target(), static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x)))));
        if (auto plan = planFor(anchor, c.maxDims(x), kernelTarget(c.target())); plan.ok())
            candidate.workspaceBytes = plan->workspaceBytes;
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        return cudaKernel(c, TRY(planFor(n, c.dims(*n.input(0)), kernelTarget(c.target()))),
                          CudaOperands().input(0, 0).output(cuda::kOutput, 0));
    }

  private:
    static Result<cuda::KernelPlan> planFor(const ir::Node& n, const ir::Dims& dims, const cuda::KernelTarget& target) {
        ops::ReduceKind kind = n.attrs<ops::ReduceAttrs>().kind;
        cuda::ReduceOp op = kind == ops::ReduceKind::kMean  ? cuda::ReduceOp::kMean
                            : kind == ops::ReduceKind::kMax ? cuda::ReduceOp::kMax
                                                            : cuda::ReduceOp::kSum;
        int64_t extents[] = {dims[0], positionsOf(dims), dims[1]};
        return cuda::reduce(op, n.input(0)->dtype(), extents, 2, target);
    }
};

}  // namespace

LATHE_TACTIC(cuda_reduce_planes, CudaPlanes)

}  // namespace lathe::tactics

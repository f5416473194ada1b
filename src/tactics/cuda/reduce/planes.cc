// SPDX-License-Identifier: Apache-2.0
// Reductions of every channel's whole plane (global pooling) of channels-last images.
#include "kernels/cuda/reduce.h"

#include "ops/reduce.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

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
        BindResult result;
        // One launch with vectors of channels; or the general reduction, which splits the planes of few channels.
        for (int64_t way : {kVectors, kGeneral}) {
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            Binding& b = candidate.binding;
            b.inputs = {&x};
            b.inputLayouts = {Layout::kChannelsLast};
            // Without the axes that are gone, or with extents of 1, either layout is the same bytes.
            b.outputLayouts = {a.keepDims ? Layout::kChannelsLast : Layout::kLinear};
            b.params = {way};
            double bytes = static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x))));
            candidate.estimate = cudaEstimate(c.target(), bytes) + (way == kGeneral ? 1e-6 : 0);
            candidate.workspaceBytes = cudaWorkspaceOf(b, c);
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        bool vectors = !binding.params.empty() && binding.params[0] == kVectors && ir::volume(dims) > 0;
        return cudaKernel(c, TRY(vectors ? vectorPlan(n, dims) : generalPlan(n, dims, kernelTarget(c.target()))),
                          CudaOperands().input(0, 0).output(cuda::kOutput, 0));
    }

  private:
    enum Way : int64_t { kVectors = 0, kGeneral = 1 };

    static Result<cuda::KernelPlan> generalPlan(const ir::Node& n, const ir::Dims& dims,
                                                const cuda::KernelTarget& target) {
        ops::ReduceKind kind = n.attrs<ops::ReduceAttrs>().kind;
        cuda::ReduceOp op = kind == ops::ReduceKind::kMean  ? cuda::ReduceOp::kMean
                            : kind == ops::ReduceKind::kMax ? cuda::ReduceOp::kMax
                                                            : cuda::ReduceOp::kSum;
        int64_t extents[] = {dims[0], positionsOf(dims), dims[1]};
        return cuda::reduce(op, n.input(0)->dtype(), extents, 2, target);
    }

    static Result<cuda::KernelPlan> vectorPlan(const ir::Node& n, const ir::Dims& dims) {
        ops::ReduceKind kind = n.attrs<ops::ReduceAttrs>().kind;
        DType type = n.input(0)->dtype();
        int v = 16 / (bitsOf(type) / 8);
        while (dims[1] % v != 0) v /= 2;
        cuda::SmallKernel k{.file = "image.cu", .entry = "reducePlanes"};
        int rows = 16;
        k.defines = {cuda::typeDefine("T", type), fmt::format("V={}", v), fmt::format("ROWS={}", rows),
                     fmt::format("KIND={}", kind == ops::ReduceKind::kMean  ? 0
                                            : kind == ops::ReduceKind::kMax ? 1
                                                                            : 2)};
        k.items = dims[0] * dims[1] / v;
        k.blocks = (k.items + 31) / 32;
        k.threads = static_cast<uint32_t>(32 * rows);
        k.operands = {0, cuda::kOutput};
        k.n = {dims[1] / v, positionsOf(dims)};
        return cuda::smallPlan(k);
    }
};

}  // namespace

LATHE_TACTIC(cuda_reduce_planes, CudaPlanes)

}  // namespace lathe::tactics

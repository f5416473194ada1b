// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/params.h"
#include "ops/max_unpool.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaMaxUnpool final : public Tactic {
  public:
    constexpr CudaMaxUnpool() : Tactic("cuda.max_unpool.places.v1", "max_unpool") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0, 1});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::MaxUnpoolAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &y = c.dims(*n.output());
        size_t rank = x.size(), axes = rank - 2;
        if (rank > static_cast<size_t>(cuda::kMaxDims)) return unsupported("{} axes", rank);
        ir::Dims inner = {x[0], x[1]};
        for (size_t d = 0; d < axes; ++d) {
            int64_t stride = a.strides.empty() ? 1 : a.strides[d];
            int64_t pads = a.pads.empty() ? 0 : a.pads[d] + a.pads[d + axes];
            inner.push_back((x[d + 2] - 1) * stride + a.kernel[d] - pads);
        }
        for (size_t d = 0; d < rank; ++d)
            if (inner[d] > y[d])
                return invalidArgument("the output's shape {} is smaller than {}", ir::toString(y),
                                       ir::toString(inner));
        int64_t places = ir::volume(inner);
        // Of elements that go to one place the last stays: the greatest number claims it.
        cuda::KernelPlan plan;
        TRY(cuda::addSmall(plan, {.file = "fill.cu",
                                  .entry = "fillBytes",
                                  .items = places,
                                  .operands = {cuda::kWorkspace},
                                  .n = {places * 8, 0xff}}));
        TRY(cuda::addSmall(plan, {.file = "image.cu",
                                  .entry = "unpoolClaim",
                                  .items = ir::volume(x),
                                  .operands = {1, cuda::kWorkspace, cuda::kFault},
                                  .n = {places}}));
        cuda::SmallKernel store{.file = "image.cu", .entry = "unpoolStore"};
        store.defines = {cudaDefine("T", n.input(0)->dtype())};
        store.items = ir::volume(y);
        store.operands = {0, cuda::kWorkspace, cuda::kOutput};
        store.n.assign(17, 1);
        store.n[0] = static_cast<int64_t>(rank);
        for (size_t d = 0; d < rank; ++d) store.n[1 + d] = y[d], store.n[9 + d] = inner[d];
        TRY(cuda::addSmall(plan, store));
        plan.workspaceBytes = places * 8;
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, std::move(plan), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_max_unpool_places, CudaMaxUnpool)

}  // namespace lathe::tactics

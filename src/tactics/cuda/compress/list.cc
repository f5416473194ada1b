// SPDX-License-Identifier: Apache-2.0
#include "ops/compress.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/choose.h"

namespace lathe::tactics {
namespace {

class CudaCompress final : public Tactic {
  public:
    constexpr CudaCompress() : Tactic("cuda.compress.list.v1", "compress") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {0, 1});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::CompressAttrs>();
        ir::Dims x = c.dims(*n.input(0));
        int64_t axis = 0;
        if (a.hasAxis)
            axis = fromStart(a.axis, static_cast<int>(x.size()));
        else
            x = {ir::volume(x)};
        AxisSplit s = splitAt(x, axis);
        int64_t elements = std::min(s.n, ir::volume(c.dims(*n.input(1))));
        cuda::KernelPlan plan;
        CudaChoice choice{.type = DType::kBool, .elements = elements, .flags = 1, .list = cuda::kScratch};
        choice.dims = x;
        choice.counted = static_cast<size_t>(axis);
        TRY(addCudaChoice(plan, choice));
        TRY(addCudaTake(plan, s, bitsOf(n.input(0)->dtype()) / 8, axis, elements));
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1}));
        operands.output(cuda::kOutput, 0);
        std::vector<CudaStage> stages;
        stages.push_back({std::move(plan), operands});
        return cudaCountedKernel(c, std::move(stages), std::max<int64_t>(elements, 1) * 8,
                                 {{0, static_cast<int>(x.size())}});
    }
};

}  // namespace

LATHE_TACTIC(cuda_compress_list, CudaCompress)

}  // namespace lathe::tactics

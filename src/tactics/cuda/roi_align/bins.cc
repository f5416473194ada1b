// SPDX-License-Identifier: Apache-2.0
#include "ops/roi_align.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaRoiAlign final : public Tactic {
  public:
    constexpr CudaRoiAlign() : Tactic("cuda.roi_align.bins.v1", "roi_align") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        if (std::string why = cudaFloatRefusal(*anchor.input(1)); !why.empty()) return BindResult::refuse(why);
        if (std::string why = cudaTypeRefusal(*anchor.input(2)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0, 1, 2});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::RoiAlignAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        cuda::SmallKernel k{.file = "sample.cu", .entry = "roiAlign"};
        k.defines = {cudaDefine("T", n.input(0)->dtype()), cudaDefine("I", n.input(2)->dtype()),
                     fmt::format("MODE={}", a.mode == ops::RoiAlignMode::kMax ? 1 : 0)};
        k.items = ir::volume(c.dims(*n.output()));
        k.operands = {0, 1, 2, cuda::kOutput, cuda::kFault};
        k.n = {x[1],          x[2],
               x[3],          a.outputHeight,
               a.outputWidth, a.samplingRatio,
               x[0],          a.coord == ops::RoiAlignCoord::kHalfPixel};
        k.f = {a.spatialScale};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_roi_align_bins, CudaRoiAlign)

}  // namespace lathe::tactics

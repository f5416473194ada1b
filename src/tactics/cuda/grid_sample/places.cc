// SPDX-License-Identifier: Apache-2.0
#include "ops/grid_sample.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaGridSample final : public Tactic {
  public:
    constexpr CudaGridSample() : Tactic("cuda.grid_sample.places.v1", "grid_sample") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        if (std::string why = cudaFloatRefusal(*anchor.input(1)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0, 1});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::GridSampleAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &y = c.dims(*n.output());
        size_t axes = x.size() - 2;
        int64_t places = positionsOf(y), groups = (x[1] + 7) / 8;
        cuda::SmallKernel k{.file = "sample.cu", .entry = "gridSample"};
        k.defines = {cudaDefine("T", n.input(0)->dtype()), cudaDefine("G", n.input(1)->dtype()),
                     fmt::format("MODE={}", static_cast<int>(a.mode)),
                     fmt::format("PADDING={}", static_cast<int>(a.padding)), fmt::format("AXES={}", axes)};
        k.items = x[0] * groups * places;
        k.threads = 128;
        k.operands = {0, 1, cuda::kOutput};
        k.n = {x[1], places};
        for (size_t d = 0; d < 3; ++d) k.n.push_back(d < 3 - axes ? 1 : x[2 + d - (3 - axes)]);
        k.n.push_back(groups);
        k.n.push_back(a.alignCorners);
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_grid_sample_places, CudaGridSample)

}  // namespace lathe::tactics

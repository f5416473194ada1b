// SPDX-License-Identifier: Apache-2.0
#include "ops/hardmax.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaHardmax final : public Tactic {
  public:
    constexpr CudaHardmax() : Tactic("cuda.hardmax.lines.v1", "hardmax") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::HardmaxAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        AxisSplit s = splitAt(x, a.axis);
        cuda::SmallKernel k{.file = "fill.cu", .entry = "scaleLines"};
        k.defines = {cudaDefine("T", n.input(0)->dtype()), "KIND=2"};
        k.items = s.n > 0 ? s.outer * s.inner : 0;
        k.threads = 128;
        k.operands = {0, cuda::kOutput};
        k.n = {s.n, s.inner};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_hardmax_lines, CudaHardmax)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_conv.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaQlinearConv final : public Tactic {
  public:
    constexpr CudaQlinearConv() : Tactic("cuda.qlinear_conv.direct.v1", "qlinear_conv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (!isImageRank(anchor.input(0)->rank()))
            return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are done", anchor.input(0)->rank()));
        return bindCudaAlone(*this, anchor, c, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::QlinearConvAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &w = c.dims(*n.input(3));
        WindowNumbers window = TRY(windowNumbers(a, x, std::span(w).subspan(2)));
        cuda::SmallKernel k{.file = "quant.cu", .entry = "integerConv"};
        k.items = ir::volume(c.dims(*n.output()));
        k.n = {w[1], w[0] / std::max<int64_t>(a.group, 1)};
        for (const auto* list :
             {&window.in, &window.out, &window.kernel, &window.stride, &window.dilation, &window.padBegin})
            k.n.insert(k.n.end(), std::begin(*list), std::end(*list));
        k.n.push_back(a.group);
        auto isOne = [&](int i) { return inputOf(n, i) == nullptr || ir::volume(c.dims(*inputOf(n, i))) == 1; };
        k.n.push_back(isOne(5));
        k.n.push_back(isOne(4));
        k.defines = {cudaDefine("X", n.input(0)->dtype()), cudaDefine("W", n.input(3)->dtype()), "REQUANT=1",
                     fmt::format("SIGNED={}", n.output()->dtype() == DType::kInt8 ? 1 : 0)};
        k.operands = {0, 3, 2, 5, cuda::kOutput, 1, 4, 6, 7, 8};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2, 3, 4, 5, 6, 7, 8}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_qlinear_conv_direct, CudaQlinearConv)

}  // namespace lathe::tactics

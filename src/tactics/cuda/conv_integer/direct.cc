// SPDX-License-Identifier: Apache-2.0
#include "ops/conv_integer.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaConvInteger final : public Tactic {
  public:
    constexpr CudaConvInteger() : Tactic("cuda.conv_integer.direct.v1", "conv_integer") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (!isImageRank(anchor.input(0)->rank()))
            return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are done", anchor.input(0)->rank()));
        return bindCudaAlone(*this, anchor, c, {0, 1, 2, 3});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::ConvIntegerAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &w = c.dims(*n.input(1));
        WindowNumbers window = TRY(windowNumbers(a, x, std::span(w).subspan(2)));
        cuda::SmallKernel k{.file = "quant.cu", .entry = "integerConv"};
        k.items = ir::volume(c.dims(*n.output()));
        k.n = {w[1], w[0] / std::max<int64_t>(a.group, 1)};
        for (const auto* list :
             {&window.in, &window.out, &window.kernel, &window.stride, &window.dilation, &window.padBegin})
            k.n.insert(k.n.end(), std::begin(*list), std::end(*list));
        k.n.push_back(a.group);
        auto isOne = [&](int i) { return inputOf(n, i) == nullptr || ir::volume(c.dims(*inputOf(n, i))) == 1; };
        k.n.push_back(isOne(3));
        k.n.push_back(1);
        k.defines = {cudaDefine("X", n.input(0)->dtype()), cudaDefine("W", n.input(1)->dtype()), "REQUANT=0",
                     "SIGNED=0"};
        k.operands = {0, 1, 2, 3, cuda::kOutput};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2, 3}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_conv_integer_direct, CudaConvInteger)

}  // namespace lathe::tactics

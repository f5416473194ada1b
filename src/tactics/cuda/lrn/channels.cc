// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops/lrn.h"
#include "tactics/cuda/image.h"

namespace lathe::tactics {
namespace {

class CudaLrn final : public Tactic {
  public:
    constexpr CudaLrn() : Tactic("cuda.lrn.channels.v1", "lrn") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        BindResult result;
        for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
            if (layout == Layout::kChannelsLast && !isImageRank(x.rank())) continue;
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            candidate.binding.inputLayouts = candidate.binding.outputLayouts = {layout};
            candidate.estimate = cudaEstimate(
                c.target(), 3.0 * static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x)))));
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::LrnAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        int64_t channels = dims[1], positions = positionsOf(dims);
        bool last = binding.inputLayouts[0] == Layout::kChannelsLast;
        // More than all channels changes nothing but the number that is divided by.
        int64_t size = std::min(a.size, 2 * channels + 2);
        cuda::SmallKernel k{.file = "image.cu", .entry = "lrn"};
        k.defines = {cuda::typeDefine("T", n.input(0)->dtype())};
        k.items = ir::volume(dims);
        k.operands = {0, cuda::kOutput};
        k.n = {channels, positions, size, last ? 1 : positions, last ? channels : 1};
        k.f = {a.alpha / static_cast<double>(a.size), a.beta, a.bias};
        return cudaKernel(c, TRY(cuda::smallPlan(k)), CudaOperands().input(0, 0).output(cuda::kOutput, 0));
    }
};

}  // namespace

LATHE_TACTIC(cuda_lrn_channels, CudaLrn)

}  // namespace lathe::tactics

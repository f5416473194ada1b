// SPDX-License-Identifier: Apache-2.0
// Pooling of every kind, row-major and channels-last.
#include <algorithm>

#include "kernels/cuda/window.h"
#include "ops/pool.h"
#include "tactics/cuda/image.h"

namespace lathe::tactics {
namespace {

class CudaPool final : public Tactic {
  public:
    constexpr CudaPool() : Tactic("cuda.pool.windows.v1", "pool") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        BindResult result;
        for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
            // Places count row-major elements.
            if (layout == Layout::kChannelsLast && anchor.outputCount() > 1) continue;
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            candidate.binding.inputLayouts = {layout};
            candidate.binding.outputLayouts.assign(static_cast<size_t>(anchor.outputCount()), layout);
            double elements = static_cast<double>(ir::volume(c.optDims(x)) + ir::volume(c.optDims(*anchor.output(0))));
            double bytes = elements * (bitsOf(x.dtype()) / 8);
            candidate.estimate = cudaEstimate(c.target(), bytes * (layout == Layout::kLinear ? 2 : 1));
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::PoolAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        WindowNumbers w = TRY(windowNumbers(a, dims, a.kernel));
        ImageExtents extents = imageExtents(dims, binding.inputLayouts[0]);
        CudaOperands operands;
        operands.input(0, 0).output(cuda::kOutput, 0);
        bool places = n.outputCount() > 1;
        bool plain = !places && (a.kind == ops::PoolKind::kMax || a.kind == ops::PoolKind::kAverage);
        if (plain) {
            cuda::PoolShape s;
            s.kind = a.kind == ops::PoolKind::kMax ? cuda::PoolShape::Kind::kMax : cuda::PoolShape::Kind::kAverage;
            s.type = n.input(0)->dtype();
            s.images = extents.images;
            s.vector = extents.vector;
            for (int d = 0; d < 3; ++d) {
                s.in[d] = w.in[d];
                s.out[d] = std::max<int64_t>(w.out[d], 0);
                s.kernel[d] = w.kernel[d];
                s.stride[d] = w.stride[d];
                s.dilation[d] = w.dilation[d];
                s.padBegin[d] = w.padBegin[d];
                s.padEnd[d] = w.padEnd[d];
            }
            s.countPadding = a.countIncludePad;
            return cudaKernel(c, TRY(cuda::pool(s)), operands);
        }
        int kind = places ? 0 : a.kind == ops::PoolKind::kLp ? 1 : 2;
        cuda::SmallKernel k{.file = "image.cu", .entry = "poolAny"};
        DType type = n.input(0)->dtype();
        k.defines = {cuda::typeDefine("T", type), fmt::format("KIND={}", kind),
                     type == DType::kInt8    ? "LOWEST=-128.0f"
                     : type == DType::kUint8 ? "LOWEST=0.0f"
                                             : "LOWEST=-infinity()"};
        k.items = extents.images * extents.vector;
        for (int64_t o : w.out) k.items *= std::max<int64_t>(o, 0);
        k.operands = {0, cuda::kOutput};
        if (places) k.operands.push_back(cuda::kOutput + 1), operands.output(cuda::kOutput + 1, 1);
        k.n = {extents.vector};
        for (const auto* list : {&w.in, &w.out, &w.kernel, &w.stride, &w.dilation, &w.padBegin})
            k.n.insert(k.n.end(), std::begin(*list), std::end(*list));
        for (int d = 0; d < 3; ++d) k.n.push_back(w.in[d] + w.padEnd[d]);
        k.n.push_back(a.countIncludePad);
        k.n.push_back(a.storageOrder);
        k.f = {kind == 1 ? a.p : a.blend};
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_pool_windows, CudaPool)

}  // namespace lathe::tactics

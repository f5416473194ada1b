// SPDX-License-Identifier: Apache-2.0
// The scales first, a warp a block; then every element by the scale that was stored.
#include "ops/block_quantize.h"

#include "ops/common.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/scales.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaBlockQuantize final : public CudaTactic {
  public:
    constexpr CudaBlockQuantize() : CudaTactic("cuda.block_quantize.blocks.v1", "block_quantize") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::BlockQuantizeAttrs>();
        const ir::Value &x = *n.input(0), *g = inputOf(n, 1);
        ir::Dims whole = dims(x), block = TRY(ops::blockExtents(whole, a.block)), counts;
        if (whole.size() > 8) return unsupported("{} dimensions; at most 8 are possible", whole.size());
        for (size_t d = 0; d < whole.size(); ++d) counts.push_back(a.block[d] == -1 ? 1 : whole[d] / block[d]);
        ir::Dims strides = ops::rowMajorStrides(whole), scaleStrides = ops::rowMajorStrides(counts);
        int64_t elements = ir::volume(whole), blocks = ir::volume(counts);

        cuda::SmallKernel k{.file = "quant.cu", .entry = "blockScales"};
        int scaleKind = a.scaleDtype == DType::kFloat ? 0 : a.scaleDtype == DType::kFp8 ? 1 : 2;
        k.defines = {cudaDefine("X", x.dtype()), cudaDefine("G", g ? g->dtype() : DType::kFloat),
                     fmt::format("SCALE_KIND={}", scaleKind)};
        k.items = blocks;
        k.blocks = cuda::ceilDiv(blocks, 8);
        k.operands = {0, 1, cuda::kOutput + 1, cuda::kOutput};
        k.n.assign(40, 1);
        k.n[0] = static_cast<int64_t>(whole.size());
        k.n[1] = ir::volume(block);
        k.n[2] = elements;
        std::copy(counts.begin(), counts.end(), k.n.begin() + 8);
        // An axis without elements is one empty block.
        std::transform(block.begin(), block.end(), k.n.begin() + 16, [](int64_t b) { return std::max<int64_t>(b, 1); });
        std::copy(strides.begin(), strides.end(), k.n.begin() + 24);
        std::copy(scaleStrides.begin(), scaleStrides.end(), k.n.begin() + 32);
        k.f = {static_cast<double>(ops::largestQuantized(a.outputDtype))};
        CudaWork work;
        auto add = [&]() -> Status {
            auto& stage = work.add(TRY(cuda::smallPlan(k))).value(0, x);
            if (g) stage.value(1, *g);
            stage.output(cuda::kOutput, 0).output(cuda::kOutput + 1, 1);
            return {};
        };
        if (blocks > 0) TRY(add());
        if (elements == 0) return work;
        k.entry = "blockQuantize";
        int kind = a.outputDtype == DType::kInt8 ? 0 : a.outputDtype == DType::kFp8 ? 3 : 5;
        k.defines = {cudaDefine("X", x.dtype()), cudaDefine("G", g ? g->dtype() : DType::kFloat),
                     "S=" + cudaQuantType(a.scaleDtype), fmt::format("KIND={}", kind)};
        k.items = kind == 5 ? (elements + 1) / 2 : elements;
        k.blocks = 0;
        TRY(add());
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_block_quantize_blocks, CudaBlockQuantize)

}  // namespace lathe::tactics

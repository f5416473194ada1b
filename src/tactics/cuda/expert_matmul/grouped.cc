// SPDX-License-Identifier: Apache-2.0
// Rows are brought into the order of their experts, then each expert's go through its matrix in tiles: of eight rows
// where an expert has few, so that what counts is reading the matrix once.
#include "ops/expert_matmul.h"

#include "tactics/cuda/alone.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaExpertMatmul final : public CudaTactic {
  public:
    constexpr CudaExpertMatmul() : CudaTactic("cuda.expert_matmul.grouped.v1", "expert_matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        ops::ExpertProduct p = shapeOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        double flops = 2.0 * static_cast<double>(p.rows) * static_cast<double>(p.depth) * static_cast<double>(p.width);
        offer(bindNode(*this, anchor), c, result, flops);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &choice = *n.input(1), &w = *n.input(2), *bias = inputOf(n, 3);
        ops::ExpertProduct p = shapeOf(n, dims);
        CudaWork work;
        if (p.rows == 0 || p.width == 0) return work;
        if (p.rows > INT32_MAX) return unsupported("{} rows", p.rows);
        int64_t order = (std::max<int64_t>(p.experts, 1) * 4 + 4 + 255) / 256 * 256;
        work.scratchBytes = order + p.rows * 4;
        auto small = [&](const char* entry) { return cuda::SmallKernel{.file = "experts.cu", .entry = entry}; };

        cuda::SmallKernel none = small("expertNone");
        none.defines = {cudaDefine("I", choice.dtype()), cudaDefine("T", x.dtype())};
        none.items = p.rows;
        none.operands = {0, cuda::kOutput};
        none.n = {p.experts, p.width};
        work.add(TRY(cuda::smallPlan(none))).value(0, choice).output(cuda::kOutput, 0);
        if (p.experts == 0) return work;

        cuda::SmallKernel sort = small("expertOrder");
        sort.defines = {cudaDefine("I", choice.dtype())};
        sort.items = sort.blocks = p.experts;
        sort.operands = {0, 1, 2};
        sort.n = {p.rows, p.experts};
        work.add(TRY(cuda::smallPlan(sort))).value(0, choice).scratch(1).scratch(2, order);

        bool few = p.rows <= 8 * p.experts;
        int64_t height = few ? 8 : 64, columns = cuda::ceilDiv(p.width, 64);
        cuda::SmallKernel product = small("expertProduct");
        product.defines = {cudaDefine("T", x.dtype()), fmt::format("TM={}", few ? 1 : 4),
                           fmt::format("TN={}", few ? 2 : 4), fmt::format("BK={}", few ? 32 : 16)};
        // Every expert may end with a tile that is not full.
        product.items = product.blocks = (p.rows / height + std::min(p.experts, p.rows)) * columns;
        product.operands = {0, 1, 2, 3, 4, cuda::kOutput};
        product.n = {p.experts, p.depth, p.width, columns, p.shared};
        auto& stage = work.add(TRY(cuda::smallPlan(product))).value(0, x).value(1, w);
        if (bias) stage.value(2, *bias);
        stage.scratch(3).scratch(4, order).output(cuda::kOutput, 0);
        return work;
    }

  private:
    static ops::ExpertProduct shapeOf(const ir::Node& n, const DimsOf& dims) {
        return ops::expertProduct(dims(*n.input(0)), dims(*n.input(1)), dims(*n.input(2)));
    }
};

}  // namespace

LATHE_TACTIC(cuda_expert_matmul_grouped, CudaExpertMatmul)

}  // namespace lathe::tactics

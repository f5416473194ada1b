// SPDX-License-Identifier: Apache-2.0
// Products of integers, and of more batches than the tiles' kernels take, an element a thread.
#include "kernels/cuda/generate.h"
#include "ops/common.h"
#include "ops/matmul.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

class CudaPlainMatmul final : public CudaTactic {
  public:
    constexpr CudaPlainMatmul() : CudaTactic("cuda.matmul.plain.v1", "matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& attrs = anchor.attrs<ops::MatmulAttrs>();
        auto shape = matmulShape(anchor.input(0)->dtype(), attrs.transposeA, attrs.transposeB,
                                 c.maxDims(*anchor.input(0)), c.maxDims(*anchor.input(1)));
        if (shape.ok() && cuda::gemm(*shape, {}, 0, 1, kernelTarget(c.target())).ok())
            return BindResult::refuse("it is left to the kernels of tiles");
        return offerNode(anchor, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::MatmulAttrs>();
        ir::Dims a = dims(*n.input(0)), b = dims(*n.input(1)), y = dims(*n.output());
        bool row = a.size() == 1, column = b.size() == 1;
        if (row) a.insert(a.begin(), 1);
        if (column) b.push_back(1);
        ir::Dims sa = ops::rowMajorStrides(a), sb = ops::rowMajorStrides(b);
        // As if every operand had its axes in the order [batch…, m, k] and [batch…, k, n].
        auto flip = [](ir::Dims& dims, ir::Dims& strides) {
            std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
            std::swap(strides[strides.size() - 1], strides[strides.size() - 2]);
        };
        if (attrs.transposeA) flip(a, sa);
        if (attrs.transposeB) flip(b, sb);
        size_t batch = std::max(a.size(), b.size()) - 2;
        cuda::ContractShape s;
        s.type = n.output()->dtype();
        s.strides.resize(2);
        auto batchStride = [&](const ir::Dims& dims, const ir::Dims& strides, size_t d) -> int64_t {
            size_t missing = batch + 2 - dims.size();
            return d < missing || dims[d - missing] == 1 ? 0 : strides[d - missing];
        };
        for (size_t d = 0; d < batch; ++d) {
            s.outputDims.push_back(y[d]);
            s.strides[0].push_back(batchStride(a, sa, d));
            s.strides[1].push_back(batchStride(b, sb, d));
        }
        s.outputDims.push_back(a[a.size() - 2]);
        s.outputDims.push_back(b.back());
        s.sumDims = {a.back()};
        for (int64_t stride : {sa[sa.size() - 2], int64_t{0}, sa.back()}) s.strides[0].push_back(stride);
        for (int64_t stride : {int64_t{0}, sb.back(), sb[sb.size() - 2]}) s.strides[1].push_back(stride);
        CudaWork work;
        work.add(TRY(cuda::contract(s))).value(0, *n.input(0)).value(1, *n.input(1)).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_matmul_plain, CudaPlainMatmul)

}  // namespace lathe::tactics

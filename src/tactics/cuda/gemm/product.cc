// SPDX-License-Identifier: Apache-2.0
// alpha A' B' + beta C as one product: C is a bias where it is a row, a residual where it is whole, else added by a
// launch of its own. params: {tile, splits}.
#include "ops/gemm.h"

#include <algorithm>
#include <cstring>

#include "kernels/cuda/pointwise.h"
#include "ops/common.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

constexpr size_t kGemmTilesOffered = 6;
constexpr const char* kScaledRow = "cuda_gemm_c.v1";

enum class Addend { kNone, kPackedRow, kRow, kWhole, kOther };

Addend addendOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::GemmAttrs>();
    const ir::Value* c = inputOf(n, 2);
    if (!c || a.beta == 0) return Addend::kNone;
    const ir::Shape& y = n.output()->shape();
    const ir::Dim& columns = y[1];
    bool oneRow = true;
    for (int d = 0; d + 1 < c->rank(); ++d) oneRow = oneRow && c->shape()[static_cast<size_t>(d)] == ir::Dim(1);
    bool row = oneRow && c->rank() > 0 && c->shape().back() == columns;
    if (row && a.beta == 1) return Addend::kRow;
    if (c->isConstant() && oneRow && columns.isConstant()) return Addend::kPackedRow;
    if (!c->isConstant() && a.beta == 1 && c->shape() == y) return Addend::kWhole;
    return Addend::kOther;
}

Result<cuda::GemmShape> gemmShapeOf(const ir::Node& n, const DimsOf& dims) {
    const auto& attrs = n.attrs<ops::GemmAttrs>();
    ir::Dims b = dims(*n.input(1));
    bool packed = wantsTransposedB(*n.input(1), attrs.transB);
    if (packed) std::swap(b[0], b[1]);
    return matmulShape(n.input(0)->dtype(), attrs.transA, attrs.transB || packed, dims(*n.input(0)), b);
}

// What follows may be taken along, unless C has its place.
std::vector<EpilogueMatch> matchesOf(const ir::Node& n, Addend addend) {
    bool free = addend == Addend::kNone || addend == Addend::kPackedRow || addend == Addend::kRow;
    std::vector<EpilogueMatch> list = matchEpilogues(*n.output(), 1, addend != Addend::kNone);
    if (!free) list.resize(1);
    // A bias from the graph behind it would have to be repeated here.
    std::erase_if(list, [&](const EpilogueMatch& m) {
        return m.bias && ir::volume(ir::constantDims(m.bias->shape())) == 1 && !(n.output()->shape()[1] == ir::Dim(1));
    });
    return list;
}

class CudaGemmProduct final : public CudaTactic {
  public:
    constexpr CudaGemmProduct() : CudaTactic("cuda.gemm.product.v1", "gemm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &a = *anchor.input(0), &b = *anchor.input(1);
        auto optimum = [&](const ir::Value& v) { return c.optDims(v); };
        auto shape = gemmShapeOf(anchor, optimum);
        if (!shape.ok()) return BindResult::refuse(shape.status().message());
        auto ranked = cuda::rankGemm(*shape, c.relaxed(), kernelTarget(c.target()));
        if (ranked.empty()) ranked.push_back({cuda::chooseGemm(*shape, c.relaxed(), kernelTarget(c.target())), 1e-3});
        if (ranked.size() > kGemmTilesOffered) ranked.resize(kGemmTilesOffered);
        Addend addend = addendOf(anchor);
        BindResult result;
        for (const EpilogueMatch& m : matchesOf(anchor, addend)) {
            Binding x;
            x.tactic = this;
            x.nodes = {&anchor};
            x.nodes.insert(x.nodes.end(), m.nodes.begin(), m.nodes.end());
            bool packedRow = addend == Addend::kPackedRow || addend == Addend::kNone;
            x.inputs = runtimeInputs({&a, &b, packedRow ? nullptr : inputOf(anchor, 2), m.residual});
            x.outputs = {m.result};
            x.inputLayouts.assign(x.inputs.size(), Layout::kLinear);
            x.outputLayouts = {Layout::kLinear};
            if (wantsTransposedB(b, anchor.attrs<ops::GemmAttrs>().transB)) x.packed.push_back(transposedB(b));
            if (addend == Addend::kPackedRow) {
                int64_t columns = anchor.output()->shape()[1].value();
                x.packed.push_back({{inputOf(anchor, 2)},
                                    fmt::format("{}:{}:{}", kScaledRow, columns, anchor.attrs<ops::GemmAttrs>().beta),
                                    columns * 4});
            }
            for (const cuda::RankedTile& tile : ranked) {
                x.params = {tile.choice.tile, tile.choice.splits};
                size_t before = result.candidates.size();
                offer(x, c, result);
                if (result.candidates.size() > before) result.candidates.back().estimate = tile.seconds;
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int i, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        const PackedWeights& w = binding.packed[static_cast<size_t>(i)];
        if (!w.kind.starts_with(kScaledRow)) return packProductWeights(w, sources, out);
        const ir::Value& c = *w.sources[0];
        auto beta = static_cast<float>(binding.nodes[0]->attrs<ops::GemmAttrs>().beta);
        auto* to = reinterpret_cast<float*>(out.data());
        size_t columns = out.size() / 4;
        size_t count = sources[0].size() / static_cast<size_t>(bitsOf(c.dtype()) / 8);
        if (count != 1 && count != columns) return internalError("{} numbers for {} columns", count, columns);
        for (size_t j = 0; j < columns; ++j) {
            size_t at = count == 1 ? 0 : j;
            const std::byte* p = sources[0].data();
            float v = c.dtype() == DType::kHalf   ? static_cast<float>(reinterpret_cast<const Half*>(p)[at])
                      : c.dtype() == DType::kBf16 ? static_cast<float>(reinterpret_cast<const BFloat16*>(p)[at])
                                                  : reinterpret_cast<const float*>(p)[at];
            to[j] = beta * v;
        }
        return {};
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::GemmAttrs>();
        Addend addend = addendOf(n);
        auto matches = matchesOf(n, addend);
        auto m = std::find_if(matches.begin(), matches.end(),
                              [&](const EpilogueMatch& x) { return x.result == binding.outputs[0]; });
        if (m == matches.end()) return internalError("the binding's nodes don't form an epilogue");
        cuda::GemmShape shape = TRY(gemmShapeOf(n, dims));
        cuda::Epilogue e;
        e.accScale = static_cast<float>(attrs.alpha);
        e.activation = m->activation;
        e.alpha = m->alpha;
        e.beta = m->beta;
        e.residualAfter = m->residualAfter;
        ProductOperands operands{n.input(0), n.input(1), m->bias, m->residual, -1, -1};
        int packed = 0;
        if (wantsTransposedB(*n.input(1), attrs.transB)) operands.packedB = packed++;
        if (addend == Addend::kPackedRow) {
            operands.packedBias = packed;
            e.bias = DType::kFloat;
        }
        if (addend == Addend::kRow) operands.bias = inputOf(n, 2);
        if (addend == Addend::kWhole) operands.residual = inputOf(n, 2);
        if (operands.bias) e.bias = operands.bias->dtype();
        if (operands.residual) e.residual = operands.residual->dtype();
        ir::Dims to = dims(*n.output());
        bool other = addend == Addend::kOther && ir::volume(to) > 0;
        // The product in f32, so that it is rounded once.
        if (other) shape.outType = DType::kFloat;
        CudaWork work = TRY(productWork(shape, e, operands, binding.params, target, other));
        if (!other) return work;
        work.scratchBytes = 4 * ir::volume(to);
        const ir::Value& c = *inputOf(n, 2);
        kernels::PointwiseProgram p;
        int y = p.input(DType::kFloat), addition = p.input(c.dtype());
        if (attrs.beta != 1)
            addition = p.binary(kernels::PwOp::kMul, addition, p.constant(static_cast<float>(attrs.beta)));
        p.output(p.binary(kernels::PwOp::kAdd, y, addition), n.output()->dtype());
        ir::Dims own = ops::rowMajorStrides(to), others = ops::broadcastStrides(dims(c), to);
        std::span<const int64_t> in[] = {own, others}, out[] = {own};
        work.add(TRY(cuda::pointwise(p, to, in, out))).scratch(0).value(1, c).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_gemm_product, CudaGemmProduct)

}  // namespace lathe::tactics

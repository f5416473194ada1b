// SPDX-License-Identifier: Apache-2.0
// Matrix product by our own kernels, with bias, residual and activation at the store. Constant right operands of 16
// bits are packed as [n, k]. params: {tile, splits}.
#include <algorithm>

#include "ops/cast.h"
#include "ops/matmul.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

// Tiles that are worth measuring for each set of nodes.
constexpr size_t kTilesOffered = 6;

// Columns of the product, if the result has them as an axis: a bias has one value each.
int matmulColumnAxis(const ir::Node& n) { return n.input(1)->rank() == 1 ? -1 : n.output()->rank() - 1; }

Result<cuda::GemmShape> matmulShapeOf(const ir::Node& n, const DimsOf& dims) {
    const auto& attrs = n.attrs<ops::MatmulAttrs>();
    const ir::Value &a = *n.input(0), &b = *n.input(1);
    ir::Dims db = dims(b);
    if (!wantsTransposedB(b, attrs.transposeB))
        return matmulShape(a.dtype(), attrs.transposeA, attrs.transposeB, dims(a), db);
    std::swap(db[db.size() - 1], db[db.size() - 2]);
    return matmulShape(a.dtype(), attrs.transposeA, true, dims(a), db);
}

class CudaGemm final : public CudaTactic {
  public:
    constexpr CudaGemm() : CudaTactic("cuda.matmul.gemm.v1", "matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &a = *anchor.input(0), &b = *anchor.input(1);
        auto optimum = [&](const ir::Value& v) { return c.optDims(v); };
        auto shape = matmulShapeOf(anchor, optimum);
        if (!shape.ok()) return BindResult::refuse(shape.status().message());
        bool transposed = wantsTransposedB(b, anchor.attrs<ops::MatmulAttrs>().transposeB);
        auto ranked = cuda::rankGemm(*shape, c.relaxed(), kernelTarget(c.target()));
        if (ranked.empty()) ranked.push_back({cuda::chooseGemm(*shape, c.relaxed(), kernelTarget(c.target())), 1e-3});
        if (ranked.size() > kTilesOffered) ranked.resize(kTilesOffered);
        BindResult result;
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), matmulColumnAxis(anchor), false)) {
            Binding x;
            x.tactic = this;
            x.nodes = {&anchor};
            x.nodes.insert(x.nodes.end(), m.nodes.begin(), m.nodes.end());
            x.inputs = runtimeInputs({&a, &b, m.residual});
            x.outputs = {m.result};
            x.inputLayouts.assign(x.inputs.size(), Layout::kLinear);
            x.outputLayouts = {Layout::kLinear};
            if (transposed) x.packed.push_back(transposedB(b));
            if (m.bias && isScalar(*m.bias, *anchor.output(), matmulColumnAxis(anchor))) {
                const ir::Dim& columns = anchor.output()->shape().back();
                if (!columns.isConstant()) break;
                x.packed.push_back(repeatedScalar(*m.bias, columns.value()));
            }
            if (m.residual && m.residual != &a && m.residual != &b)
                for (size_t i = 0; i < x.inputs.size(); ++i)
                    if (x.inputs[i] == m.residual) x.inPlace.push_back({0, static_cast<int>(i)});
            auto offerTiles = [&] {
                for (const cuda::RankedTile& tile : ranked) {
                    x.params = {tile.choice.tile, tile.choice.splits};
                    size_t before = result.candidates.size();
                    offer(x, c, result);
                    if (result.candidates.size() > before) result.candidates.back().estimate = tile.seconds;
                }
            };
            offerTiles();
            if (const ir::Node* cast = castAfter(*m.result, c)) {
                x.nodes.push_back(cast);
                x.outputs = {cast->output()};
                x.inPlace.clear();
                offerTiles();
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int i, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        return packProductWeights(binding.packed[static_cast<size_t>(i)], sources, out);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        int axis = matmulColumnAxis(n);
        // The result may be stored in the type of a cast that follows.
        const ir::Value& y = *binding.outputs[0];
        bool isCast = &y.producer()->op() == ops::op_cast;
        const ir::Value& result = isCast ? *y.producer()->input(0) : y;
        EpilogueMatch m = TRY(findEpilogue(*n.output(), result, axis, false));
        cuda::GemmShape shape = TRY(matmulShapeOf(n, dims));
        shape.outType = y.dtype();
        cuda::Epilogue e;
        e.activation = m.activation;
        e.alpha = m.alpha;
        e.beta = m.beta;
        e.residualAfter = m.residualAfter;
        if (m.bias) e.bias = m.bias->dtype();
        if (m.residual) e.residual = m.residual->dtype();
        ProductOperands operands{n.input(0), n.input(1), m.bias, m.residual, -1, -1};
        int packed = 0;
        if (wantsTransposedB(*n.input(1), n.attrs<ops::MatmulAttrs>().transposeB)) operands.packedB = packed++;
        if (m.bias && isScalar(*m.bias, *n.output(), axis)) operands.packedBias = packed;
        return productWork(shape, e, operands, binding.params, target);
    }

  private:
    // A cast to another floating type that alone reads the value.
    static const ir::Node* castAfter(const ir::Value& v, const BindContext& c) {
        const ir::Node* n = c.onlyUser(v);
        if (!n || &n->op() != ops::op_cast || n->parent() != v.producer()->parent()) return nullptr;
        return isReal(n->output()->dtype()) && n->output()->dtype() != v.dtype() ? n : nullptr;
    }
    // One number for several columns.
    static bool isScalar(const ir::Value& bias, const ir::Value& like, int axis) {
        if (ir::volume(ir::constantDims(bias.shape())) != 1) return false;
        return axis >= 0 && !(like.shape()[static_cast<size_t>(axis)] == ir::Dim(1));
    }
};

}  // namespace

LATHE_TACTIC(cuda_matmul_gemm, CudaGemm)

}  // namespace lathe::tactics

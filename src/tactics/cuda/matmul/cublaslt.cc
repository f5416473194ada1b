// SPDX-License-Identifier: Apache-2.0
// Matrix product by cuBLASLt, with bias, residual, ReLU or tanh-GELU at the store. params: {rank of the heuristics'
// choices; 1 where f32 may be rounded to TF32}.
#include "ops/matmul.h"

#include "tactics/common/operands.h"
#include "tactics/cuda/lt.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

Result<cuda::GemmShape> ltShapeOf(const ir::Node& n, const DimsOf& dims) {
    const auto& a = n.attrs<ops::MatmulAttrs>();
    return matmulShape(n.input(0)->dtype(), a.transposeA, a.transposeB, dims(*n.input(0)), dims(*n.input(1)));
}

int ltColumnAxis(const ir::Node& n) { return n.input(1)->rank() == 1 ? -1 : n.output()->rank() - 1; }

class LtMatmul final : public Tactic {
  public:
    constexpr LtMatmul() : Tactic("cuda.matmul.cublaslt.v1", "matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto shape = ltShapeOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        if (!shape.ok()) return BindResult::refuse(shape.status().message());
        if (auto largest = ltShapeOf(anchor, [&](const ir::Value& v) { return c.maxDims(v); }); !largest.ok())
            return BindResult::refuse(largest.status().message());
        auto ranked = cuda::rankGemm(*shape, c.relaxed(), kernelTarget(c.target()));
        double seconds = ranked.empty() ? 1e-3 : ranked[0].seconds;
        BindResult result;
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), ltColumnAxis(anchor), false)) {
            if (std::string why = whyNoLt(c.target(), *shape, m); !why.empty()) {
                result.refusals.push_back(std::move(why));
                continue;
            }
            if (m.bias && ir::volume(ir::constantDims(m.bias->shape())) != shape->n) {
                result.refusals.push_back("cuBLASLt wants a number for each column");
                continue;
            }
            // Its bias goes with one product of a batch after the other, all the same.
            offerLt(*this, anchor, m, seconds, c.relaxed(), result);
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        EpilogueMatch m = TRY(findEpilogue(*n.output(), *binding.outputs[0], ltColumnAxis(n), false));
        cuda::GemmShape shape = TRY(ltShapeOf(n, [&](const ir::Value& v) { return c.dims(v); }));
        return makeLt(shape, m, {n.input(0), n.input(1), m.bias, m.residual}, binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cuda_matmul_cublaslt, LtMatmul)

}  // namespace lathe::tactics

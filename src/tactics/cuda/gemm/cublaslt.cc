// SPDX-License-Identifier: Apache-2.0
// A' B' + C by cuBLASLt, where C is a constant row (its bias) or whole (added to the product). params as matmul's.
#include "ops/gemm.h"

#include <algorithm>

#include "tactics/common/operands.h"
#include "tactics/cuda/lt.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

Result<cuda::GemmShape> ltGemmShape(const ir::Node& n, const DimsOf& dims) {
    const auto& a = n.attrs<ops::GemmAttrs>();
    return matmulShape(n.input(0)->dtype(), a.transA, a.transB, dims(*n.input(0)), dims(*n.input(1)));
}

// What follows, with C in its place.
std::vector<EpilogueMatch> ltGemmMatches(const ir::Node& n) {
    const auto& a = n.attrs<ops::GemmAttrs>();
    const ir::Value* c = a.beta == 0 ? nullptr : inputOf(n, 2);
    if (a.alpha != 1 || (c && a.beta != 1)) return {};
    if (c && !c->isConstant()) {
        if (!(c->shape() == n.output()->shape())) return {};
        std::vector<EpilogueMatch> one(1);
        one[0].result = n.output();
        one[0].residual = c;
        return one;
    }
    std::vector<EpilogueMatch> list = matchEpilogues(*n.output(), 1, c != nullptr);
    for (EpilogueMatch& m : list) {
        if (c) m.bias = c;
        if (!m.bias) continue;
        // A number for each column.
        const ir::Shape& s = m.bias->shape();
        bool row =
            !s.empty() && s.back() == n.output()->shape()[1] && ir::volume(ir::constantDims(s)) == s.back().valueOr(-1);
        if (!row) return {};
    }
    return list;
}

class LtGemm final : public Tactic {
  public:
    constexpr LtGemm() : Tactic("cuda.gemm.cublaslt.v1", "gemm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto shape = ltGemmShape(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        if (!shape.ok()) return BindResult::refuse(shape.status().message());
        auto ranked = cuda::rankGemm(*shape, c.relaxed(), kernelTarget(c.target()));
        double seconds = ranked.empty() ? 1e-3 : ranked[0].seconds;
        std::vector<EpilogueMatch> matches = ltGemmMatches(anchor);
        if (matches.empty()) return BindResult::refuse("cuBLASLt has no place for its factors or its C");
        BindResult result;
        for (const EpilogueMatch& m : matches) {
            if (std::string why = whyNoLt(c.target(), *shape, m); !why.empty()) {
                result.refusals.push_back(std::move(why));
                continue;
            }
            offerLt(*this, anchor, m, seconds, c.relaxed(), result);
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto matches = ltGemmMatches(n);
        auto m = std::find_if(matches.begin(), matches.end(),
                              [&](const EpilogueMatch& x) { return x.result == binding.outputs[0]; });
        if (m == matches.end()) return internalError("the binding's nodes don't form an epilogue");
        cuda::GemmShape shape = TRY(ltGemmShape(n, [&](const ir::Value& v) { return c.dims(v); }));
        return makeLt(shape, *m, {n.input(0), n.input(1), m->bias, m->residual}, binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cuda_gemm_cublaslt, LtGemm)

}  // namespace lathe::tactics

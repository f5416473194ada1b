// SPDX-License-Identifier: Apache-2.0
// Queries, keys and values that are products of one value with constant matrices become one product with the matrices
// side by side, cut into its parts afterwards: one large product instead of three, whose parts attention reads in
// place.
#include <algorithm>

#include "ir/infer.h"
#include "ops/binary.h"
#include "ops/matmul.h"
#include "ops/movement.h"
#include "ops/split.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

// x w + bias, read by nobody but what leads to one attention node.
struct Projection {
    ir::Value* result = nullptr;
    ir::Node *product = nullptr, *sum = nullptr;
    ir::Value *x = nullptr, *w = nullptr, *bias = nullptr;
    bool transposed = false;
};

std::optional<Projection> projectionOf(ir::Value* v, const ir::Region* region) {
    while (v->hasOneUse() && v->producer() && v->producer()->parent() == region && v->producer()->outputCount() == 1 &&
           (v->producer()->op().is(ir::Op::kView) || isOp(v->producer(), "transpose")))
        v = v->producer()->input(0);
    if (!v->hasOneUse() || !v->producer() || v->producer()->parent() != region || v->dtype() != DType::kFloat)
        return std::nullopt;
    Projection p;
    p.result = v;
    if (isOp(v->producer(), "binary") && v->producer()->attrs<ops::BinaryAttrs>().kind == ops::BinaryKind::kAdd) {
        p.sum = v->producer();
        for (int i = 0; i < 2 && !p.product; ++i) {
            ir::Value *product = p.sum->input(i), *bias = p.sum->input(1 - i);
            if (!madeBy(product, "matmul") || !product->hasOneUse() || !bias->isConstant() || bias->rank() != 1)
                continue;
            if (!(product->type() == v->type()) || !(bias->shape()[0] == v->shape().back())) continue;
            p.product = product->producer();
            p.bias = bias;
        }
    } else if (isOp(v->producer(), "matmul")) {
        p.product = v->producer();
    }
    if (!p.product || p.product->parent() != region) return std::nullopt;
    const auto& a = p.product->attrs<ops::MatmulAttrs>();
    p.x = p.product->input(0);
    p.w = p.product->input(1);
    p.transposed = a.transposeB;
    if (a.transposeA || !p.w->isConstant() || p.w->rank() != 2 || p.x->rank() < 2) return std::nullopt;
    return p;
}

Result<bool> mergeThose(ir::Node& at, const std::vector<Projection>& parts) {
    const Projection& first = parts[0];
    bool biased = std::any_of(parts.begin(), parts.end(), [](const Projection& p) { return p.bias; });
    // Before the first of them nothing reads a result yet, and what they read is made by then.
    ir::Region& region = *at.parent();
    ir::Node* earliest = nullptr;
    for (const Projection& p : parts)
        if (!earliest || region.indexOf(p.product) < region.indexOf(earliest)) earliest = p.product;
    Rewriter r(*earliest);
    std::vector<ir::Value*> weights, biases;
    std::vector<int64_t> sizes;
    for (const Projection& p : parts) {
        r.alsoFrom(*p.product);
        if (p.sum) r.alsoFrom(*p.sum);
        weights.push_back(p.w);
        sizes.push_back(p.result->shape().back().value());
        biases.push_back(p.bias ? p.bias
                                : r.constant(ir::makeWeights<float>(
                                      {sizes.back()}, std::vector<float>(static_cast<size_t>(sizes.back()), 0.f))));
    }
    ir::Value* w = TRY(r.emit("concat", fmt::format("axis={}", first.transposed ? 0 : 1), weights));
    ir::Value* y = TRY(r.emit("matmul", fmt::format("transpose_b={}", first.transposed), {first.x, w}));
    if (biased) y = TRY(r.emit("binary", "kind=add", {y, TRY(r.emit("concat", "axis=0", biases))}));
    auto attrs = std::make_unique<ops::SplitAttrs>();
    attrs->axis = -1;
    ir::Node* split = region.append(*ops::op_split, std::move(attrs), {y, r.integers(sizes)},
                                    static_cast<int>(parts.size()), earliest->name(), earliest);
    joinOrigins(*split, *y->producer());
    TRY(ir::inferNode(*split));
    for (size_t i = 0; i < parts.size(); ++i) {
        if (!(split->output(static_cast<int>(i))->type() == parts[i].result->type()))
            return internalError("a merged projection has the type {}",
                                 ir::toString(split->output(static_cast<int>(i))->type()));
        Rewriter::replace(*parts[i].result, *split->output(static_cast<int>(i)));
    }
    return true;
}

Result<bool> visit(ir::Node& n) {
    if (!isOp(&n, "attention") || n.output()->uses().empty()) return false;
    std::vector<Projection> all;
    for (int i = 0; i < 3; ++i)
        if (auto p = projectionOf(n.input(i), n.parent())) all.push_back(*p);
    for (size_t i = 0; i < all.size(); ++i) {
        std::vector<Projection> parts;
        for (const Projection& p : all)
            if (p.x == all[i].x && p.transposed == all[i].transposed && p.result->shape().back().isConstant())
                parts.push_back(p);
        for (size_t k = 0; k < parts.size(); ++k)
            for (size_t m = k + 1; m < parts.size(); ++m)
                if (parts[k].result == parts[m].result) return false;
        if (parts.size() > 1) return mergeThose(n, parts);
    }
    return false;
}

}  // namespace

Result<bool> mergeProjections(ir::Graph& graph) {
    bool changed = TRY(forEach(graph, visit));
    if (changed) {
        TRY(removeUnused(graph));
        TRY(foldConstants(graph));
        TRY(removeUnused(graph));
    }
    return changed;
}

}  // namespace lathe::passes

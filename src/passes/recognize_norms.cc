// SPDX-License-Identifier: Apache-2.0
// Layer and root-mean-square normalization that are written out become one node, with the product and the sum after
// them.
#include <algorithm>

#include "ops/binary.h"
#include "ops/movement.h"
#include "ops/reduce.h"
#include "ops/unary.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

using ops::BinaryKind;
using ops::UnaryKind;

const ir::Node* binaryOf(const ir::Value* v, BinaryKind kind) {
    const ir::Node* n = madeBy(v, "binary");
    return n && n->attrs<ops::BinaryAttrs>().kind == kind ? n : nullptr;
}

const ir::Node* unaryOf(const ir::Value* v, UnaryKind kind) {
    const ir::Node* n = madeBy(v, "unary");
    return n && n->attrs<ops::UnaryAttrs>().kind == kind ? n : nullptr;
}

// x of mean(x) over all axes from `axis` on, which stay with extent 1.
struct Mean {
    ir::Value* x;
    int axis;
};
std::optional<Mean> meanOf(const ir::Value* v) {
    const ir::Node* n = madeBy(v, "reduce");
    if (!n) return std::nullopt;
    const auto& a = n->attrs<ops::ReduceAttrs>();
    if (a.kind != ops::ReduceKind::kMean || !a.keepDims) return std::nullopt;
    std::vector<int64_t> axes = a.axes;
    if (n->input(1)) {
        auto given = ops::knownIntegers(n->input(1));
        if (!given) return std::nullopt;
        axes = *given;
    }
    int rank = n->input(0)->rank();
    for (int64_t& d : axes) d += d < 0 ? rank : 0;
    std::sort(axes.begin(), axes.end());
    if (axes.empty()) return std::nullopt;
    for (size_t i = 0; i < axes.size(); ++i)
        if (axes[i] != rank - static_cast<int64_t>(axes.size() - i)) return std::nullopt;
    return Mean{n->input(0), static_cast<int>(axes[0])};
}

// v when it is sqrt(of); the node's own output must have no other reader.
const ir::Value* rootOf(const ir::Value* v) {
    if (const ir::Node* n = unaryOf(v, UnaryKind::kSqrt)) return n->input(0);
    if (const ir::Node* n = binaryOf(v, BinaryKind::kPow); n && scalarOf(n->input(1)) == 0.5) return n->input(0);
    return nullptr;
}
// t of 1 / sqrt(t)
const ir::Value* inverseRootOf(const ir::Value* v) {
    const ir::Value* root = nullptr;
    if (const ir::Node* n = unaryOf(v, UnaryKind::kReciprocal)) root = n->input(0);
    if (const ir::Node* n = binaryOf(v, BinaryKind::kDiv); n && scalarOf(n->input(0)) == 1.0) root = n->input(1);
    if (root) return root->hasOneUse() ? rootOf(root) : nullptr;
    if (const ir::Node* n = binaryOf(v, BinaryKind::kPow); n && scalarOf(n->input(1)) == -0.5) return n->input(0);
    return nullptr;
}

struct Norm {
    ir::Value* x;
    int axis;
    double epsilon;
    bool rms;
};

// d / sqrt(mean(d^2) + epsilon), where t is what is under the root.
std::optional<Norm> normOf(ir::Value* d, const ir::Value* t) {
    const ir::Node* sum = binaryOf(t, BinaryKind::kAdd);
    if (!sum || !t->hasOneUse()) return std::nullopt;
    std::optional<double> epsilon;
    std::optional<Mean> mean;
    for (int i = 0; i < 2 && !mean; ++i) {
        epsilon = scalarOf(sum->input(1 - i));
        if (epsilon && sum->input(i)->hasOneUse()) mean = meanOf(sum->input(i));
    }
    if (!mean || !mean->x->hasOneUse() || !(*epsilon >= 0)) return std::nullopt;
    const ir::Node *product = binaryOf(mean->x, BinaryKind::kMul), *power = binaryOf(mean->x, BinaryKind::kPow);
    if (product ? product->input(0) != d || product->input(1) != d
                : !power || power->input(0) != d || scalarOf(power->input(1)) != 2.0)
        return std::nullopt;
    if (mean->axis >= d->rank() || !(mean->x->type() == d->type())) return std::nullopt;
    Norm norm{d, mean->axis, *epsilon, true};
    const ir::Node* difference = binaryOf(d, BinaryKind::kSub);
    if (!difference || difference->input(0)->type() != d->type()) return norm;
    auto centre = meanOf(difference->input(1));
    // Everybody who reads d is part of this: the square (once or twice) and the quotient.
    if (!centre || centre->x != difference->input(0) || centre->axis != mean->axis ||
        !difference->input(1)->hasOneUse() || d->uses().size() != (product ? 3u : 2u))
        return norm;
    norm.x = centre->x;
    norm.rms = false;
    return norm;
}

std::optional<Norm> match(const ir::Value& y) {
    if (const ir::Node* n = binaryOf(&y, BinaryKind::kDiv); n && n->input(1)->hasOneUse())
        if (const ir::Value* t = rootOf(n->input(1))) return normOf(n->input(0), t);
    if (const ir::Node* n = binaryOf(&y, BinaryKind::kMul))
        for (int i = 0; i < 2; ++i)
            if (n->input(1 - i)->hasOneUse())
                if (const ir::Value* t = inverseRootOf(n->input(1 - i)))
                    if (auto norm = normOf(n->input(i), t)) return norm;
    return std::nullopt;
}

// The reader of v that multiplies it with (adds to it) something that varies along the normalized axes only.
struct Affine {
    ir::Node* node = nullptr;
    ir::Value* operand = nullptr;
};
Affine affineAfter(const ir::Value& v, int axis, BinaryKind kind) {
    ir::Node* n = v.hasOneUse() ? v.uses()[0].node : nullptr;
    if (!isOp(n, "binary") || n->attrs<ops::BinaryAttrs>().kind != kind || n->parent() != v.producer()->parent())
        return {};
    ir::Value* other = n->input(n->input(0) == &v ? 1 : 0);
    if (!(n->output()->type() == v.type()) || other == &v || other->rank() > v.rank() || other->dtype() != v.dtype())
        return {};
    for (int d = 0; d < other->rank(); ++d)
        if (d + v.rank() - other->rank() < axis && !(other->shape()[static_cast<size_t>(d)] == ir::Dim(1))) return {};
    return {n, other};
}

// The operand without the leading axes of extent 1.
Result<ir::Value*> trimmed(Rewriter& r, ir::Value* v, int rank) {
    int more = v->rank() - rank;
    if (more <= 0) return v;
    std::vector<int64_t> axes;
    for (int i = 0; i < more; ++i) axes.push_back(i);
    return r.emit("squeeze", fmt::format("axes={}", ir::toString(axes)), {v});
}

Result<bool> visit(ir::Node& n) {
    if (!isOp(&n, "binary") || n.output()->uses().empty() || !isFloating(n.output()->dtype())) return false;
    auto norm = match(*n.output());
    if (!norm || !(norm->x->type() == n.output()->type()) || norm->x->isConstant()) return false;
    ir::Node* last = &n;
    Affine scale = affineAfter(*n.output(), norm->axis, BinaryKind::kMul), shift;
    if (scale.node) last = scale.node;
    if (!norm->rms) shift = affineAfter(*last->output(), norm->axis, BinaryKind::kAdd);
    if (shift.node) last = shift.node;
    Rewriter r(*last);
    r.alsoFrom(n);
    if (scale.node) r.alsoFrom(*scale.node);
    int rank = norm->x->rank() - norm->axis;
    std::vector<ir::Value*> inputs = {norm->x, scale.node ? TRY(trimmed(r, scale.operand, rank)) : nullptr};
    if (shift.node) inputs.push_back(TRY(trimmed(r, shift.operand, rank)));
    if (!inputs.back()) inputs.pop_back();
    // The axis from the end, so that leading axes may come and go.
    std::string attrs = fmt::format("axis={} epsilon={}", norm->axis - norm->x->rank(), norm->epsilon);
    ir::Value* y = TRY(r.emit(norm->rms ? "rms_norm" : "layer_norm", attrs, std::move(inputs)));
    Rewriter::replace(*last->output(), *y);
    return true;
}

}  // namespace

Result<bool> recognizeNorms(ir::Graph& graph) {
    bool changed = TRY(forEach(graph, visit));
    if (changed) {
        TRY(removeUnused(graph));
        TRY(foldConstants(graph));
        TRY(removeUnused(graph));
    }
    return changed;
}

}  // namespace lathe::passes

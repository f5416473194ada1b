// SPDX-License-Identifier: Apache-2.0
// softmax(q k^T scale + mask) v that is written out becomes one attention node. Factors may stand on q, on k or on the
// product; masks are added (several, too) or chosen by select; heads that share keys may have been repeated before.
#include <algorithm>
#include <cmath>

#include "ops/binary.h"
#include "ops/matmul.h"
#include "ops/softmax.h"
#include "passes/arrange.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

using ir::Dim;
using ir::Shape;
using ops::BinaryKind;

const ir::Node* binaryOf(const ir::Value* v, BinaryKind kind) {
    const ir::Node* n = madeBy(v, "binary");
    return n && n->attrs<ops::BinaryAttrs>().kind == kind ? n : nullptr;
}

// v as x * factor with a scalar constant.
struct Scaled {
    ir::Value* x;
    double factor;
};
std::optional<Scaled> scaledOf(const ir::Value& v) {
    if (const ir::Node* n = binaryOf(&v, BinaryKind::kMul))
        for (int i = 0; i < 2; ++i)
            if (auto c = scalarOf(n->input(1 - i)); c && n->input(i)->type() == v.type())
                return Scaled{n->input(i), *c};
    if (const ir::Node* n = binaryOf(&v, BinaryKind::kDiv))
        if (auto c = scalarOf(n->input(1)); c && *c != 0 && n->input(0)->type() == v.type())
            return Scaled{n->input(0), 1 / *c};
    return std::nullopt;
}

struct Pattern {
    std::vector<const ir::Node*> nodes;  // all that goes
    const ir::Node* product = nullptr;   // q k^T
    double scale = 1;
    std::vector<ir::Value*> added;   // masks
    ir::Value* condition = nullptr;  // of a select, with the score that hidden keys get
    double hidden = 0;
    bool inverted = false;  // true hides
    ir::Shape maskedShape;  // of the scores where masks meet them; empty without masks
    int views = 0;          // reshapes on the way
};

constexpr size_t kMostNodes = 12;

// The scores: a product of matrices, perhaps scaled.
bool findProduct(const ir::Value& v, Pattern& p) {
    if (!v.hasOneUse() || !v.producer() || p.nodes.size() > kMostNodes) return false;
    if (isOp(v.producer(), "matmul")) {
        p.product = v.producer();
        p.nodes.push_back(v.producer());
        return true;
    }
    Pattern inner = p;
    inner.nodes.push_back(v.producer());
    const ir::Value* x = nullptr;
    if (auto scaled = scaledOf(v)) {
        inner.scale *= scaled->factor;
        x = scaled->x;
    } else if (v.producer()->op().is(ir::Op::kView) && p.views < 2) {
        ++inner.views;
        x = v.producer()->input(0);
    }
    if (!x || !findProduct(*x, inner)) return false;
    p = std::move(inner);
    return true;
}

// The scores with their masks.
bool findScores(const ir::Value& v, Pattern& p) {
    if (!v.hasOneUse() || !v.producer() || p.nodes.size() > kMostNodes) return false;
    if (v.producer()->op().is(ir::Op::kView) && p.views == 0 && p.maskedShape.empty()) {
        Pattern inner = p;
        ++inner.views;
        inner.nodes.push_back(v.producer());
        if (!findScores(*v.producer()->input(0), inner)) return false;
        p = std::move(inner);
        return true;
    }
    if (const ir::Node* n = binaryOf(&v, BinaryKind::kAdd)) {
        // After a select, what it hides must not change any more.
        for (int i = 0; i < 2; ++i) {
            if (!(n->input(i)->type() == v.type())) continue;
            Pattern inner = p;
            inner.nodes.push_back(n);
            inner.added.push_back(n->input(1 - i));
            inner.maskedShape = v.shape();
            if (findScores(*n->input(i), inner) && !inner.condition) {
                p = std::move(inner);
                return true;
            }
        }
        return false;
    }
    if (const ir::Node* n = madeBy(&v, "select"); n && !p.condition && p.added.empty()) {
        for (int i = 1; i <= 2; ++i) {
            auto hidden = scalarOf(n->input(3 - i));
            if (!hidden || !(n->input(i)->type() == v.type())) continue;
            Pattern inner = p;
            inner.nodes.push_back(n);
            inner.condition = n->input(0);
            inner.hidden = *hidden;
            inner.inverted = i == 2;
            inner.maskedShape = v.shape();
            if (findScores(*n->input(i), inner) && inner.added.empty()) {
                p = std::move(inner);
                return true;
            }
        }
        return false;
    }
    return findProduct(v, p);
}

// Takes scalar factors off v, looking through reshapes and transposes that only v reads, whose inputs are rewired; or,
// with `look`, only multiplies `scale` by them.
ir::Value* withoutFactor(ir::Value* v, double& scale, bool look) {
    std::vector<ir::Node*> path;  // movements between v and the product
    ir::Value* at = v;
    while (at->hasOneUse() && at->producer()) {
        ir::Node* n = at->producer();
        if (auto scaled = scaledOf(*at)) {
            scale *= scaled->factor;
            if (path.empty())
                v = scaled->x;
            else if (!look)
                path.back()->setInput(0, scaled->x);
            at = scaled->x;
        } else if ((n->op().is(ir::Op::kView) || isOp(n, "transpose")) && n->outputCount() == 1) {
            path.push_back(n);
            at = n->input(0);
        } else {
            break;
        }
    }
    return v;
}

// Key or value heads before they were repeated for the query heads that share them: [b, g, n, d] expanded to
// [b, g, r, n, d] and joined to [b, g * r, n, d].
ir::Value* withoutRepeat(ir::Value* v) {
    if (v->rank() != 4) return v;
    ops::View view = ops::viewOf(*v, [&](const ir::Node& n) { return n.op().is(ir::Op::kView) || isOp(&n, "expand"); });
    if (view.base->rank() != 4 || !(view.offset == Dim(0)) || view.nodes.empty()) return v;
    ops::View whole = ops::wholeView(*view.base);
    auto same = [&](const std::vector<ops::ViewPart>& a, const std::vector<ops::ViewPart>& b) {
        return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
                   return x.extent == y.extent && x.stride == y.stride;
               });
    };
    for (size_t d : {0, 2, 3})
        if (!same(view.axes[d], whole.axes[d])) return v;
    std::vector<ops::ViewPart> heads = view.axes[1];
    if (heads.empty() || !(heads.back().stride == Dim(0))) return v;
    heads.pop_back();
    return same(heads, whole.axes[1]) ? const_cast<ir::Value*>(view.base) : v;
}

bool broadcastsTo(const Shape& from, const Shape& to) {
    if (from.size() > to.size()) return false;
    for (size_t d = 0; d < from.size(); ++d) {
        const Dim& want = to[to.size() - from.size() + d];
        if (!(from[d] == want) && !(from[d] == Dim(1))) return false;
    }
    return true;
}

// [b * h, n, d] as [b, h, n, d] where it was made from that; else [1, b * h, n, d].
std::optional<std::pair<Dim, Dim>> headsOf(const ir::Value& v) {
    ops::View view =
        ops::viewOf(v, [](const ir::Node& n) { return n.op().is(ir::Op::kView) || isOp(&n, "transpose"); });
    const auto& lead = view.axes[0];
    if (lead.size() < 2) return std::nullopt;
    // The fastest part that is a constant is the heads.
    if (!lead.back().extent.isConstant()) return std::nullopt;
    auto batch = ops::exactQuotient(v.shape()[0], lead.back().extent);
    if (!batch) return std::nullopt;
    return std::make_pair(*batch, lead.back().extent);
}

Result<bool> visit(ir::Node& n) {
    if (!isOp(&n, "matmul") || n.output()->uses().empty() || !isFloating(n.output()->dtype())) return false;
    const auto& second = n.attrs<ops::MatmulAttrs>();
    ir::Node* softmax = madeBy(n.input(0), "softmax");
    int rank = n.output()->rank();
    if (second.transposeA || !softmax || !n.input(0)->hasOneUse() || (rank != 3 && rank != 4)) return false;
    if (n.input(0)->rank() != rank || n.input(1)->rank() != rank || n.input(1)->isConstant()) return false;
    const auto& s = softmax->attrs<ops::SoftmaxAttrs>();
    if (s.log || (s.axis != -1 && s.axis != rank - 1)) return false;
    Pattern p;
    p.nodes = {&n, softmax};
    if (!findScores(*softmax->input(0), p)) return false;
    const auto& first = p.product->attrs<ops::MatmulAttrs>();
    if (first.transposeA || p.product->parent() != n.parent()) return false;
    ir::Value *q = p.product->input(0), *k = p.product->input(1), *v = n.input(1);
    if (q->rank() != rank || k->rank() != rank || q->isConstant() || k->isConstant()) return false;
    const Shape& scores = p.product->output()->shape();
    const Dim& keys = scores.back();
    const Shape valueShape = v->shape();
    size_t last = static_cast<size_t>(rank) - 1;
    // Batch axes must not be broadcast, but one key head may serve all.
    const Shape &qs = q->shape(), &ks = k->shape();
    if (!(qs[0] == ks[0]) || !(qs[0] == valueShape[0])) return false;
    if (rank == 4) {
        bool own = ks[1] == qs[1] && valueShape[1] == qs[1], one = ks[1] == Dim(1) && valueShape[1] == Dim(1);
        if (!own && !one) return false;
    }
    // Masks must span the keys, and no more than the scores, which may be [b, h, …] for them and [b * h, …] otherwise.
    std::vector<ir::Value*> masks = p.added;
    if (p.condition) masks.push_back(p.condition);
    std::optional<std::pair<Dim, Dim>> split;
    Shape masked = masks.empty() ? scores : p.maskedShape;
    if (rank == 3 && masked.size() == 4) {
        if (!(masked[0] * masked[1] == scores[0]) || !(masked[2] == scores[1])) return false;
        split = std::make_pair(masked[0], masked[1]);
    } else if (!(masked == scores)) {
        return false;
    }
    for (ir::Value* m : masks) {
        if (m->rank() < 1 || !broadcastsTo(m->shape(), masked) || !(m->shape().back() == keys)) return false;
        if (!p.condition && m->dtype() != q->dtype()) return false;
    }
    if (!(softmax->output()->shape() == scores)) return false;
    // [b * h, n, d]: masks of one plane for all go with any split, others only where they are whole.
    bool plain = std::all_of(masks.begin(), masks.end(),
                             [](const ir::Value* m) { return m->rank() < 3 || m->shape()[0] == Dim(1); });
    if (split && (!split->second.isConstant() || !valueShape.back().isConstant())) return false;
    double scale = p.scale;
    withoutFactor(q, scale, true);
    withoutFactor(k, scale, true);
    if (scale == 0 || !std::isfinite(scale)) return false;

    Rewriter r(n);
    for (const ir::Node* m : p.nodes) r.alsoFrom(*m);
    q = withoutFactor(q, p.scale, false);
    k = withoutFactor(k, p.scale, false);
    if (rank == 3 && !split && plain && valueShape.back().isConstant()) split = headsOf(*q);
    auto swapped = [&](ir::Value* x) {
        std::vector<int64_t> perm;
        for (int d = 0; d < rank; ++d) perm.push_back(d);
        std::swap(perm[last], perm[last - 1]);
        return r.emit("transpose", fmt::format("perm={}", ir::toString(perm)), {x});
    };
    if (!first.transposeB) k = TRY(swapped(k));
    if (second.transposeB) v = TRY(swapped(v));
    if (ir::Value* k4 = withoutRepeat(k), *v4 = withoutRepeat(v); rank == 4 && k4 != k && v4 != v) {
        if (k4->shape()[1] == v4->shape()[1]) k = k4, v = v4;
    }
    Shape result = n.output()->shape();
    if (rank == 3) {
        auto four = [&](ir::Value* x) -> Result<ir::Value*> {
            Shape to = x->shape();
            to.insert(to.begin(), Dim(1));
            if (split) to[0] = split->first, to[1] = split->second;
            return emitReshape(r, TRY(r.emit("unsqueeze", "axes=[0]", {x})), to);
        };
        q = TRY(four(q)), k = TRY(four(k)), v = TRY(four(v));
        if (!q || !k || !v) return internalError("{} heads cannot be told apart", scores[0].toString());
    }
    ir::Value* mask = nullptr;
    for (ir::Value* m : p.added) mask = mask ? TRY(r.emit("binary", "kind=add", {mask, m})) : m;
    std::string attrs = fmt::format("scale={}", p.scale);
    if (mask) attrs += " blind_nan=true";
    if (p.condition) {
        mask = p.condition;
        if (p.inverted) mask = TRY(r.emit("unary", "kind=not", {mask}));
        attrs += " blind_nan=true mask_selects=true";
        if (p.hidden != -INFINITY) attrs += fmt::format(" hidden={}", p.hidden);
    }
    std::vector<ir::Value*> inputs = {q, k, v};
    if (mask) inputs.push_back(mask);
    ir::Value* y = TRY(r.emit("attention", attrs, std::move(inputs)));
    // By way of two axes, since a shape operand can leave only one extent open.
    if (split) y = TRY(r.emit("flatten", "axis=2", {y}));
    if (!(y->shape() == result)) {
        y = TRY(emitReshape(r, y, result));
        if (!y) return internalError("attention's result cannot be brought to the shape {}", ir::toString(result));
    }
    Rewriter::replace(*n.output(), *y);
    return true;
}

}  // namespace

Result<bool> recognizeAttention(ir::Graph& graph) {
    bool changed = TRY(forEach(graph, visit));
    if (changed) TRY(removeUnused(graph));
    return changed;
}

}  // namespace lathe::passes

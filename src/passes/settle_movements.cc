// SPDX-License-Identifier: Apache-2.0
// Reshapes and transposes in a row become the fewest that do the same (often none). Those before an operation along the
// last axis go after it where they meet others there: a network that computes on [sequence, batch, …], or on
// [batch * sequence, …], then computes on what it was given.
#include <algorithm>

#include "ir/infer.h"
#include "ops/layer_norm.h"
#include "ops/matmul.h"
#include "ops/rms_norm.h"
#include "ops/softmax.h"
#include "passes/arrange.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

using ir::Dim;
using ir::Shape;

constexpr int kRounds = 8;
constexpr size_t kLongestChain = 16;

// A reshape or its kin, or a transpose.
bool isArranging(const ir::Node& n) {
    return (n.op().is(ir::Op::kView) || isOp(&n, "transpose")) && n.outputCount() == 1 && n.input(0) &&
           !n.input(0)->isConstant();
}

ops::View viewBack(const ir::Value& v, const ir::Region* region) {
    return ops::viewOf(v, [&](const ir::Node& n) { return n.parent() == region && isArranging(n); });
}

int costOfNodes(const std::vector<const ir::Node*>& nodes) {
    int cost = 0;
    for (const ir::Node* n : nodes) cost += n->op().is(ir::Op::kView) ? 1 : 10;
    return cost;
}

// Makes a chain that ends at n shorter.
Result<bool> shorten(ir::Node& n) {
    if (!isArranging(n) || n.output()->uses().empty()) return false;
    ops::View view = viewBack(*n.output(), n.parent());
    // Of what is passed, only the end that nobody else reads would go.
    std::vector<const ir::Node*> gone;
    for (size_t i = view.nodes.size(); i-- > 0;) {
        if (i + 1 < view.nodes.size() && !view.nodes[i]->output()->hasOneUse()) break;
        gone.push_back(view.nodes[i]);
    }
    auto arranged = arrangementOf(view);
    if (!arranged) return false;
    ir::Value* base = const_cast<ir::Value*>(view.base);
    int cost = costOf(*arranged, base->shape());
    if (cost < 0 || cost >= costOfNodes(gone)) return false;
    // The outputs of a region must be made in it.
    bool elsewhere = !base->producer() || base->producer()->parent() != n.parent();
    if (cost == 0 && elsewhere &&
        std::any_of(n.output()->uses().begin(), n.output()->uses().end(), [](const ir::Use& u) { return !u.node; }))
        return false;
    Rewriter r(n);
    for (const ir::Node* g : gone) r.alsoFrom(*g);
    ir::Value* y = TRY(emitArrangement(r, base, *arranged));
    if (!y) return false;
    Rewriter::replace(*n.output(), *y);
    return true;
}

// Whether v broadcasts along the last axis only.
bool isAlongLastAxis(const ir::Value* v) {
    if (!v) return true;
    for (int d = 0; d + 1 < v->rank(); ++d)
        if (!(v->shape()[static_cast<size_t>(d)] == Dim(1))) return false;
    return true;
}

bool isLastAxis(int64_t axis, const ir::Value& v) { return axis == -1 || axis == v.rank() - 1; }

// The operand through which the leading axes pass unchanged, every other one having a say in the last axis only; or -1.
int rowOperand(const ir::Node& n) {
    if (n.outputCount() != 1 || n.inputCount() == 0 || !n.input(0) || n.output()->rank() < 2) return -1;
    if (isOp(&n, "unary") || isOp(&n, "cast")) return 0;
    if (isOp(&n, "matmul")) {
        const auto& a = n.attrs<ops::MatmulAttrs>();
        return !a.transposeA && n.input(0)->rank() >= 2 && n.input(1)->rank() == 2 && n.input(1)->isConstant() ? 0 : -1;
    }
    if (isOp(&n, "binary")) {
        for (int i = 0; i < 2; ++i)
            if (n.input(1 - i)->isConstant() && isAlongLastAxis(n.input(1 - i)) &&
                n.input(i)->shape() == n.output()->shape() && n.input(1 - i)->rank() <= n.output()->rank())
                return i;
        return -1;
    }
    if (isOp(&n, "softmax")) return isLastAxis(n.attrs<ops::SoftmaxAttrs>().axis, *n.output()) ? 0 : -1;
    if (isOp(&n, "layer_norm") || isOp(&n, "rms_norm")) {
        int64_t axis = isOp(&n, "layer_norm") ? n.attrs<ops::LayerNormAttrs>().axis : n.attrs<ops::RmsNormAttrs>().axis;
        if (!isLastAxis(axis, *n.output())) return -1;
        for (int i = 1; i < n.inputCount(); ++i)
            if (n.input(i) && (n.input(i)->rank() > 1 || !n.input(i)->isConstant())) return -1;
        return 0;
    }
    return -1;
}

// All readers of v, through movements, come to a transpose.
bool reachesTranspose(const ir::Value& v, int depth = 0) {
    if (v.uses().empty() || depth > 6) return false;
    return std::all_of(v.uses().begin(), v.uses().end(), [&](const ir::Use& u) {
        if (!u.node || u.index != 0 || !ops::isMovement(*u.node)) return false;
        if (isOp(u.node, "transpose")) return true;
        return std::all_of(u.node->outputs().begin(), u.node->outputs().end(),
                           [&](const ir::Value* o) { return o->uses().empty() || reachesTranspose(*o, depth + 1); });
    });
}

// The operations along rows from n on, each read by the next alone.
std::vector<ir::Node*> rowChain(ir::Node& n) {
    std::vector<ir::Node*> chain;
    ir::Node* at = &n;
    const ir::Value* from = nullptr;
    while (at && at->parent() == n.parent() && chain.size() < kLongestChain) {
        int operand = rowOperand(*at);
        if (operand < 0 || (from && at->input(operand) != from)) break;
        chain.push_back(at);
        from = at->output();
        at = from->hasOneUse() ? from->uses()[0].node : nullptr;
    }
    return chain;
}

// What stands before n goes after the operations along rows that begin at n.
Result<bool> sink(ir::Node& n) {
    int operand = rowOperand(n);
    if (operand < 0 || n.output()->uses().empty()) return false;
    ir::Value* y = n.input(operand);
    if (!y->producer() || y->producer()->parent() != n.parent() || !isArranging(*y->producer()) || !y->hasOneUse())
        return false;
    std::vector<ir::Node*> chain = rowChain(n);
    const ir::Value& last = *chain.back()->output();
    if (chain.size() == kLongestChain || last.uses().empty() ||
        !std::all_of(last.uses().begin(), last.uses().end(), [&](const ir::Use& u) {
            return u.node && u.node->parent() == n.parent() && u.index == 0 && ops::isMovement(*u.node);
        }))
        return false;
    ops::View view = viewBack(*y, n.parent());
    auto whole = arrangementOf(view);
    if (!whole || whole->groups.size() < 2) return false;

    // Leading parts go back to the axes that they come from; those of the last axis stay together at the end.
    std::vector<ops::ViewPart> inOrder;
    for (const Dim& extent : whole->parts) inOrder.push_back({extent, 0});
    auto byAxis = ops::regroup(inOrder, view.base->shape());
    if (!byAxis) return false;
    const std::vector<int>& row = whole->groups.back();
    Arrangement before{whole->parts, {}};
    bool rowSeen = false;  // axes of extent 1 before the row's stay, too
    Arrangement after;     // of the chain's result: the leading parts in their first order, then the last axis
    std::vector<int> number(whole->parts.size(), -1);
    int part = 0;
    for (const auto& axis : *byAxis) {
        std::vector<int> group;
        for (size_t i = 0; i < axis.size(); ++i, ++part) {
            if (!(axis[i].extent == whole->parts[static_cast<size_t>(part)])) return false;
            if (std::find(row.begin(), row.end(), part) != row.end()) continue;
            group.push_back(part);
            number[static_cast<size_t>(part)] = static_cast<int>(after.parts.size());
            after.parts.push_back(axis[i].extent);
        }
        rowSeen = rowSeen || (group.empty() && !axis.empty());
        if (!group.empty() || !rowSeen) before.groups.push_back(std::move(group));
    }
    before.groups.push_back(row);
    if (before.groups.size() < 2) return false;
    // The base has these axes in front as well: as parts, they need no reshape around a transpose.
    for (size_t g = 0; g < before.groups.size() && before.groups[g].empty(); ++g) {
        before.parts.insert(before.parts.begin() + static_cast<long>(g), Dim(1));
        for (auto& group : before.groups)
            for (int& p : group) p += p >= static_cast<int>(g);
        before.groups[g] = {static_cast<int>(g)};
    }
    after.parts.push_back(last.shape().back());
    for (size_t g = 0; g + 1 < whole->groups.size(); ++g) {
        std::vector<int> group;
        for (int p : whole->groups[g]) group.push_back(number[static_cast<size_t>(p)]);
        after.groups.push_back(std::move(group));
    }
    after.groups.push_back({static_cast<int>(after.parts.size()) - 1});

    Shape inside = before.shape();
    if (inside == y->shape() && after.isView()) return false;  // nothing would move
    if (!after.isView() && !reachesTranspose(last)) return false;
    int costBefore = costOf(before, view.base->shape());
    inside.back() = last.shape().back();
    if (costBefore < 0 || costOf(after, inside) < 0) return false;
    if (costBefore > costOfNodes(view.nodes)) return false;

    Rewriter first(n);
    for (const ir::Node* m : view.nodes) first.alsoFrom(*m);
    ir::Value* x = TRY(emitArrangement(first, const_cast<ir::Value*>(view.base), before));
    if (!x) return false;
    for (ir::Node* m : chain) {
        std::vector<ir::Value*> inputs = m->inputs();
        inputs[static_cast<size_t>(rowOperand(*m))] = x;
        auto attrs = m->anyAttrs().clone();
        // The number of axes may be another one now.
        if (isOp(m, "softmax") || isOp(m, "layer_norm") || isOp(m, "rms_norm")) TRY(ir::setAttr(*attrs, "axis", "-1"));
        x = TRY(Rewriter(*m).emit(m->op(), std::move(attrs), std::move(inputs)));
    }
    if (!(x->shape() == inside)) return internalError("rows moved to the shape {}", ir::toString(x->shape()));
    Rewriter end(*chain.back());
    x = TRY(emitArrangement(end, x, after));
    if (!x) return internalError("an arrangement that could be said was not");
    Rewriter::replace(*const_cast<ir::Value*>(&last), *x);
    return true;
}

}  // namespace

Result<bool> settleMovements(ir::Graph& graph) {
    bool changed = false;
    for (int round = 0; round < kRounds; ++round) {
        bool more = TRY(forEach(graph, shorten));
        if (more) TRY(removeUnused(graph));
        if (TRY(forEach(graph, sink))) {
            more = true;
            TRY(removeUnused(graph));
        }
        if (!more) break;
        changed = true;
    }
    return changed;
}

}  // namespace lathe::passes

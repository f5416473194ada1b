// SPDX-License-Identifier: Apache-2.0
// Nodes that leave their input as it is go: identities, casts there and back, x + 0, x * 1, slices and expansions of
// all. A reshape whose shape is known but for symbols gets a constant operand, so that nothing computes it.
#include <algorithm>

#include "ops/binary.h"
#include "ops/cast.h"
#include "ops/transpose.h"
#include "ops/unary.h"
#include "passes/arrange.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

using ops::BinaryKind;
using ops::UnaryKind;

// The one value of a constant number of any type.
std::optional<double> numberOf(const ir::Value* v) {
    if (auto x = scalarOf(v)) return x;
    if (!v || !v->isConstant() || v->constant()->count() != 1) return std::nullopt;
    auto integers = ir::integerElements(*v->constant());
    if (!integers || v->dtype() == DType::kBool) return std::nullopt;
    return static_cast<double>((*integers)[0]);
}

// Every value of `from` has its own in `to`, which leads back.
bool keepsValues(DType from, DType to) {
    if (from == DType::kBool) return isFloating(to) ? bitsOf(to) >= 16 : bitsOf(to) >= 8;
    if (from == DType::kHalf || from == DType::kBf16) return to == DType::kFloat;
    if (from == DType::kInt32) return to == DType::kInt64;
    if (from == DType::kInt8) return to == DType::kInt32 || to == DType::kInt64 || to == DType::kFloat;
    if (from == DType::kUint8) return to == DType::kInt32 || to == DType::kInt64 || to == DType::kFloat;
    return false;
}

// The value that n's output equals, when it is one of its inputs or what they were made from.
ir::Value* sameAs(const ir::Node& n) {
    ir::Value* x = n.input(0);
    if (!x || n.outputCount() != 1) return nullptr;
    if (isOp(&n, "cast")) {
        if (x->dtype() == n.output()->dtype()) return x;
        const ir::Node* first = madeBy(x, "cast");
        if (first && first->input(0)->dtype() == n.output()->dtype() && keepsValues(n.output()->dtype(), x->dtype()))
            return first->input(0);
        return nullptr;
    }
    if (isOp(&n, "unary")) {
        UnaryKind kind = n.attrs<ops::UnaryAttrs>().kind;
        const ir::Node* first = madeBy(x, "unary");
        bool twice = kind == UnaryKind::kNeg || kind == UnaryKind::kNot || kind == UnaryKind::kBitNot;
        return twice && first && first->attrs<ops::UnaryAttrs>().kind == kind ? first->input(0) : nullptr;
    }
    if (isOp(&n, "binary")) {
        BinaryKind kind = n.attrs<ops::BinaryAttrs>().kind;
        auto right = numberOf(n.input(1)), left = numberOf(x);
        bool neutralRight = right && (((kind == BinaryKind::kAdd || kind == BinaryKind::kSub) && *right == 0) ||
                                      ((kind == BinaryKind::kMul || kind == BinaryKind::kDiv) && *right == 1) ||
                                      (kind == BinaryKind::kPow && *right == 1));
        if (neutralRight) return x;
        bool neutralLeft =
            left && ((kind == BinaryKind::kAdd && *left == 0) || (kind == BinaryKind::kMul && *left == 1));
        return neutralLeft ? n.input(1) : nullptr;
    }
    if (n.op().is(ir::Op::kView) || isOp(&n, "expand") || (isOp(&n, "concat") && n.inputCount() == 1) ||
        isOp(&n, "split"))
        return x;  // where the shape says so
    if (isOp(&n, "slice")) {
        auto steps = ops::knownIntegers(n.input(4));
        if (n.input(4) && (!steps || std::any_of(steps->begin(), steps->end(), [](int64_t s) { return s != 1; })))
            return nullptr;
        return x;
    }
    if (isOp(&n, "transpose")) {
        const auto& perm = n.attrs<ops::TransposeAttrs>().perm;
        bool inPlace = !perm.empty() || x->rank() < 2;
        for (size_t d = 0; d < perm.size(); ++d) inPlace = inPlace && perm[d] == static_cast<int64_t>(d);
        return inPlace ? x : nullptr;
    }
    return nullptr;
}

bool isResult(const ir::Value& v) {
    return std::any_of(v.uses().begin(), v.uses().end(), [](const ir::Use& u) { return !u.node; });
}

Result<bool> visit(ir::Node& n) {
    if (n.outputCount() == 0 || n.output()->uses().empty()) return false;
    if (ir::Value* x = sameAs(n); x && x->type() == n.output()->type()) {
        // A region's results are made in it.
        bool here = x->producer() && x->producer()->parent() == n.parent();
        if (!isResult(*n.output()) || here) {
            if (x->producer()) joinOrigins(*x->producer(), n);
            if (x->name().empty() && !x->isConstant()) x->setName(n.output()->name());
            n.output()->replaceAllUsesWith(x);
            return true;
        }
    }
    if (isOp(&n, "binary") && n.attrs<ops::BinaryAttrs>().kind == BinaryKind::kPow && isFloating(n.output()->dtype()) &&
        n.output()->type() == n.input(0)->type() && numberOf(n.input(1)) == 2.0) {
        Rewriter r(n);
        Rewriter::replace(*n.output(), *TRY(r.emit("binary", "kind=mul", {n.input(0), n.input(0)})));
        return true;
    }
    if (isOp(&n, "reshape") && !n.input(1)->isConstant()) {
        auto operand = shapeOperand(n.input(0)->shape(), n.output()->shape());
        if (!operand) return false;
        Rewriter r(n);
        ir::Value* y = TRY(r.emit("reshape", "", {n.input(0), r.integers(*operand)}));
        if (!(y->shape() == n.output()->shape())) return false;
        Rewriter::replace(*n.output(), *y);
        return true;
    }
    return false;
}

}  // namespace

Result<bool> dropNoops(ir::Graph& graph) {
    bool changed = TRY(forEach(graph, visit));
    if (changed) TRY(removeUnused(graph));
    return changed;
}

}  // namespace lathe::passes

// SPDX-License-Identifier: Apache-2.0
// A product with one constant a channel right after a convolution or a matrix product goes into its weights (by a
// recipe: refitting the weights does it again), and so does the sum with one after a convolution into its bias.
#include "ops/binary.h"
#include "ops/matmul.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

// The constant of a product or sum with v, reshaped to one value a channel of axis `axis` (of v's shape), or one for
// all.
const ir::Value* channelOperand(const ir::Node& n, ops::BinaryKind kind, const ir::Value& v, int axis) {
    if (!isOp(&n, "binary") || n.attrs<ops::BinaryAttrs>().kind != kind) return nullptr;
    if (!(n.output()->type() == v.type())) return nullptr;
    const ir::Value* other = n.input(0) == &v ? n.input(1) : n.input(0);
    if (!other->isConstant() || other->rank() > v.rank()) return nullptr;
    int offset = v.rank() - other->rank();
    for (int d = 0; d < other->rank(); ++d)
        if (d + offset != axis && !(other->shape()[d] == ir::Dim(1))) return nullptr;
    return other;
}

Result<bool> visit(ir::Node& n) {
    bool convolution = isOp(&n, "conv");
    if (!convolution && !isOp(&n, "matmul")) return false;
    if (n.output()->dtype() != DType::kFloat || !n.output()->hasOneUse() || !n.input(1)->isConstant()) return false;
    if (convolution && n.input(2) && !n.input(2)->isConstant()) return false;
    ir::Node* next = n.output()->uses()[0].node;
    if (!next || next->parent() != n.parent()) return false;
    int axis = convolution ? 1 : n.output()->rank() - 1;
    ir::Value* w = n.input(1);
    if (!convolution && (w->rank() != 2 || n.input(0)->rank() < 2)) return false;
    Rewriter r(n);
    r.alsoFrom(*next);
    auto perChannel = [&](const ir::Value* v, std::vector<int64_t> shape) {
        return r.emit("reshape", "", {const_cast<ir::Value*>(v), r.integers(shape)});
    };
    if (const ir::Value* factor = channelOperand(*next, ops::BinaryKind::kMul, *n.output(), axis)) {
        // Kernels are [outputs, …]; matrices [k, n], or [n, k] when transposed.
        std::vector<int64_t> shape(static_cast<size_t>(w->rank()), 1);
        bool columns = !convolution && !n.attrs<ops::MatmulAttrs>().transposeB;
        shape[columns ? shape.size() - 1 : 0] = -1;
        ir::Value* scaled = TRY(r.emit("binary", "kind=mul", {w, TRY(perChannel(factor, shape))}));
        if (convolution && n.input(2))
            n.setInput(2, TRY(r.emit("binary", "kind=mul", {n.input(2), TRY(perChannel(factor, {-1}))})));
        n.setInput(1, scaled);
    } else if (const ir::Value* shift =
                   convolution ? channelOperand(*next, ops::BinaryKind::kAdd, *n.output(), axis) : nullptr) {
        ir::Value* bias = TRY(perChannel(shift, {-1}));
        if (n.input(2)) {
            bias = TRY(r.emit("binary", "kind=add", {n.input(2), bias}));
        } else if (!(bias->shape()[0] == n.output()->shape()[1])) {
            bias = TRY(r.emit("expand", "", {bias, r.integers({n.output()->shape()[1].value()})}));
        }
        if (n.inputCount() > 2)
            n.setInput(2, bias);
        else
            n.addInput(bias);
    } else {
        return false;
    }
    joinOrigins(n, *next);
    Rewriter::replace(*next->output(), *n.output());
    n.output()->setName(next->output()->name());
    return true;
}

}  // namespace

Result<bool> foldScale(ir::Graph& graph) {
    bool changed = false;
    // A product may be followed by a sum: look again while something changes. What was replaced must be gone first, or
    // the old readers would still count.
    for (int round = 0; round < 4; ++round) {
        if (!TRY(forEach(graph, visit))) break;
        changed = true;
        TRY(removeUnused(graph));
        TRY(foldConstants(graph));
        TRY(removeUnused(graph));
    }
    return changed;
}

}  // namespace lathe::passes

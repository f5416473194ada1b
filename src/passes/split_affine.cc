// SPDX-License-Identifier: Apache-2.0
// Ops that are a linear map and more become a plain one: gemm is matmul, mul and add; batch_norm is mul and add.
#include "ir/infer.h"
#include "ops/batch_norm.h"
#include "ops/gemm.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

Result<bool> splitGemm(ir::Node& n) {
    const auto& a = n.attrs<ops::GemmAttrs>();
    DType type = n.output()->dtype();
    if (type == DType::kHalf || type == DType::kBf16) return false;  // one rounding must not become three
    Rewriter r(n);
    ir::Value* y = TRY(
        r.emit("matmul", fmt::format("transpose_a={} transpose_b={}", a.transA, a.transB), {n.input(0), n.input(1)}));
    if (a.alpha != 1) y = TRY(r.emit("binary", "kind=mul", {y, r.scalar(type, a.alpha)}));
    if (n.input(2) && a.beta != 0) {
        ir::Value* c = n.input(2);
        if (a.beta != 1) c = TRY(r.emit("binary", "kind=mul", {c, r.scalar(type, a.beta)}));
        y = TRY(r.emit("binary", "kind=add", {y, c}));
    }
    Rewriter::replace(*n.output(), *y);
    return true;
}

// (x - mean) / sqrt(var + epsilon) * scale + bias as x * factor + shift.
Result<bool> splitBatchNorm(ir::Node& n) {
    for (int i = 1; i < 5; ++i)
        if (!n.input(i)->isConstant() || n.input(i)->dtype() != DType::kFloat) return false;
    if (n.input(0)->dtype() != DType::kFloat) return false;
    Rewriter r(n);
    ir::Value *scale = n.input(1), *bias = n.input(2), *mean = n.input(3), *variance = n.input(4);
    ir::Value* sum =
        TRY(r.emit("binary", "kind=add", {variance, r.scalar(DType::kFloat, n.attrs<ops::BatchNormAttrs>().epsilon)}));
    ir::Value* factor = TRY(r.emit("binary", "kind=div", {scale, TRY(r.emit("unary", "kind=sqrt", {sum}))}));
    ir::Value* shift = TRY(r.emit("binary", "kind=sub", {bias, TRY(r.emit("binary", "kind=mul", {mean, factor}))}));
    // One value a channel, with 1 for the axes after it.
    std::vector<int64_t> shape = {-1};
    for (int d = 2; d < n.input(0)->rank(); ++d) shape.push_back(1);
    factor = TRY(r.emit("reshape", "", {factor, r.integers(shape)}));
    shift = TRY(r.emit("reshape", "", {shift, r.integers(shape)}));
    ir::Value* y = TRY(r.emit("binary", "kind=add", {TRY(r.emit("binary", "kind=mul", {n.input(0), factor})), shift}));
    Rewriter::replace(*n.output(), *y);
    return true;
}

}  // namespace

Result<bool> splitAffine(ir::Graph& graph) {
    const bool changed = TRY(forEach(graph, [](ir::Node& n) -> Result<bool> {
        if (n.output()->uses().empty()) return false;
        if (isOp(&n, "gemm")) return splitGemm(n);
        if (isOp(&n, "batch_norm")) return splitBatchNorm(n);
        return false;
    }));
    // The parts may know an extent by another expression than the whole did; what reads them learns it.
    if (changed) TRY(ir::inferGraph(graph));
    return changed;
}

}  // namespace lathe::passes

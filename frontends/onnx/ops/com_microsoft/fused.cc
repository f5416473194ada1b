// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/com_microsoft/common.h"

namespace lathe::onnx {
namespace {

// Batch dimensions that go last come to the front: [m, b..., k] to [b..., m, k].
Result<ITensor*> batchFirst(NodeImport& c, ITensor* x) {
    const int rank = c.rank(x);
    if (rank < 3) return x;
    Ints order;
    for (int axis = 1; axis < rank - 1; ++axis) order.push_back(axis);
    order.push_back(0);
    order.push_back(rank - 1);
    return c.transpose(x, order);
}

Status importFusedMatMul(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1));
    const double alpha = TRY(c.floatAttr("alpha", 1));
    if (TRY(c.boolAttr("transBatchA", false))) a = TRY(batchFirst(c, a));
    if (TRY(c.boolAttr("transBatchB", false))) b = TRY(batchFirst(c, b));
    const bool transposeA = TRY(c.boolAttr("transA", false)) && c.rank(a) > 1;
    const bool transposeB = TRY(c.boolAttr("transB", false)) && c.rank(b) > 1;
    ITensor* y = TRY(c.matmul(a, b, transposeA, transposeB));
    return c.done(alpha == 1 ? y : TRY(c.scale(y, alpha)));
}

Status importFusedGemm(NodeImport& c) {
    Fields fields;
    fields("alpha", TRY(c.floatAttr("alpha", 1)))("beta", TRY(c.floatAttr("beta", 1)));
    fields("trans_a", TRY(c.boolAttr("transA", false)))("trans_b", TRY(c.boolAttr("transB", false)));
    ITensor* y = TRY(c.op("gemm", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.optionalInput(2))}, fields));
    std::vector<double> parameters;
    for (const char* name : {"activation_alpha", "activation_beta", "activation_gamma"}) {
        if (c.hasAttr(name)) parameters.push_back(TRY(c.floatAttr(name)));
    }
    return c.done(TRY(applyActivation(c, TRY(c.stringAttr("activation", "")), parameters, y)));
}

Status importFusedConv(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *w = TRY(c.input(1)), *bias = TRY(c.optionalInput(2)), *sum = TRY(c.optionalInput(3));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt, true));
    Fields fields;
    window.addTo(fields);
    ITensor* y = TRY(c.op("conv", {x, w, bias}, fields("group", TRY(c.intAttr("group", 1)))));
    if (sum) y = TRY(c.add(y, sum));
    return c.done(
        TRY(applyActivation(c, TRY(c.stringAttr("activation", "")), TRY(c.floatsAttr("activation_params")), y)));
}

Status importFastGelu(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    if (c.has(1)) x = TRY(c.add(x, TRY(c.input(1))));
    return c.done(TRY(c.unary("gelu_tanh", x)));
}

Status importBiasGelu(NodeImport& c) {
    return c.done(TRY(c.unary("gelu_erf", TRY(c.add(TRY(c.input(0)), TRY(c.input(1)))))));
}

Status importQuickGelu(NodeImport& c) {
    return c.done(TRY(c.unary("silu", TRY(c.input(0)), TRY(c.floatAttr("alpha", 1.702f)))));
}

// The halves of x + bias: the first one times the other's Gelu.
Status importBiasSplitGelu(NodeImport& c) {
    ITensor* x = TRY(c.add(TRY(c.input(0)), TRY(c.input(1))));
    const TensorList halves = TRY(c.ops("split", {x}, 2, Fields()("axis", c.rank(x) - 1)("num_outputs", 2)));
    return c.done(TRY(c.mul(halves[0], TRY(c.unary("gelu_erf", halves[1])))));
}

Status importBiasAdd(NodeImport& c) {
    ITensor* y = TRY(c.add(TRY(c.input(0)), TRY(c.input(1))));
    return c.done(TRY(c.add(y, TRY(c.input(2)))));
}

Status importExpandDims(NodeImport& c) {
    const Ints axis = TRY(c.ints(1, "axis"));
    if (axis.size() != 1) return c.invalid("input 1 (axis) has {} elements", axis.size());
    return c.done(TRY(c.unsqueeze(TRY(c.input(0)), axis)));
}

}  // namespace

LATHE_ONNX_OPS(com_microsoft_fused,                                      //
               {"com.microsoft", "FusedMatMul", importFusedMatMul},      //
               {"com.microsoft", "TransposeMatMul", importFusedMatMul},  //
               {"com.microsoft", "FusedGemm", importFusedGemm},          //
               {"com.microsoft", "FusedConv", importFusedConv},          //
               {"com.microsoft", "FastGelu", importFastGelu},            //
               {"com.microsoft", "BiasGelu", importBiasGelu},            //
               {"com.microsoft", "QuickGelu", importQuickGelu},          //
               {"com.microsoft", "BiasSplitGelu", importBiasSplitGelu},  //
               {"com.microsoft", "BiasAdd", importBiasAdd},              //
               {"com.microsoft", "ExpandDims", importExpandDims})

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// alpha * A' * B' + beta * C.
Status importGemm(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1)), *bias = TRY(c.optionalInput(2));
    const double alpha = TRY(c.floatAttr("alpha", 1)), beta = TRY(c.floatAttr("beta", 1));
    const bool transposeA = TRY(c.boolAttr("transA", false)), transposeB = TRY(c.boolAttr("transB", false));
    c.ignoreAttr("broadcast");  // before version 7; later it goes without saying
    if (c.rank(a) != 2 || c.rank(b) != 2) {
        return c.fail(ErrorCode::kINVALID_NODE, "operands {} and {} are not matrices", toString(c.dims(a)),
                      toString(c.dims(b)));
    }
    if (bias && c.rank(bias) > 2) return c.invalid("input 2 ({}) has more than two dimensions", toString(c.dims(bias)));
    if (alpha != 1 || beta != 1 || !isFloat(c.type(a))) {
        return c.done(TRY(c.op("gemm", {a, b, bias},
                               Fields()("alpha", alpha)("beta", beta)("trans_a", transposeA)("trans_b", transposeB))));
    }
    using Op = nvinfer1::MatrixOperation;
    ITensor* y = TRY(c.layer(c.network().addMatrixMultiply(*a, transposeA ? Op::kTRANSPOSE : Op::kNONE, *b,
                                                           transposeB ? Op::kTRANSPOSE : Op::kNONE),
                             "matmul", true));
    if (bias) {
        y = TRY(c.layer(c.network().addElementWise(*y, *bias, nvinfer1::ElementWiseOperation::kSUM), "bias"));
    }
    return c.done(y);
}

}  // namespace

LATHE_ONNX_OP(gemm, "Gemm", importGemm)

}  // namespace lathe::onnx

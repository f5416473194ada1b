// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importMatMul(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1));
    if (c.rank(a) == 0 || c.rank(b) == 0) {
        return c.fail(ErrorCode::kINVALID_NODE, "operands {} and {}: a scalar is no matrix", toString(c.dims(a)),
                      toString(c.dims(b)));
    }
    using Op = nvinfer1::MatrixOperation;
    if (c.rank(a) == 1 || c.rank(b) == 1) return c.done(TRY(c.matmul(a, b)));
    return c.done(TRY(c.layer(c.network().addMatrixMultiply(*a, Op::kNONE, *b, Op::kNONE), "matmul")));
}

}  // namespace

LATHE_ONNX_OP(matmul, "MatMul", importMatMul)

}  // namespace lathe::onnx

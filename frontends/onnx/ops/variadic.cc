// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

using Op = nvinfer1::ElementWiseOperation;

// Folds any number of tensors from the left.
Result<ITensor*> fold(NodeImport& c, Op operation) {
    c.ignoreAttr("consumed_inputs");
    const TensorList all = TRY(c.allInputs());
    if (all.empty()) return c.invalid("there are no inputs");
    ITensor* y = all[0];
    for (size_t i = 1; i < all.size(); ++i) {
        y = TRY(c.layer(c.network().addElementWise(*y, *all[i], operation), "elementwise"));
    }
    return all.size() == 1 ? TRY(c.layer(c.network().addIdentity(*y), "identity")) : y;
}

template <Op operation>
Status importFold(NodeImport& c) {
    return c.done(TRY(fold(c, operation)));
}

Status importMean(NodeImport& c) {
    ITensor* sum = TRY(fold(c, Op::kSUM));
    if (c.inputCount() == 1) return c.done(sum);
    ITensor* count = TRY(c.scalarLike(c.inputCount(), sum));
    return c.done(TRY(c.layer(c.network().addElementWise(*sum, *count, Op::kDIV), "elementwise")));
}

}  // namespace

LATHE_ONNX_OPS(variadic,                           //
               {"", "Sum", importFold<Op::kSUM>},  //
               {"", "Max", importFold<Op::kMAX>},  //
               {"", "Min", importFold<Op::kMIN>},  //
               {"", "Mean", importMean})

}  // namespace lathe::onnx

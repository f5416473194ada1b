// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// The classical operators of ai.onnx.ml that work on numbers alone.

Status importArrayFeatureExtractor(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *indices = TRY(c.input(1));
    if (c.rank(x) == 0) return c.invalid("the data is a scalar");
    if (c.rank(indices) > 1) indices = TRY(c.reshape(indices, {-1}));
    return c.done(TRY(c.gather(x, indices, c.rank(x) - 1)));
}

Status importBinarizer(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    ITensor* above = TRY(c.binary("greater", x, TRY(c.scalarLike(TRY(c.floatAttr("threshold", 0)), x))));
    return c.done(TRY(c.cast(above, c.type(x))));
}

Result<ITensor*> row(NodeImport& c, const std::vector<double>& values) {
    return c.floats({static_cast<int64_t>(values.size())}, {values.begin(), values.end()});
}

Status importScaler(NodeImport& c) {
    ITensor* x = TRY(c.cast(TRY(c.input(0)), ApiType::kFLOAT));
    const auto offset = TRY(c.floatsAttr("offset")), scale = TRY(c.floatsAttr("scale"));
    if (!offset.empty()) x = TRY(c.sub(x, TRY(row(c, offset))));
    if (!scale.empty()) x = TRY(c.mul(x, TRY(row(c, scale))));
    return c.done(x);
}

Status importNormalizer(NodeImport& c) {
    const int norm = TRY(c.choiceAttr("norm", "MAX", {"MAX", "L1", "L2"}));
    ITensor* x = TRY(c.cast(TRY(c.input(0)), ApiType::kFLOAT));
    const Ints last = {c.rank(x) - 1};
    if (c.rank(x) == 0) return c.invalid("the data is a scalar");
    static constexpr const char* kKinds[] = {"max", "l1", "l2"};
    return c.done(TRY(c.div(x, TRY(c.reduce(kKinds[norm], x, last)))));
}

Status importLinearRegressor(NodeImport& c) {
    ITensor* x = TRY(c.cast(TRY(c.input(0)), ApiType::kFLOAT));
    const auto weights = TRY(c.floatsAttr("coefficients")), bias = TRY(c.floatsAttr("intercepts"));
    const int64_t targets = TRY(c.intAttr("targets", 1));
    static constexpr const char* kAfter[] = {"NONE", "SOFTMAX", "LOGISTIC"};
    const int after = TRY(c.choiceAttr("post_transform", kAfter[0], {"NONE", "SOFTMAX", "LOGISTIC"}));
    if (targets < 1 || weights.empty() || weights.size() % static_cast<size_t>(targets)) {
        return c.invalid("{} coefficients for {} targets", weights.size(), targets);
    }
    if (c.rank(x) == 1) x = TRY(c.unsqueeze(x, {0}));
    const auto columns = static_cast<int64_t>(weights.size()) / targets;
    ITensor* y = TRY(c.matmul(x, TRY(c.floats({targets, columns}, {weights.begin(), weights.end()})), false, true));
    if (!bias.empty()) y = TRY(c.add(y, TRY(row(c, bias))));
    if (after == 1) y = TRY(c.softmax(y, 1));
    if (after == 2) y = TRY(c.unary("sigmoid", y));
    return c.done(y);
}

}  // namespace

LATHE_ONNX_OPS(ml,                                                                    //
               {"ai.onnx.ml", "ArrayFeatureExtractor", importArrayFeatureExtractor},  //
               {"ai.onnx.ml", "Binarizer", importBinarizer},                          //
               {"ai.onnx.ml", "Scaler", importScaler},                                //
               {"ai.onnx.ml", "Normalizer", importNormalizer},                        //
               {"ai.onnx.ml", "LinearRegressor", importLinearRegressor})

}  // namespace lathe::onnx

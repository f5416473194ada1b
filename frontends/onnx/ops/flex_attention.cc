// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// Attention whose scores and probabilities pass through bodies that the model brings.
Status importFlexAttention(NodeImport& c) {
    ITensor *q = TRY(c.input(0)), *k = TRY(c.input(1)), *v = TRY(c.input(2));
    const ApiType type = c.type(q);
    const ApiType wide = TRY(c.typeAttr("softmax_precision", ApiType::kFLOAT));
    const Dims query = c.dims(q), key = c.dims(k), value = c.dims(v);
    if (query.nbDims != 4 || key.nbDims != 4 || value.nbDims != 4) {
        return c.invalid("query {}, key {} and value {} must have 4 dimensions", toString(query), toString(key),
                         toString(value));
    }
    if (query.d[1] < 1 || key.d[1] < 1 || query.d[3] < 1 || query.d[1] % key.d[1]) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                      "query {} and key {}: heads and their size must be known, and "
                      "the query's heads a multiple of the key's",
                      toString(query), toString(key));
    }
    const double scale = TRY(c.floatAttr("scale", 1 / std::sqrt(static_cast<double>(query.d[3]))));
    const int64_t group = query.d[1] / key.d[1];
    if (group > 1) {
        // Head h uses key h / group.
        Ints heads;
        for (int64_t h = 0; h < query.d[1]; ++h) heads.push_back(h / group);
        ITensor* index = TRY(c.ints(heads));
        k = TRY(c.gather(k, index, 1));
        v = TRY(c.gather(v, index, 1));
    }
    q = TRY(c.cast(q, wide));
    k = TRY(c.cast(k, wide));
    v = TRY(c.cast(v, wide));
    const auto modify = [&](const char* name, ITensor* x) -> Result<ITensor*> {
        if (!c.hasAttr(name)) return x;
        const TensorList out = TRY(c.importBody(*TRY(c.graphAttr(name)), {x}));
        if (out.size() != 1) return c.invalid("attribute '{}' gives {} outputs; it must give one", name, out.size());
        return out[0];
    };
    ITensor* scores = TRY(modify("score_mod", TRY(c.scale(TRY(c.matmul(q, k, false, true)), scale))));
    ITensor* odds = TRY(modify("prob_mod", TRY(c.softmax(scores, 3))));
    return c.done(TRY(c.cast(TRY(c.matmul(odds, v)), type)));
}

}  // namespace

LATHE_ONNX_OPS(flex_attention, {"ai.onnx.preview", "FlexAttention", importFlexAttention})

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
// What several importers of ONNX Runtime's own operators share.
#pragma once

#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {

// The activation that a fused operator ends with, by name; x itself for none.
Result<ITensor*> applyActivation(NodeImport& c, const std::string& name, const std::vector<double>& parameters,
                                 ITensor* x);

// Scaled dot product attention over [batch, length, heads * size].
struct AttentionParts {
    ITensor *query = nullptr, *key = nullptr, *value = nullptr;
    ITensor *pastKey = nullptr, *pastValue = nullptr;  // [batch, heads, past, size]
    ITensor* keyMask = nullptr;                        // raw or lengths, see keyBias()
    ITensor* bias = nullptr;                           // added to the scores, [batch or 1, heads or 1, queries, keys]
    int64_t heads = 0;
    double scale = 0;        // 0: by the head's size
    double filter = -10000;  // added where a key must not be seen
    bool causal = false;
};
// Output, present key, present value; the latter two only when `present`.
Result<TensorList> addAttention(NodeImport& c, AttentionParts parts, bool present);

// The extent of an axis as an int64 scalar.
Result<ITensor*> extentOf(NodeImport& c, ITensor* x, int axis);

// x * scale (+ zero point): from quantized values and back.
Result<ITensor*> dequantize(NodeImport& c, ITensor* x, ITensor* scale, ITensor* zeroPoint, int axis = 1);
Result<ITensor*> quantize(NodeImport& c, ITensor* x, ITensor* scale, ITensor* zeroPoint, ApiType type);

// LayerNormalization of a tensor over its last axis; shift may be null.
Result<ITensor*> layerNorm(NodeImport& c, ITensor* x, ITensor* scale, ITensor* shift, double epsilon);

}  // namespace lathe::onnx

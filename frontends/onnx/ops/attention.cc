// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importAttention(NodeImport& c) {
    TensorList inputs;
    for (int i = 0; i < 7; ++i) inputs.push_back(TRY(i < 3 ? c.input(i) : c.optionalInput(i)));
    Fields fields;
    fields("is_causal", TRY(c.boolAttr("is_causal", false)));
    fields("q_num_heads", TRY(c.intAttr("q_num_heads", 0)))("kv_num_heads", TRY(c.intAttr("kv_num_heads", 0)));
    fields("softcap", TRY(c.floatAttr("softcap", 0)));
    static constexpr const char* kScores[] = {"product", "capped", "biased", "softmax"};
    const int64_t scores = TRY(c.intAttr("qk_matmul_output_mode", 0));
    if (scores < 0 || scores > 3) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'qk_matmul_output_mode' is {}; it is from 0 to 3",
                      scores);
    }
    fields("qk_matmul_output_mode", kScores[scores]);
    fields("left_window", TRY(c.intAttr("left_window_size", -1)));
    fields("right_window", TRY(c.intAttr("right_window_size", -1)));
    if (c.hasAttr("scale")) {
        const double scale = TRY(c.floatAttr("scale"));
        if (scale == 0) return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'scale' is 0");
        fields("scale", scale);
    }
    if (c.hasAttr("softmax_precision")) {
        fields("softmax_precision", TRY(c.typeAttr("softmax_precision", std::nullopt)));
    }
    const int outputs = c.wants(3) ? 4 : c.wants(2) ? 3 : c.wants(1) ? 2 : 1;
    return c.outputs(TRY(c.ops("attention", inputs, outputs, fields)));
}

Status importRotaryEmbedding(NodeImport& c) {
    Fields fields;
    fields("interleaved", TRY(c.boolAttr("interleaved", false)));
    fields("rotary_dim", TRY(c.intAttr("rotary_embedding_dim", 0)))("num_heads", TRY(c.intAttr("num_heads", 0)));
    return c.done(TRY(c.op("rotary_embedding",
                           {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2)), TRY(c.optionalInput(3))}, fields)));
}

}  // namespace

LATHE_ONNX_OPS(attention,                           //
               {"", "Attention", importAttention},  //
               {"", "RotaryEmbedding", importRotaryEmbedding})

}  // namespace lathe::onnx

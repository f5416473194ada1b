// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/com_microsoft/common.h"

namespace lathe::onnx {
namespace {

Status importMicrosoftAttention(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *w = TRY(c.input(1)), *b = TRY(c.optionalInput(2));
    AttentionParts parts;
    parts.heads = TRY(c.intAttr("num_heads"));
    parts.causal = TRY(c.boolAttr("unidirectional", false));
    parts.scale = TRY(c.floatAttr("scale", 0));
    parts.filter = TRY(c.floatAttr("mask_filter_value", -10000));
    parts.keyMask = TRY(c.optionalInput(3));
    parts.bias = TRY(c.optionalInput(5));
    for (const char* name : {"do_rotary", "past_present_share_buffer", "rotary_embedding_dim"}) {
        if (TRY(c.intAttr(name, 0)) != 0) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute '{}' is set, which is not supported", name);
        }
    }
    const Dims weights = c.dims(w);
    if (weights.nbDims != 2 || weights.d[1] < 0) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "the weights {} must be a matrix", toString(weights));
    }
    Ints sizes = TRY(c.intsAttr("qkv_hidden_sizes"));
    if (sizes.empty()) sizes = Ints(3, weights.d[1] / 3);
    if (sizes.size() != 3 || sizes[0] + sizes[1] + sizes[2] != weights.d[1] || parts.heads < 1) {
        return c.invalid("the weights {} do not split into query, key and value of {} heads", toString(weights),
                         parts.heads);
    }
    ITensor* all = TRY(c.matmul(x, w));
    if (b) all = TRY(c.add(all, b));
    const TensorList qkv = TRY(c.ops("split", {all, TRY(c.ints(sizes))}, 3, Fields()("axis", 2)));
    parts.query = qkv[0];
    parts.key = qkv[1];
    parts.value = qkv[2];
    if (c.has(4)) {
        // [2, batch, heads, past, size]
        ITensor* past = TRY(c.input(4));
        parts.pastKey = TRY(c.gather(past, TRY(c.intScalar(0)), 0));
        parts.pastValue = TRY(c.gather(past, TRY(c.intScalar(1)), 0));
    }
    const TensorList out = TRY(addAttention(c, parts, c.wants(1)));
    if (c.wants(1)) {
        TRY(c.output(1, TRY(c.concat({TRY(c.unsqueeze(out[1], {0})), TRY(c.unsqueeze(out[2], {0}))}, 0))));
    }
    return c.done(out[0]);
}

Status importMultiHeadAttention(NodeImport& c) {
    AttentionParts parts;
    parts.heads = TRY(c.intAttr("num_heads"));
    parts.causal = TRY(c.boolAttr("unidirectional", false));
    parts.scale = TRY(c.floatAttr("scale", 0));
    parts.filter = TRY(c.floatAttr("mask_filter_value", -10000));
    if (parts.heads < 1) return c.invalid("attribute 'num_heads' is {}", parts.heads);
    ITensor* query = TRY(c.input(0));
    parts.key = TRY(c.optionalInput(1));
    parts.value = TRY(c.optionalInput(2));
    ITensor* bias = TRY(c.optionalInput(3));
    parts.keyMask = TRY(c.optionalInput(4));
    parts.bias = TRY(c.optionalInput(5));
    parts.pastKey = TRY(c.optionalInput(6));
    parts.pastValue = TRY(c.optionalInput(7));
    if (c.rank(query) == 5) {
        // Packed: [batch, length, heads, 3, size]
        const auto part = [&](int64_t i) -> Result<ITensor*> {
            return c.reshape(TRY(c.gather(query, TRY(c.intScalar(i)), 3)), {0, 0, -1});
        };
        parts.key = TRY(part(1));
        parts.value = TRY(part(2));
        query = TRY(part(0));
    } else if (parts.key && c.rank(parts.key) == 5) {
        // [batch, length, heads, 2, size]
        ITensor* both = parts.key;
        const auto part = [&](int64_t i) -> Result<ITensor*> {
            return c.reshape(TRY(c.gather(both, TRY(c.intScalar(i)), 3)), {0, 0, -1});
        };
        parts.key = TRY(part(0));
        parts.value = TRY(part(1));
    }
    if (!parts.key || !parts.value) return c.notSupported("key and value are missing");
    if (bias) {
        const int64_t q = c.dims(query).d[2], v = c.dims(parts.value).d[c.rank(parts.value) - 1];
        if (c.rank(query) != 3 || c.rank(parts.key) != 3 || q < 1 || v < 1) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "a bias with query {} and value {}",
                          toString(c.dims(query)), toString(c.dims(parts.value)));
        }
        const TensorList cut = TRY(c.ops("split", {bias, TRY(c.ints({q, q, v}))}, 3, Fields()("axis", 0)));
        query = TRY(c.add(query, cut[0]));
        parts.key = TRY(c.add(parts.key, cut[1]));
        parts.value = TRY(c.add(parts.value, cut[2]));
    }
    parts.query = query;
    const bool present = c.wants(1) || c.wants(2);
    return c.outputs(TRY(addAttention(c, parts, present)));
}

// The caches hold all positions; position_ids is [batch, length], or one offset for all.
Status importMicrosoftRotaryEmbedding(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *ids = TRY(c.input(1)), *cosines = TRY(c.input(2)), *sines = TRY(c.input(3));
    Fields fields;
    fields("interleaved", TRY(c.boolAttr("interleaved", false)));
    fields("rotary_dim", TRY(c.intAttr("rotary_embedding_dim", 0)));
    int64_t heads = TRY(c.intAttr("num_heads", 0));
    TRY(c.intAttr("is_packed_batching", 0));
    if (TRY(c.floatAttr("scale", 1)) != 1)
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'scale' is not 1");
    const int axis = c.rank(x) == 3 ? 1 : 2;
    if (c.rank(x) == 3 && heads == 0) {
        const int64_t half = c.dims(cosines).d[1], hidden = c.dims(x).d[2];
        if (half < 1 || hidden < 1 || hidden % (2 * half)) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "data {} and cosines {}: the heads cannot be told",
                          toString(c.dims(x)), toString(c.dims(cosines)));
        }
        heads = hidden / (2 * half);
    }
    fields("num_heads", c.rank(x) == 3 ? heads : 0);
    if (c.rank(ids) == 1) {
        ITensor* places = TRY(c.op("range", {TRY(c.intScalar(0)), TRY(extentOf(c, x, axis)), TRY(c.intScalar(1))}));
        ITensor* own = TRY(c.unsqueeze(TRY(c.add(places, ids)), {0}));
        ITensor* batch = TRY(c.unsqueeze(TRY(extentOf(c, x, 0)), {0}));
        ids = TRY(c.expand(own, TRY(c.concat({batch, TRY(c.ints({1}))}, 0))));
    }
    return c.done(TRY(c.op("rotary_embedding", {x, cosines, sines, ids}, fields)));
}

}  // namespace

LATHE_ONNX_OPS(com_microsoft_attention,                                            //
               {"com.microsoft", "Attention", importMicrosoftAttention},           //
               {"com.microsoft", "MultiHeadAttention", importMultiHeadAttention},  //
               {"com.microsoft", "RotaryEmbedding", importMicrosoftRotaryEmbedding})

}  // namespace lathe::onnx

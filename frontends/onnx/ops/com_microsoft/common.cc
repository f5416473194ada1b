// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/ops/com_microsoft/common.h"
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
Result<ITensor*> applyActivation(NodeImport& c, const std::string& name, const std::vector<double>& parameters,
                                 ITensor* x) {
    const auto parameter = [&](size_t i, double otherwise) {
        return i < parameters.size() ? parameters[i] : otherwise;
    };
    if (name.empty()) return x;
    if (name == "Relu") return c.unary("relu", x);
    if (name == "Sigmoid") return c.unary("sigmoid", x);
    if (name == "Tanh") return c.unary("tanh", x);
    if (name == "LeakyRelu") return c.unary("leaky_relu", x, parameter(0, 0.01));
    if (name == "HardSigmoid") return c.unary("hard_sigmoid", x, parameter(0, 0.2), parameter(1, 0.5));
    if (name == "HardSwish") return c.unary("hard_swish", x);
    if (name == "Clip")
        return c.unary("clip", x, parameter(0, -3.4028234663852886e38), parameter(1, 3.4028234663852886e38));
    return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "activation {} is not supported", inQuotes(name));
}

Result<ITensor*> extentOf(NodeImport& c, ITensor* x, int axis) {
    return c.gather(TRY(c.shapeOf(x)), TRY(c.intScalar(axis)), 0);
}

namespace {

// What is added to the scores for keys that are not to be seen. A mask is [batch] (valid keys), [2 * batch] (their
// ends, then their starts), or 1 for a key that is seen: [batch, keys], [batch, queries, keys], [batch, 1, max, max] is
// not supported.
Result<ITensor*> keyBias(NodeImport& c, ITensor* mask, ITensor* batch, ITensor* keys, double filter, ApiType type) {
    ITensor* seen = nullptr;
    const int rank = c.rank(mask);
    if (rank == 1) {
        ITensor* places = TRY(c.unsqueeze(TRY(c.countTo(keys)), {0}));
        mask = TRY(c.cast(mask, ApiType::kINT64));
        const auto part = [&](ITensor* from, ITensor* to) -> Result<ITensor*> {
            ITensor* cut = TRY(c.op("slice", {mask, TRY(c.unsqueeze(from, {0})), TRY(c.unsqueeze(to, {0}))}));
            return c.unsqueeze(cut, {1});
        };
        // [batch] or [2 * batch]: which of the two is known only by the extents.
        const Dims dims = c.dims(mask);
        seen = TRY(c.binary("less", places, TRY(part(TRY(c.intScalar(0)), batch))));
        ITensor* query = c.node().inputs.empty() ? nullptr : TRY(c.input(0));
        const int64_t known = query ? c.dims(query).d[0] : -1;
        if (dims.d[0] < 0 || known < 0 || dims.d[0] == known) {
            if (dims.d[0] != known) {
                return c.fail(ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                              "a mask {} and a batch that varies: whether it holds starts, too, cannot be told",
                              toString(dims));
            }
        } else if (dims.d[0] == 2 * known) {
            ITensor* twice = TRY(c.add(batch, batch));
            ITensor* after = TRY(c.binary("greater_equal", places, TRY(part(batch, twice))));
            seen = TRY(c.binary("and", seen, after));
        } else {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "a mask of the shape {}", toString(dims));
        }
        seen = TRY(c.unsqueeze(seen, {1, 2}));
    } else if (rank == 2 || rank == 3) {
        seen = TRY(c.cast(mask, ApiType::kBOOL));
        seen = TRY(c.unsqueeze(seen, rank == 2 ? Ints{1, 2} : Ints{1}));
    } else {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "a mask of the shape {}", toString(c.dims(mask)));
    }
    return c.select(seen, TRY(c.scalar(0, type)), TRY(c.scalar(filter, type)));
}

// [batch, length, heads * size] to [batch, heads, length, size]
Result<ITensor*> splitHeads(NodeImport& c, ITensor* x, int64_t heads) {
    return c.transpose(TRY(c.reshape(x, {0, 0, heads, -1})), {0, 2, 1, 3});
}

}  // namespace

Result<TensorList> addAttention(NodeImport& c, AttentionParts parts, bool present) {
    const ApiType type = c.type(parts.query);
    const auto four = [&](ITensor* x) -> Result<ITensor*> {
        return c.rank(x) == 4 ? x : TRY(splitHeads(c, x, parts.heads));
    };
    ITensor *q = TRY(four(parts.query)), *k = TRY(four(parts.key)), *v = TRY(four(parts.value));
    if (!parts.pastKey != !parts.pastValue) return c.invalid("one of the past key and value is missing");
    ITensor* queries = TRY(extentOf(c, q, 2));
    ITensor* keys = TRY(extentOf(c, k, 2));
    ITensor* past = parts.pastKey ? TRY(extentOf(c, parts.pastKey, 2)) : nullptr;
    if (past) keys = TRY(c.add(keys, past));
    ITensor* bias = parts.bias;
    const auto addBias = [&](ITensor* more) -> Status {
        bias = bias ? TRY(c.add(bias, more)) : more;
        return {};
    };
    if (parts.keyMask) TRY(addBias(TRY(keyBias(c, parts.keyMask, TRY(extentOf(c, q, 0)), keys, parts.filter, type))));
    if (parts.causal) {
        ITensor* last = TRY(c.countTo(queries));
        // The queries are the last of all places.
        last = TRY(c.add(last, TRY(c.sub(keys, queries))));
        ITensor* seen =
            TRY(c.binary("less_equal", TRY(c.unsqueeze(TRY(c.countTo(keys)), {0})), TRY(c.unsqueeze(last, {1}))));
        ITensor* mask = TRY(c.select(seen, TRY(c.scalar(0, type)), TRY(c.scalar(parts.filter, type))));
        TRY(addBias(TRY(c.unsqueeze(mask, {0, 1}))));
    }
    Fields fields;
    if (parts.scale != 0) fields("scale", parts.scale);
    TensorList out = TRY(c.ops("attention", {q, k, v, bias, parts.pastKey, parts.pastValue}, present ? 3 : 1, fields));
    out[0] = TRY(c.reshape(TRY(c.transpose(out[0], {0, 2, 1, 3})), {0, 0, -1}));
    return out;
}

Result<ITensor*> dequantize(NodeImport& c, ITensor* x, ITensor* scale, ITensor* zeroPoint, int axis) {
    Fields fields;
    const auto one = [&](ITensor* t) -> Result<ITensor*> {
        return t && c.rank(t) == 1 && c.dims(t).d[0] == 1 ? TRY(c.squeeze(t, {0})) : t;
    };
    scale = TRY(one(scale));
    if (c.rank(scale) > 0) fields("axis", axis);
    return c.op("dequantize_linear", {x, scale, TRY(one(zeroPoint))}, fields("output_dtype", c.type(scale)));
}

Result<ITensor*> quantize(NodeImport& c, ITensor* x, ITensor* scale, ITensor* zeroPoint, ApiType type) {
    const auto one = [&](ITensor* t) -> Result<ITensor*> {
        return t && c.rank(t) == 1 && c.dims(t).d[0] == 1 ? TRY(c.squeeze(t, {0})) : t;
    };
    return c.op("quantize_linear", {x, TRY(one(scale)), TRY(one(zeroPoint))}, Fields()("output_dtype", type));
}

Result<ITensor*> layerNorm(NodeImport& c, ITensor* x, ITensor* scale, ITensor* shift, double epsilon) {
    return c.op("layer_norm", {x, scale, shift}, Fields()("axis", -1)("epsilon", epsilon));
}

}  // namespace lathe::onnx

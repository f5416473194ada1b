// SPDX-License-Identifier: Apache-2.0
// LinearAttention: a state per head that takes up an outer product of key and value at each step and is read by the
// query.
#include <cmath>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// [B, T, heads * D] as [B, T, heads, D] in float.
Result<ITensor*> byHead(NodeImport& c, ITensor* x, int64_t heads, const char* what) {
    if (c.rank(x) != 3) return c.invalid("{} has the shape {}; it must have 3 dimensions", what, toString(c.dims(x)));
    const int64_t width = c.dims(x).d[2];
    if (width < 0) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "the last extent of {} must be known: {}", what,
                      toString(c.dims(x)));
    }
    if (width % heads != 0) return c.invalid("{} heads do not divide the last extent of {}, {}", heads, what, width);
    return c.cast(TRY(c.reshape(x, Ints{0, 0, heads, width / heads})), ApiType::kFLOAT);
}

Result<ITensor*> slice(NodeImport& c, nvinfer1::ILoop* loop, ITensor* x) {
    return c.layer(loop->addIterator(*x, 1), "iterator");
}

Status importLinearAttention(NodeImport& c) {
    const int rule = TRY(c.choiceAttr("update_rule", "gated_delta", {"linear", "gated", "delta", "gated_delta"}));
    const bool gated = rule == 1 || rule == 3, delta = rule >= 2;
    const int64_t heads = TRY(c.intAttr("q_num_heads")), stored = TRY(c.intAttr("kv_num_heads"));
    c.ignoreAttr("chunk_size");  // how it is computed, not what
    if (stored < 1 || heads < stored || heads % stored != 0) {
        return c.invalid("q_num_heads is {}; it must be a multiple of kv_num_heads, {}", heads, stored);
    }
    if (c.has(4) != gated)
        return c.invalid("input 4 (decay) is {}, against the update rule", c.has(4) ? "there" : "left out");
    if (c.has(5) != delta)
        return c.invalid("input 5 (beta) is {}, against the update rule", c.has(5) ? "there" : "left out");
    ITensor *query = TRY(c.input(0)), *past = TRY(c.optionalInput(3));
    const ApiType type = c.type(query);
    ITensor* q = TRY(byHead(c, query, heads, "the query"));
    ITensor* k = TRY(byHead(c, TRY(c.input(1)), stored, "the key"));
    ITensor* v = TRY(byHead(c, TRY(c.input(2)), stored, "the value"));
    const int64_t depth = c.dims(k).d[3], width = c.dims(v).d[3], group = heads / stored;
    if (c.dims(q).d[3] != depth) return c.invalid("a query's head has {} elements, a key's {}", c.dims(q).d[3], depth);
    double scale = TRY(c.floatAttr("scale", 0));
    if (scale == 0) scale = 1 / std::sqrt(static_cast<double>(depth));
    ITensor *decay = nullptr, *beta = nullptr;
    if (gated) {
        decay = TRY(byHead(c, TRY(c.input(4)), stored, "the decay"));
        if (c.dims(decay).d[3] != 1 && c.dims(decay).d[3] != depth) {
            return c.invalid("the decay has {} elements a head; it must have 1 or {}", c.dims(decay).d[3], depth);
        }
        decay = TRY(c.unary("exp", decay));
    }
    if (delta) {
        ITensor* given = TRY(c.input(5));
        const int64_t each = c.rank(given) == 3 ? c.dims(given).d[2] : -1;
        if (each != 1 && each != stored) return c.invalid("beta has the shape {}", toString(c.dims(given)));
        beta = TRY(byHead(c, given, each, "beta"));
    }
    ITensor* shape = TRY(c.shapeOf(query));
    ITensor* batch = TRY(c.slice(shape, {0}, {1}, {0}));
    ITensor* steps = TRY(c.gather(shape, TRY(c.intScalar(1)), 0));
    ITensor* state = nullptr;
    if (past) {
        state = TRY(c.cast(past, ApiType::kFLOAT));
    } else {
        ITensor* extents = TRY(c.concat({batch, TRY(c.ints({stored, depth, width}))}, 0));
        state = TRY(c.expand(TRY(c.scalar(0, ApiType::kFLOAT)), extents));
    }

    nvinfer1::ILoop* loop = c.network().addLoop();
    if (!loop) return c.refusal("addLoop");
    loop->setName(c.session().uniqueName(c.label()).c_str());
    TRY(c.made(loop->addTripLimit(*steps, nvinfer1::TripLimit::kCOUNT), "trip_limit"));
    nvinfer1::IRecurrenceLayer* carried = TRY(c.made(loop->addRecurrence(*state), "recurrence"));
    ITensor* s = carried->getOutput(0);  // [B, stored, depth, width]
    ITensor* key = TRY(slice(c, loop, k));
    ITensor* value = TRY(c.unsqueeze(TRY(slice(c, loop, v)), {2}));
    if (gated) s = TRY(c.mul(s, TRY(c.unsqueeze(TRY(slice(c, loop, decay)), {3}))));
    if (delta) {
        ITensor* known = TRY(c.matmul(TRY(c.unsqueeze(key, {2})), s));
        value = TRY(c.mul(TRY(c.unsqueeze(TRY(slice(c, loop, beta)), {3})), TRY(c.sub(value, known))));
    }
    s = TRY(c.add(s, TRY(c.matmul(TRY(c.unsqueeze(key, {3})), value))));
    carried->setInput(1, *s);
    ITensor* asked = TRY(c.reshape(TRY(slice(c, loop, q)), Ints{0, stored, group, depth}));
    ITensor* answer = TRY(c.scale(TRY(c.matmul(asked, s)), scale));
    answer = TRY(c.reshape(answer, Ints{0, heads * width}));
    auto* all = TRY(c.made(loop->addLoopOutput(*answer, nvinfer1::LoopOutput::kCONCATENATE, 1), "loop", true));
    all->setInput(1, *steps);
    auto* last = TRY(c.made(loop->addLoopOutput(*carried->getOutput(0), nvinfer1::LoopOutput::kLAST_VALUE), "state"));
    TRY(c.output(0, TRY(c.cast(TRY(c.set(all)), type))));
    return c.output(1, TRY(c.cast(TRY(c.set(last)), past ? c.type(past) : type)));
}

}  // namespace

LATHE_ONNX_OP(linear_attention, "LinearAttention", importLinearAttention)

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "ops/attention.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

// [batch, heads, length, size] of an input in either form.
template <class D>
std::vector<D> headsFirst(const std::vector<D>& shape, int64_t heads) {
    if (shape.size() == 4) return shape;
    D size;
    if constexpr (std::is_same_v<D, Dim>)
        size = floorDiv(shape[2], heads);
    else
        size = shape[2] / heads;
    return {shape[0], D(heads), shape[1], size};
}

// Element offsets of one head's rows in an input of either form.
struct HeadView {
    int64_t batchStride, headStride, rowStride;

    HeadView(const Dims& four, bool packed)
        : batchStride(four[1] * four[2] * four[3]),
          headStride(packed ? four[3] : four[2] * four[3]),
          rowStride(packed ? four[1] * four[3] : four[3]) {}
    int64_t row(int64_t b, int64_t h, int64_t i) const { return b * batchStride + h * headStride + i * rowStride; }
};

class AttentionOp final : public ir::OpWith<AttentionAttrs> {
  public:
    constexpr AttentionOp() : OpWith("attention", kNone) {}

    Status infer(InferContext& c) const override {
        const AttentionAttrs& a = attrs(c);
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        for (int i : {1, 2, 4, 5})
            if (given(c, i)) TRY(requireSameType(c, 0, i));
        int rank = c.rank(0);
        if (rank != 3 && rank != 4)
            return invalidArgument("input 0 has the shape {}; expected 3 or 4 dimensions", ir::toString(c.shape(0)));
        for (int i : {1, 2}) TRY(requireRank(c, i, rank));
        if (rank == 3 && (a.qNumHeads < 1 || a.kvNumHeads < 1))
            return invalidArgument("inputs of 3 dimensions need q_num_heads and kv_num_heads, which are {} and {}",
                                   a.qNumHeads, a.kvNumHeads);
        if (a.leftWindow < -1 || a.rightWindow < -1)
            return invalidArgument("the window is {} and {}; expected -1 or more", a.leftWindow, a.rightWindow);
        if (a.maskSelects && (!given(c, 3) || c.dtype(3) != DType::kBool))
            return invalidArgument("mask_selects needs a bool mask");
        if (!(a.softcap >= 0)) return invalidArgument("softcap is {}; it must not be negative", a.softcap);
        for (int i = 0; rank == 3 && i < 3; ++i) {
            int64_t heads = i ? a.kvNumHeads : a.qNumHeads;
            const Dim& d = c.shape(i)[2];
            if (d.isConstant() && d.value() % heads != 0)
                return invalidArgument("input {}: {} cannot be divided into {} heads", i, d.value(), heads);
        }
        Shape q = headsFirst(c.shape(0), a.qNumHeads), k = headsFirst(c.shape(1), a.kvNumHeads),
              v = headsFirst(c.shape(2), a.kvNumHeads);
        Dim batch = TRY(sameExtent(q[0], TRY(sameExtent(k[0], v[0], "the batch sizes")), "the batch sizes"));
        Dim kvHeads = TRY(sameExtent(k[1], v[1], "the numbers of key and value heads"));
        Dim keys = TRY(sameExtent(k[2], v[2], "the numbers of keys and values"));
        Dim size = TRY(sameExtent(q[3], k[3], "the sizes of query and key heads"));
        if (q[1].isConstant() && kvHeads.isConstant() && (kvHeads.value() < 1 || q[1].value() % kvHeads.value() != 0))
            return invalidArgument("{} query heads cannot share {} key heads", q[1].value(), kvHeads.value());
        if (given(c, 4) != given(c, 5)) return invalidArgument("past_key and past_value must be given together");
        Dim all = keys;
        if (given(c, 4)) {
            TRY(requireRank(c, 4, 4));
            TRY(requireRank(c, 5, 4));
            Dim past = TRY(sameExtent(c.shape(4)[2], c.shape(5)[2], "the numbers of past keys and values"));
            for (int i : {4, 5}) {
                TRY(sameExtent(c.shape(i)[0], batch, "the batch sizes"));
                TRY(sameExtent(c.shape(i)[1], kvHeads, "the numbers of key heads"));
                TRY(sameExtent(c.shape(i)[3], i == 4 ? size : v[3], "the sizes of heads"));
            }
            all = past + keys;
        }
        if (given(c, 6)) {
            if (given(c, 4)) return invalidArgument("nonpad_kv_seqlen and past_key cannot be given together");
            TRY(requireType(c, 6, {DType::kInt64, DType::kInt32}));
            TRY(requireRank(c, 6, 1));
            TRY(sameExtent(c.shape(6)[0], batch, "the batch sizes"));
        }
        Shape scores = {batch, q[1], q[2], all};
        if (given(c, 3)) TRY(checkMask(c, scores));
        c.setOutput(0, {c.dtype(0), rank == 4 ? Shape{batch, q[1], q[2], v[3]} : Shape{batch, q[2], q[1] * v[3]}});
        if (c.outputCount() > 4) return invalidArgument("there are {} outputs; at most 4 are defined", c.outputCount());
        if (c.outputCount() > 1) c.setOutput(1, {c.dtype(0), {batch, kvHeads, all, size}});
        if (c.outputCount() > 2) c.setOutput(2, {c.dtype(0), {batch, kvHeads, all, v[3]}});
        if (c.outputCount() > 3) c.setOutput(3, {c.dtype(0), std::move(scores)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const AttentionAttrs& a = attrs(c);
        bool packed = c.input(0).rank() == 3;
        Dims q = headsFirst(c.input(0).dims, a.qNumHeads), k = headsFirst(c.input(1).dims, a.kvNumHeads),
             v = headsFirst(c.input(2).dims, a.kvNumHeads);
        int64_t batch = q[0], heads = q[1], queries = q[2], size = q[3], kvHeads = k[1], vSize = v[3];
        int64_t past = c.has(4) ? c.input(4).dims[2] : 0, all = past + k[2];
        double scale = a.scale != 0 ? a.scale : 1 / std::sqrt(static_cast<double>(size));
        std::vector<int64_t> valid(batch, all);
        if (c.has(6)) valid = readIntegers(c.input(6));
        std::vector<double> mask;
        Dims maskDims, maskStrides;
        if (c.has(3)) {
            mask = readDoubles(c.input(3));
            if (c.input(3).dtype == DType::kBool)
                for (double& m : mask) m = m != 0 ? 0 : -INFINITY;
            maskDims = c.input(3).dims;
            Dims to = {batch, heads, queries, maskDims.back()};
            maskStrides = broadcastStrides(maskDims, to);
            // A single column is one key's, not everyone's.
            if (!maskDims.empty()) maskStrides[3] = 1;
        }

        HeadView qAt(q, packed), kAt(k, packed), vAt(v, packed), yAt({batch, heads, queries, vSize}, packed);
        int outputs = c.node().outputCount();
        std::vector<double> keyT(size * all), values(all * vSize), query(queries * size), scores(queries * all),
            y(queries * vSize), row;
        for (int64_t b = 0; b < batch; ++b) {
            int64_t offset = c.has(4) ? past : c.has(6) ? valid[b] - queries : 0;
            for (int64_t h = 0; h < heads; ++h) {
                int64_t g = h / (heads / kvHeads);
                for (int64_t j = 0; j < all; ++j) {
                    row.resize(std::max(size, vSize));
                    bool old = j < past;
                    readDoubles(c.input(old ? 4 : 1),
                                old ? ((b * kvHeads + g) * past + j) * size : kAt.row(b, g, j - past), size,
                                row.data());
                    for (int64_t d = 0; d < size; ++d) keyT[d * all + j] = row[d];
                    readDoubles(c.input(old ? 5 : 2),
                                old ? ((b * kvHeads + g) * past + j) * vSize : vAt.row(b, g, j - past), vSize,
                                values.data() + j * vSize);
                    if (outputs > 1 && h % (heads / kvHeads) == 0)
                        writeDoubles(c.output(1), ((b * kvHeads + g) * all + j) * size, size, row.data());
                    if (outputs > 2 && h % (heads / kvHeads) == 0)
                        writeDoubles(c.output(2), ((b * kvHeads + g) * all + j) * vSize, vSize,
                                     values.data() + j * vSize);
                }
                for (int64_t i = 0; i < queries; ++i) {
                    readDoubles(c.input(0), qAt.row(b, h, i), size, query.data() + i * size);
                    for (int64_t d = 0; d < size; ++d) query[i * size + d] *= scale;
                }
                std::fill(scores.begin(), scores.end(), 0.0);
                addProduct(queries, all, size, query.data(), size, keyT.data(), all, scores.data(), all);
                auto show = [&](AttentionScores which) {
                    if (outputs > 3 && a.scores == which)
                        writeDoubles(c.output(3), (b * heads + h) * queries * all, queries * all, scores.data());
                };
                show(AttentionScores::kProduct);
                if (a.softcap > 0)
                    for (double& s : scores) s = a.softcap * std::tanh(s / a.softcap);
                show(AttentionScores::kCapped);
                std::vector<bool> blind(queries, true);
                for (int64_t i = 0; i < queries; ++i)
                    for (int64_t j = 0; j < all; ++j) {
                        double bias = 0;
                        int64_t ahead = j - (i + offset);
                        bool hidden = j >= valid[b] || (a.isCausal && ahead > 0) ||
                                      (a.leftWindow >= 0 && -ahead > a.leftWindow) ||
                                      (a.rightWindow >= 0 && ahead > a.rightWindow);
                        if (c.has(3))
                            bias = j < maskDims.back() ? mask[b * maskStrides[0] + h * maskStrides[1] +
                                                              i * maskStrides[2] + j * maskStrides[3]]
                                                       : -INFINITY;
                        if (hidden) bias = -INFINITY;
                        double& score = scores[i * all + j];
                        if (a.maskSelects && !hidden && bias != 0) score = bias = a.hidden;
                        if (!(bias == -INFINITY) || a.blindNan) blind[i] = false;
                        if (!a.maskSelects || hidden) score += bias;
                    }
                show(AttentionScores::kBiased);
                for (int64_t i = 0; i < queries; ++i) softmax(std::span(scores).subspan(i * all, all), blind[i]);
                show(AttentionScores::kSoftmax);
                std::fill(y.begin(), y.end(), 0.0);
                addProduct(queries, vSize, all, scores.data(), all, values.data(), vSize, y.data(), vSize);
                for (int64_t i = 0; i < queries; ++i)
                    writeDoubles(c.output(0), yAt.row(b, h, i), vSize, y.data() + i * vSize);
            }
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kFloat = DType::kFloat, kHalf = DType::kHalf, kBf16 = DType::kBf16, kBool = DType::kBool,
                        kInt64 = DType::kInt64;
        ir::SampleInput none{.absent = true};
        auto four = [](DType t, int64_t batch, int64_t heads, int64_t kvHeads, int64_t queries, int64_t keys,
                       int64_t size) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {batch, heads, queries, size}},
                    {.dtype = t, .dims = {batch, kvHeads, keys, size}},
                    {.dtype = t, .dims = {batch, kvHeads, keys, size}}};
        };
        auto with = [](std::vector<ir::SampleInput> inputs, std::initializer_list<ir::SampleInput> more) {
            inputs.insert(inputs.end(), more);
            return inputs;
        };
        return {
            {.name = "self", .attrs = "", .inputs = four(kFloat, 2, 3, 3, 17, 17, 16), .reduction = 33},
            {.name = "cross",
             .attrs = "scale=0.3",
             .inputs = four(kFloat, 1, 2, 2, 5, 19, 8),
             .outputs = 4,
             .reduction = 27},
            {.name = "causal", .attrs = "is_causal=true", .inputs = four(kFloat, 1, 2, 2, 13, 13, 8), .reduction = 21},
            {.name = "grouped", .attrs = "is_causal=true", .inputs = four(kFloat, 1, 6, 2, 7, 7, 8), .reduction = 15},
            {.name = "packed",
             .attrs = "q_num_heads=4 kv_num_heads=2",
             .inputs = {{.dims = {2, 9, 32}}, {.dims = {2, 11, 16}}, {.dims = {2, 11, 12}}},
             .reduction = 19},
            {.name = "mask",
             .attrs = "",
             .inputs = with(four(kFloat, 2, 2, 2, 6, 10, 8), {{.dims = {2, 1, 6, 10}}}),
             .reduction = 18},
            {.name = "bool_mask",
             .attrs = "softcap=1.5",
             .inputs = with(four(kFloat, 2, 2, 2, 6, 10, 8), {{.dtype = kBool, .dims = {6, 10}}}),
             .reduction = 18},
            {.name = "selecting_mask",
             .attrs = "mask_selects=true hidden=-1e30",
             .inputs = with(four(kFloat, 2, 2, 2, 3, 40, 8),
                            {{.dtype = kBool, .dims = {2, 1, 1, 40}, .values = std::vector<double>(80, 0.0)}}),
             .reduction = 48},
            {.name = "blind_nan",
             .attrs = "blind_nan=true mask_selects=true",
             .inputs = with(four(kFloat, 2, 2, 2, 9, 40, 8), {{.dtype = kBool, .dims = {2, 1, 9, 40}}}),
             .reduction = 48},
            {.name = "blind_zero",
             .attrs = "is_causal=true",
             .inputs = with(four(kFloat, 1, 2, 2, 5, 5, 8),
                            {{.dtype = kBool, .dims = {5, 5}, .values = std::vector<double>(25, 0.0)}}),
             .reduction = 13},
            {.name = "many",
             .attrs = "is_causal=true",
             .inputs = with(four(kFloat, 1, 4, 2, 70, 300, 24), {{.dims = {70, 300}}}),
             .reduction = 324},
            {.name = "past",
             .attrs = "is_causal=true",
             .inputs = with(four(kFloat, 1, 4, 2, 3, 3, 8), {none, {.dims = {1, 2, 9, 8}}, {.dims = {1, 2, 9, 8}}}),
             .outputs = 3,
             .reduction = 20},
            {.name = "lengths",
             .attrs = "is_causal=true",
             .inputs = with(four(kFloat, 2, 2, 2, 3, 12, 8),
                            {none, none, none, {.dtype = kInt64, .dims = {2}, .values = {12, 5}}}),
             .reduction = 20},
            {.name = "window",
             .attrs = "left_window=3 right_window=1",
             .inputs = four(kFloat, 1, 2, 2, 11, 11, 8),
             .reduction = 19},
            {.name = "scores",
             .attrs = "qk_matmul_output_mode=softmax",
             .inputs = four(kFloat, 1, 2, 2, 5, 6, 4),
             .outputs = 4,
             .reduction = 10},
            {.name = "f16", .attrs = "", .inputs = four(kHalf, 1, 2, 2, 9, 9, 32), .reduction = 41},
            {.name = "bf16", .attrs = "is_causal=true", .inputs = four(kBf16, 1, 2, 2, 9, 9, 16), .reduction = 25},
            {.name = "empty", .attrs = "", .inputs = four(kFloat, 0, 2, 2, 3, 3, 4)},
            {.name = "no_keys", .attrs = "", .inputs = four(kFloat, 1, 2, 2, 3, 0, 4)},
        };
    }

  private:
    static Status checkMask(const InferContext& c, Shape scores) {
        if (c.dtype(3) != DType::kBool) TRY(requireSameType(c, 0, 3));
        if (c.rank(3) < 1 || c.rank(3) > 4)
            return invalidArgument("the mask has the shape {}; expected 1 to 4 dimensions", ir::toString(c.shape(3)));
        const Dim& columns = c.shape(3).back();
        if (columns.isConstant() && scores[3].isConstant() && columns.value() > scores[3].value())
            return invalidArgument("the mask has {} columns for {} keys", columns.value(), scores[3].value());
        scores[3] = columns;
        return requireBroadcastTo(c, 3, scores);
    }

    static void softmax(std::span<double> row, bool blind) {
        if (blind) {
            std::fill(row.begin(), row.end(), 0.0);
            return;
        }
        double peak = -INFINITY, sum = 0;
        for (double s : row) peak = std::max(peak, s);
        for (double& s : row) sum += s = std::exp(s - peak);
        for (double& s : row) s /= sum;
    }
};

}  // namespace

LATHE_OP(attention, AttentionOp)

}  // namespace lathe::ops

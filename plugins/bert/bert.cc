// SPDX-License-Identifier: Apache-2.0
// CustomEmbLayerNormPluginDynamic and CustomQKVToContextPluginDynamic, which BERT networks are made of. Their tensors
// have the sequence first: [S, B, …].
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// Token ids, segment ids and mask, all [S, B] int32. Outputs: the sum of the three embeddings, normalized along the
// hidden axis, [S, B, E, 1, 1]; and how many tokens of each sequence the mask keeps, [B] int32.
class EmbeddingNorm final : public Kind {
  public:
    EmbeddingNorm()
        : Kind("CustomEmbLayerNormPluginDynamic", "1",
               {integer("output_fp16", 0), integer("full_mask", 0), integer("mha_type_id", 0),
                required("bert_embeddings_layernorm_beta", PluginFieldType::kFLOAT32, -1),
                required("bert_embeddings_layernorm_gamma", PluginFieldType::kFLOAT32, -1),
                required("bert_embeddings_word_embeddings", PluginFieldType::kFLOAT32, -1),
                required("bert_embeddings_token_type_embeddings", PluginFieldType::kFLOAT32, -1),
                required("bert_embeddings_position_embeddings", PluginFieldType::kFLOAT32, -1)}) {}
    std::string check(const Values& v) const override {
        const size_t e = beta(v).size();
        if (e == 0 || v.reals("bert_embeddings_layernorm_gamma").size() != e)
            return "beta and gamma do not fit each other";
        for (const char* name : {"bert_embeddings_word_embeddings", "bert_embeddings_token_type_embeddings",
                                 "bert_embeddings_position_embeddings"})
            if (v.reals(name).empty() || v.reals(name).size() % e)
                return std::string(name) + " is no table of rows like beta";
        return v.integer("full_mask") ? "full_mask is not supported: the mask's second form is for one kernel alone"
                                      : "";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        for (size_t i = 0; i < 3 && wrong.empty(); ++i) wrong = rankOf(in, i, 2);
        return wrong;
    }
    int outputs(const Values&) const override { return 2; }
    DataType inputType(const Values&, int) const override { return DataType::kINT32; }
    DataType outputType(const Values&, int o) const override { return o == 0 ? DataType::kFLOAT : DataType::kINT32; }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        if (o == 1) return shapeOf({in[0].d[1]});
        return shapeOf(
            {in[0].d[0], in[0].d[1], e.constant(static_cast<int64_t>(beta(v).size())), e.constant(1), e.constant(1)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const auto &words = v.reals("bert_embeddings_word_embeddings"),
                   &types = v.reals("bert_embeddings_token_type_embeddings"),
                   &positions = v.reals("bert_embeddings_position_embeddings"),
                   &gamma = v.reals("bert_embeddings_layernorm_gamma");
        const auto e = static_cast<int64_t>(beta(v).size());
        const int64_t s = in[0].d(0), b = in[0].d(1);
        auto rows = [&](const std::vector<float>& table) { return static_cast<int64_t>(table.size()) / e; };
        if (s > rows(positions) || in[1].count() != s * b || in[2].count() != s * b) return false;
        for (int64_t r = 0; r < s * b; ++r) {
            const int64_t word = in[0].i()[r], type = in[1].i()[r];
            if (word < 0 || word >= rows(words) || type < 0 || type >= rows(types)) return false;
            float* y = out[0].f() + r * e;
            double sum = 0, squares = 0;
            for (int64_t i = 0; i < e; ++i) {
                y[i] = words[static_cast<size_t>(word * e + i)] + types[static_cast<size_t>(type * e + i)] +
                       positions[static_cast<size_t>(r / b * e + i)];
                sum += y[i];
            }
            const double mean = sum / static_cast<double>(e);
            for (int64_t i = 0; i < e; ++i) squares += (y[i] - mean) * (y[i] - mean);
            const double inverse = 1 / std::sqrt(squares / static_cast<double>(e) + 1e-5);
            for (int64_t i = 0; i < e; ++i)
                y[i] = static_cast<float>((y[i] - mean) * inverse * gamma[static_cast<size_t>(i)] +
                                          beta(v)[static_cast<size_t>(i)]);
        }
        for (int64_t k = 0; k < b; ++k) {
            int32_t kept = 0;
            for (int64_t i = 0; i < s; ++i) kept += in[2].i()[i * b + k] != 0;
            out[1].i()[k] = kept;
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer tokens = e.in(0), segments = e.shapedLike(e.in(1), tokens), mask = e.shapedLike(e.in(2), tokens);
        const auto n = static_cast<int64_t>(beta(v).size());
        auto table = [&](const char* name) {
            return e.pluginsReals({static_cast<int64_t>(v.reals(name).size()) / n, n}, v.reals(name));
        };
        Layer places = e.gather(table("bert_embeddings_position_embeddings"), e.count({tokens, 0}), 0);
        Layer sum = e.binary("add", e.gather(table("bert_embeddings_word_embeddings"), e.refuseNegative(tokens), 0),
                             e.gather(table("bert_embeddings_token_type_embeddings"), e.refuseNegative(segments), 0));
        sum = e.binary("add", sum, e.reshape(places, {{tokens, 0}, 1, n}));
        Layer y =
            e.op("layer_norm",
                 {sum, e.pluginsReals({n}, v.reals("bert_embeddings_layernorm_gamma")), e.pluginsReals({n}, beta(v))},
                 {{"axis", int64_t{2}}, {"epsilon", 1e-5}});
        Layer seen = e.cast(e.unary("not", e.binary("equal", mask, e.like(e.integer(0), mask))), DataType::kINT32);
        return e.done({e.reshape(y, {{tokens, 0}, {tokens, 1}, n, 1, 1}), e.reduce("sum", seen, {0}, false)});
    }

  private:
    static const std::vector<float>& beta(const Values& v) { return v.reals("bert_embeddings_layernorm_beta"); }
};

// Input [S, B, 3 E, 1, 1], of each head query, key and value one after the other; with has_mask the lengths [B] int32.
// Output [S, B, E, 1, 1]: softmax(q k / sqrt(size)) v.
class QkvToContext final : public Kind {
  public:
    QkvToContext()
        : Kind("CustomQKVToContextPluginDynamic", "1",
               {integer("type_id", 0), required("hidden_size", PluginFieldType::kINT32),
                required("num_heads", PluginFieldType::kINT32), integer("has_mask", 0),
                optionalList("dq_probs", PluginFieldType::kFLOAT32)}) {}
    std::string check(const Values& v) const override {
        const int64_t e = v.integer("hidden_size"), n = v.integer("num_heads");
        return e > 0 && n > 0 && e % n == 0 ? "" : "num_heads does not divide hidden_size";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        const size_t count = v.integer("has_mask") ? 2 : 1;
        std::string wrong = inputCount(in, count, count);
        if (!wrong.empty()) return wrong;
        if (in[0].nbDims < 3 || in[0].d[2] != 3 * v.integer("hidden_size"))
            return "input 0 is not [S, B, 3 hidden_size, …]";
        return count > 1 ? rankOf(in, 1, 1) : "";
    }
    DataType inputType(const Values&, int i) const override { return i == 1 ? DataType::kINT32 : DataType::kFLOAT; }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        DimsExprs out = in[0];
        out.d[2] = e.constant(v.integer("hidden_size"));
        return out;
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t s = in[0].d(0), b = in[0].d(1), e = v.integer("hidden_size"), n = v.integer("num_heads"),
                      h = e / n;
        if (in.size() > 1 && in[1].d(0) != b) return false;
        const float scale = 1 / std::sqrt(static_cast<float>(h));
        std::vector<float> p(static_cast<size_t>(s));
        for (int64_t k = 0; k < b; ++k) {
            const int64_t keys = in.size() > 1 ? std::clamp<int64_t>(in[1].i()[k], 0, s) : s;
            for (int64_t head = 0; head < n; ++head) {
                auto part = [&](int64_t i, int64_t which) {
                    return in[0].f() + ((i * b + k) * n + head) * 3 * h + which * h;
                };
                for (int64_t i = 0; i < s; ++i) {
                    float most = -INFINITY, sum = 0;
                    for (int64_t j = 0; j < keys; ++j) {
                        float dot = 0;
                        for (int64_t d = 0; d < h; ++d) dot += part(i, 0)[d] * part(j, 1)[d];
                        p[static_cast<size_t>(j)] = dot * scale;
                        most = std::max(most, dot * scale);
                    }
                    for (int64_t j = 0; j < keys; ++j)
                        sum += p[static_cast<size_t>(j)] = std::exp(p[static_cast<size_t>(j)] - most);
                    float* y = out[0].f() + (i * b + k) * e + head * h;
                    std::fill(y, y + h, 0.f);
                    for (int64_t j = 0; j < keys; ++j)
                        for (int64_t d = 0; d < h; ++d) y[d] += p[static_cast<size_t>(j)] / sum * part(j, 2)[d];
                }
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const int64_t hidden = v.integer("hidden_size"), n = v.integer("num_heads"), h = hidden / n;
        for (int k = 3; k < e.rank(x); ++k)
            if (e.dims(x).d[k] != 1) return false;
        Layer all = e.transpose(e.reshape(x, {{x, 0}, {x, 1}, n, 3, h}), {3, 1, 2, 0, 4});
        std::vector<Layer> given;
        for (Layer part : e.split(all, 0, {1, 1, 1})) given.push_back(e.reshape(part, {{x, 1}, n, {x, 0}, h}));
        if (e.inputs() > 1) {
            Layer lengths = e.reshape(e.cast(e.in(1), DataType::kINT64), {{x, 1}, 1, 1, 1});
            given.push_back(e.binary("less", e.reshape(e.count({x, 0}), {1, 1, 1, {x, 0}}), lengths));
        }
        Layer y = e.op("attention", given, {{"scale", 1 / std::sqrt(static_cast<double>(h))}});
        std::vector<Expansion::Extent> extents = {{x, 0}, {x, 1}, hidden};
        extents.resize(static_cast<size_t>(e.rank(x)), 1);
        return e.done({e.reshape(e.transpose(y, {2, 0, 1, 3}), extents)});
    }
};

}  // namespace

LATHE_PLUGINS(bert_bert, EmbeddingNorm, Reissued<EmbeddingNorm, '6'>, QkvToContext, Reissued<QkvToContext, '4'>)

}  // namespace lathe::plugins

// SPDX-License-Identifier: Apache-2.0
// InstanceNormalization_TRT, GroupNormalizationPlugin, Normalize_TRT, CustomSkipLayerNormPluginDynamic.
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// Mean and 1 / sqrt(variance + epsilon).
std::pair<double, double> moments(const float* x, int64_t n, double epsilon) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i];
    const double mean = n ? sum / static_cast<double>(n) : 0;
    for (int64_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
    return {mean, 1 / std::sqrt((n ? squares / static_cast<double>(n) : 0) + epsilon)};
}

// x [N, C, …], scale [C], bias [C]: each channel of each image by its own moments; then max(y, alpha y) if relu.
class InstanceNorm final : public Kind {
  public:
    InstanceNorm()
        : Kind("InstanceNormalization_TRT", "1", {real("epsilon", 1e-5), integer("relu", 0), real("alpha", 0)}) {}
    std::string check(const Values& v) const override { return v.real("epsilon") >= 0 ? "" : "epsilon is negative"; }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (!wrong.empty()) return wrong;
        if (in[0].nbDims < 3) return "input 0 has fewer than 3 dimensions";
        return {};
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t c = in[0].d(1), inner = in[0].count(2), planes = in[0].d(0) * c;
        if (in[1].count() != c || in[2].count() != c) return false;
        const bool relu = v.integer("relu") != 0;
        const float alpha = v.real("alpha");
        for (int64_t p = 0; p < planes; ++p) {
            const float* x = in[0].f() + p * inner;
            const auto [mean, inverse] = moments(x, inner, v.real("epsilon"));
            for (int64_t i = 0; i < inner; ++i) {
                const float y = static_cast<float>((x[i] - mean) * inverse * in[1].f()[p % c] + in[2].f()[p % c]);
                out[0].f()[p * inner + i] = relu && y < 0 ? alpha * y : y;
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer y = e.op("instance_norm", {e.in(0), e.flat(e.in(1)), e.flat(e.in(2))}, {{"epsilon", v.real("epsilon")}});
        if (v.integer("relu")) y = e.unary("leaky_relu", y, v.real("alpha"));
        return e.done({y});
    }
};

// x [N, C, …], scale and bias [C]: groups of channels by their moments.
class GroupNorm final : public Kind {
  public:
    GroupNorm() : Kind("GroupNormalizationPlugin", "1", {real("eps", 1e-5), integer("num_groups", 1)}) {}
    std::string check(const Values& v) const override {
        return v.integer("num_groups") > 0 && v.real("eps") >= 0 ? "" : "num_groups or eps is not positive";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (!wrong.empty()) return wrong;
        if (in[0].nbDims < 3) return "input 0 has fewer than 3 dimensions";
        if (in[0].d[1] > 0 && in[0].d[1] % v.integer("num_groups")) return "the groups do not divide the channels";
        return {};
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t c = in[0].d(1), inner = in[0].count(2), groups = v.integer("num_groups");
        if (c % groups || in[1].count() != c || in[2].count() != c) return false;
        const int64_t size = c / groups * inner;
        for (int64_t g = 0; g < in[0].d(0) * groups; ++g) {
            const float* x = in[0].f() + g * size;
            const auto [mean, inverse] = moments(x, size, v.real("eps"));
            for (int64_t i = 0; i < size; ++i) {
                const int64_t k = g % groups * (c / groups) + i / inner;
                out[0].f()[g * size + i] = static_cast<float>((x[i] - mean) * inverse * in[1].f()[k] + in[2].f()[k]);
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        return e.done({e.op("group_norm", {e.in(0), e.flat(e.in(1)), e.flat(e.in(2))},
                            {{"epsilon", v.real("eps")}, {"num_groups", v.integer("num_groups")}})});
    }
};

// x / sqrt(sum of squares + eps) times weights: the sum over the channels at each place, or over the whole image.
class Normalize final : public Kind {
  public:
    Normalize()
        : Kind("Normalize_TRT", "1",
               {required("weights", PluginFieldType::kFLOAT32, -1), integer("acrossSpatial", 1),
                integer("channelShared", 1), integer("nbWeights", 1), real("eps", 1e-10)}) {}
    std::string check(const Values& v) const override {
        if (v.reals("weights").empty()) return "there are no weights";
        return v.integer("channelShared") == 0 || v.reals("weights").size() == 1 ? "" : "shared weights are one number";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (wrong.empty() && !v.integer("channelShared") &&
            in[0].d[1] != static_cast<int64_t>(v.reals("weights").size()))
            return "there is not one weight a channel";
        return wrong;
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), inner = in[0].count(2);
        const bool whole = v.integer("acrossSpatial") != 0, shared = v.integer("channelShared") != 0;
        const auto& w = v.reals("weights");
        for (int64_t b = 0; b < n; ++b) {
            const float* x = in[0].f() + b * c * inner;
            float* y = out[0].f() + b * c * inner;
            double total = 0;
            for (int64_t i = 0; i < c * inner; ++i) total += static_cast<double>(x[i]) * x[i];
            for (int64_t i = 0; i < inner; ++i) {
                double sum = total;
                if (!whole) {
                    sum = 0;
                    for (int64_t k = 0; k < c; ++k) sum += static_cast<double>(x[k * inner + i]) * x[k * inner + i];
                }
                const double inverse = 1 / std::sqrt(sum + v.real("eps"));
                for (int64_t k = 0; k < c; ++k)
                    y[k * inner + i] =
                        static_cast<float>(x[k * inner + i] * inverse * w[shared ? 0 : static_cast<size_t>(k)]);
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        e.exact(true);  // squares soon leave the range of f16
        const auto& w = v.reals("weights");
        Layer x = e.wide(e.in(0));
        const auto axes = v.integer("acrossSpatial") ? std::vector<int64_t>{1, 2, 3} : std::vector<int64_t>{1};
        Layer squares = e.reduce("sum", e.binary("mul", x, x), axes, true);
        Layer y = e.binary("div", x, e.unary("sqrt", e.binary("add", squares, e.real(v.real("eps")))));
        Layer scale =
            v.integer("channelShared") ? e.real(w[0]) : e.pluginsReals({1, static_cast<int64_t>(w.size()), 1, 1}, w);
        return e.done({e.like(e.binary("mul", y, scale), e.in(0))});
    }
};

// x and skip [S, B, E, 1, 1] (or with E last): (x + skip + bias), normalized along E, times gamma plus beta.
class SkipLayerNorm : public Kind {
  public:
    // Of version 2 the hidden size is what beta has.
    SkipLayerNorm(const char* version = "1")
        : Kind("CustomSkipLayerNormPluginDynamic", version,
               {integer("type_id", 0), version[0] == '1' ? required("ld", PluginFieldType::kINT32) : integer("ld", 0),
                required("beta", PluginFieldType::kFLOAT32, -1), required("gamma", PluginFieldType::kFLOAT32, -1),
                optionalList("bias", PluginFieldType::kFLOAT32)}) {}
    std::string check(const Values& v) const override {
        const size_t n = v.reals("beta").size();
        const bool given = version()[0] == '1' || v.integer("ld") != 0;
        const bool fits = n > 0 && (!given || v.integer("ld") == static_cast<int64_t>(n)) &&
                          v.reals("gamma").size() == n &&
                          (!v.has("bias") || v.reals("bias").empty() || v.reals("bias").size() == n);
        return fits ? "" : "beta, gamma and bias must have as many values as ld says";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 2);
        if (!wrong.empty()) return wrong;
        if (in[0].nbDims < 3 || in[0].d[2] != static_cast<int64_t>(v.reals("beta").size()))
            return "input 0 is not [S, B, ld, …]";
        for (int k = 3; k < in[0].nbDims; ++k)
            if (in[0].d[k] != 1) return "input 0 is not [S, B, ld, 1, 1]";
        return rankOf(in, 1, in[0].nbDims);
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const auto n = static_cast<int64_t>(v.reals("beta").size());
        if (in[0].count() != in[1].count()) return false;
        const bool biased = v.has("bias") && !v.reals("bias").empty();
        std::vector<float> row(static_cast<size_t>(n));
        for (int64_t r = 0; r < in[0].count() / n; ++r) {
            for (int64_t i = 0; i < n; ++i)
                row[static_cast<size_t>(i)] = in[0].f()[r * n + i] + in[1].f()[r * n + i] +
                                              (biased ? v.reals("bias")[static_cast<size_t>(i)] : 0.f);
            const auto [mean, inverse] = moments(row.data(), n, 1e-5);
            for (int64_t i = 0; i < n; ++i) {
                const size_t k = static_cast<size_t>(i);
                out[0].f()[r * n + i] =
                    static_cast<float>((row[k] - mean) * inverse * v.reals("gamma")[k] + v.reals("beta")[k]);
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const auto n = static_cast<int64_t>(v.reals("beta").size());
        const std::vector<Expansion::Extent> rows = {{x, 0}, {x, 1}, n};
        auto weights = [&](const char* name) { return e.like(e.pluginsReals({n}, v.reals(name)), x); };
        Layer sum = e.binary("add", e.shaped(x, rows), e.shaped(e.in(1), rows));
        if (v.has("bias") && !v.reals("bias").empty()) sum = e.binary("add", sum, weights("bias"));
        Layer y =
            e.op("layer_norm", {sum, weights("gamma"), weights("beta")}, {{"axis", int64_t{2}}, {"epsilon", 1e-5}});
        return e.done({e.shapedLike(y, x)});
    }
};

class SkipLayerNorm2 final : public SkipLayerNorm {
  public:
    SkipLayerNorm2() : SkipLayerNorm("2") {}
};

}  // namespace

LATHE_PLUGINS(norm_norm, InstanceNorm, Reissued<InstanceNorm, '2', false>, Reissued<InstanceNorm, '3'>, GroupNorm,
              Normalize, SkipLayerNorm, SkipLayerNorm2, Reissued<SkipLayerNorm, '5'>, Reissued<SkipLayerNorm2, '6'>)

}  // namespace lathe::plugins

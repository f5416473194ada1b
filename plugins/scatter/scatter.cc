// SPDX-License-Identifier: Apache-2.0
// ScatterND and ScatterElements.
#include <algorithm>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// data, indices [..., k] int32, updates: data with slices replaced.
class ScatterNd final : public Kind {
  public:
    ScatterNd() : Kind("ScatterND", "1", {}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (!wrong.empty()) return wrong;
        if (in[1].nbDims < 1 || in[1].d[in[1].nbDims - 1] > in[0].nbDims || in[1].d[in[1].nbDims - 1] < 1)
            return "an index has more parts than the data have dimensions";
        return {};
    }
    DataType inputType(const Values&, int i) const override { return i == 1 ? DataType::kINT32 : DataType::kFLOAT; }
    bool run(const Values&, const Views& in, const Views& out) const override {
        const int parts = static_cast<int>(in[1].d(in[1].dims.nbDims - 1));
        const int64_t slice = in[0].count(parts), places = in[1].count() / parts;
        if (in[2].count() != places * slice) return false;
        std::copy(in[0].f(), in[0].f() + in[0].count(), out[0].f());
        for (int64_t p = 0; p < places; ++p) {
            int64_t at = 0;
            for (int k = 0; k < parts; ++k) {
                int64_t i = in[1].i()[p * parts + k];
                if (i < 0) i += in[0].d(k);
                if (i < 0 || i >= in[0].d(k)) return false;
                at = at * in[0].d(k) + i;
            }
            std::copy(in[2].f() + p * slice, in[2].f() + (p + 1) * slice, out[0].f() + at * slice);
        }
        return true;
    }
    bool expand(const Values&, Expansion& e) const override {
        Layer data = e.in(0), indices = e.in(1);
        const int last = e.rank(indices) - 1;
        std::vector<Expansion::Extent> extents;
        for (int k = 0; k < last; ++k) extents.emplace_back(indices, k);
        for (auto k = static_cast<int>(e.dims(indices).d[last]); k < e.rank(data); ++k) extents.emplace_back(data, k);
        if (extents.empty()) return false;  // one element for one place
        return e.done({e.op("scatter_nd", {data, indices, e.shaped(e.in(2), extents)})});
    }
};

// data, indices int32, updates of the indices' shape: one element each, along an axis; reduction none, add, mul, min,
// max, mean (of the updates and what was there).
class ScatterElements final : public Kind {
  public:
    ScatterElements()
        : Kind("ScatterElements", "1",
               {integer("axis", 0), {"reduction", PluginFieldType::kCHAR, -1, {'n', 'o', 'n', 'e'}}}) {}
    std::string check(const Values& v) const override {
        const std::string r = reduction(v);
        for (const char* known : {"none", "add", "sum", "mul", "min", "max", "amin", "amax", "mean"})
            if (r == known) return {};
        return "the reduction '" + r + "' is not known";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (wrong.empty()) wrong = rankOf(in, 1, in[0].nbDims);
        if (wrong.empty()) wrong = rankOf(in, 2, in[0].nbDims);
        const int64_t axis = v.integer("axis");
        if (wrong.empty() && (axis < -in[0].nbDims || axis >= in[0].nbDims)) return "there is no such axis";
        return wrong;
    }
    DataType inputType(const Values&, int i) const override { return i == 1 ? DataType::kINT32 : DataType::kFLOAT; }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int rank = in[0].dims.nbDims;
        const auto axis = static_cast<int>((v.integer("axis") + rank) % rank);
        if (in[1].count() != in[2].count()) return false;
        const std::string r = reduction(v);
        std::copy(in[0].f(), in[0].f() + in[0].count(), out[0].f());
        std::vector<int32_t> hits(r == "mean" ? static_cast<size_t>(in[0].count()) : 0, 1);
        for (int64_t e = 0; e < in[1].count(); ++e) {
            int64_t rest = e, at = 0, stride = 1;
            for (int k = rank - 1; k >= 0; --k) {
                int64_t i = rest % in[1].d(k);
                rest /= in[1].d(k);
                if (k == axis) {
                    i = in[1].i()[e];
                    if (i < 0) i += in[0].d(k);
                }
                if (i < 0 || i >= in[0].d(k)) return false;
                at += i * stride;
                stride *= in[0].d(k);
            }
            float& y = out[0].f()[at];
            const float u = in[2].f()[e];
            if (r == "none")
                y = u;
            else if (r == "mul")
                y *= u;
            else if (r == "min" || r == "amin")
                y = std::min(y, u);
            else if (r == "max" || r == "amax")
                y = std::max(y, u);
            else
                y += u;
            if (r == "mean") ++hits[static_cast<size_t>(at)];
        }
        for (size_t i = 0; i < hits.size(); ++i) out[0].f()[i] /= static_cast<float>(hits[i]);
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer data = e.in(0), indices = e.in(1), updates = e.shapedLike(e.in(2), indices);
        std::string r = reduction(v);
        const bool mean = r == "mean";
        if (r == "sum" || mean) r = "add";
        if (r == "amin" || r == "amax") r = r.substr(1);
        auto scattered = [&](Layer x, Layer u) {
            return e.op("scatter_elements", {x, indices, u}, {{"axis", v.integer("axis")}, {"reduction", r}});
        };
        if (!mean) return e.done({scattered(data, updates)});
        e.exact(true);
        auto ones = [&](Layer x) {
            std::vector<Expansion::Extent> extents;
            for (int k = 0; k < e.rank(x); ++k) extents.emplace_back(x, k);
            return e.expand(e.real(1), extents);
        };
        Layer sums = scattered(e.wide(data), e.wide(updates)), hits = scattered(ones(data), ones(indices));
        return e.done({e.like(e.binary("div", sums, hits), data)});
    }

  private:
    // Without the terminator that some programs give with it.
    static std::string reduction(const Values& v) {
        std::string s = v.text("reduction");
        while (!s.empty() && s.back() == '\0') s.pop_back();
        return s;
    }
};

}  // namespace

LATHE_PLUGINS(scatter_scatter, ScatterNd, ScatterElements, Reissued<ScatterElements, '2'>)

}  // namespace lathe::plugins

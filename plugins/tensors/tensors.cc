// SPDX-License-Identifier: Apache-2.0
// Small ones that mostly move elements: Split, BatchTilePlugin_TRT, ResizeNearest_TRT, SpecialSlice_TRT,
// PillarScatterPlugin; and Region_TRT and CustomFCPluginDynamic.
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// x -> parts along an axis: of output_lengths, or noutputs equal ones.
class SplitParts final : public Kind {
  public:
    SplitParts()
        : Kind("Split", "1",
               {integer("axis", 0), optionalList("output_lengths", PluginFieldType::kINT32), integer("noutputs", 0)}) {}
    std::string check(const Values& v) const override {
        const size_t lengths = v.has("output_lengths") ? v.integers("output_lengths").size() : 0;
        const int64_t n = v.integer("noutputs");
        if (lengths == 0 && (n < 1 || n > 10'000)) return "there are neither output_lengths nor noutputs";
        if (lengths != 0 && n != 0 && static_cast<size_t>(n) != lengths)
            return "noutputs is not the number of output_lengths";
        for (size_t i = 0; i < lengths; ++i)
            if (v.integer("output_lengths", i) < 1) return "output_lengths has one that is not positive";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (!wrong.empty()) return wrong;
        const int64_t axis = v.integer("axis"), rank = in[0].nbDims;
        if (axis < -rank || axis >= rank) return "there is no axis " + std::to_string(axis);
        const int64_t have = in[0].d[(axis + rank) % rank];
        if (have < 0) return "the extent along axis " + std::to_string(axis) + " is not known";
        int64_t all = 0;
        for (int o = 0; o < outputs(v); ++o) all += length(v, o, have);
        return all == have
                   ? ""
                   : "the parts have " + std::to_string(all) + " places together, the input " + std::to_string(have);
    }
    int outputs(const Values& v) const override {
        return static_cast<int>(v.has("output_lengths") && !v.integers("output_lengths").empty()
                                    ? v.integers("output_lengths").size()
                                    : static_cast<size_t>(v.integer("noutputs")));
    }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        DimsExprs out = in[0];
        const auto axis = static_cast<int>((v.integer("axis") + out.nbDims) % out.nbDims);
        out.d[axis] = e.constant(length(v, o, in[0].d[axis]->getConstantValue()));
        return out;
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int rank = in[0].dims.nbDims;
        const auto axis = static_cast<int>((v.integer("axis") + rank) % rank);
        const int64_t row = in[0].count(axis), rows = row ? in[0].count() / row : 0;
        int64_t at = 0;
        for (const View& y : out) {
            const int64_t part = y.count(axis);
            for (int64_t r = 0; r < rows; ++r)
                std::copy(in[0].f() + r * row + at, in[0].f() + r * row + at + part, y.f() + r * part);
            at += part;
        }
        return at == row;
    }
    bool expand(const Values& v, Expansion& e) const override {
        const Dims d = e.dims(e.in(0));
        const int64_t axis = (v.integer("axis") + d.nbDims) % d.nbDims;
        std::vector<int64_t> lengths;
        for (int o = 0; o < outputs(v); ++o) lengths.push_back(length(v, o, d.d[axis]));
        return e.done(e.split(e.in(0), axis, lengths));
    }

  private:
    static int64_t length(const Values& v, int o, int64_t extent) {
        if (v.has("output_lengths") && !v.integers("output_lengths").empty())
            return v.integer("output_lengths", static_cast<size_t>(o));
        return extent / v.integer("noutputs");
    }
};

// x [N, …] and y [1, C, H, W] -> y for each of the batch, [N, C, H, W].
class BatchTile final : public Kind {
  public:
    BatchTile() : Kind("BatchTilePlugin_TRT", "1", {}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 2);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (wrong.empty()) wrong = rankOf(in, 1, 4);
        if (wrong.empty() && in[1].d[0] != 1 && in[1].d[0] != -1) wrong = "input 1 has a batch of its own";
        return wrong;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int, IExprBuilder&) const override {
        return shapeOf({in[0].d[0], in[1].d[1], in[1].d[2], in[1].d[3]});
    }
    bool run(const Values&, const Views& in, const Views& out) const override {
        if (in[1].d(0) != 1) return false;
        float* y = out[0].f();
        for (int64_t b = 0; b < in[0].d(0); ++b) y = std::copy(in[1].f(), in[1].f() + in[1].count(), y);
        return true;
    }
    bool expand(const Values&, Expansion& e) const override {
        Layer y = e.in(1);
        if (e.dims(y).d[0] != 1) return false;
        return e.done({e.expand(y, {{e.in(0), 0}, {y, 1}, {y, 2}, {y, 3}})});
    }
};

// x [N, C, H, W] -> [N, C, scale H, scale W]: each place from the one at 1 / scale of it.
class ResizeNearest final : public Kind {
  public:
    ResizeNearest() : Kind("ResizeNearest_TRT", "1", {required("scale", PluginFieldType::kFLOAT32)}) {}
    std::string check(const Values& v) const override {
        return v.real("scale") > 0 && v.real("scale") <= 1000 ? "" : "scale is not within (0, 1000]";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (wrong.empty() && !whole(v) && (in[0].d[2] < 0 || in[0].d[3] < 0))
            wrong = "scale is no whole number, so the extents must be known";
        return wrong;
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        auto scaled = [&](const IDimensionExpr* d) {
            if (whole(v)) return e.operation(Op::kPROD, *d, *e.constant(static_cast<int64_t>(v.real("scale"))));
            return e.constant(static_cast<int64_t>(static_cast<float>(d->getConstantValue()) * v.real("scale")));
        };
        return shapeOf({in[0].d[0], in[0].d[1], scaled(in[0].d[2]), scaled(in[0].d[3])});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t h = in[0].d(2), w = in[0].d(3), oh = out[0].d(2), ow = out[0].d(3);
        float* y = out[0].f();
        for (int64_t p = 0; p < in[0].d(0) * in[0].d(1); ++p)
            for (int64_t i = 0; i < oh; ++i)
                for (int64_t j = 0; j < ow; ++j) *y++ = in[0].f()[(p * h + source(v, i, h)) * w + source(v, j, w)];
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        if (whole(v)) {  // each element a block
            const auto s = static_cast<int64_t>(v.real("scale"));
            Layer y = e.reshape(x, {{x, 0}, {x, 1}, {x, 2}, 1, {x, 3}, 1});
            y = e.expand(y, {{x, 0}, {x, 1}, {x, 2}, s, {x, 3}, s});
            using Extent = Expansion::Extent;
            return e.done({e.reshape(y, {{x, 0}, {x, 1}, Extent(x, 2).times(s), Extent(x, 3).times(s)})});
        }
        for (int axis : {2, 3}) {
            const int64_t size = e.dims(e.in(0)).d[axis];
            std::vector<int64_t> sources(static_cast<size_t>(static_cast<float>(size) * v.real("scale")));
            if (sources.empty()) return false;
            for (size_t i = 0; i < sources.size(); ++i) sources[i] = source(v, static_cast<int64_t>(i), size);
            x = e.gather(x, e.integers({static_cast<int64_t>(sources.size())}, sources), axis);
        }
        return e.done({x});
    }

  private:
    static int64_t source(const Values& v, int64_t i, int64_t size) {
        return std::min(static_cast<int64_t>(static_cast<float>(i) / v.real("scale")), size - 1);
    }
    static bool whole(const Values& v) { return v.real("scale") == std::floor(v.real("scale")); }
};

// Detections [N, D, 6] -> their boxes [N, D, 4].
class SpecialSlice final : public Kind {
  public:
    SpecialSlice() : Kind("SpecialSlice_TRT", "1", {}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 3);
        if (wrong.empty() && in[0].d[2] != 6) wrong = "detections are not made of 6 numbers";
        return wrong;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf({in[0].d[0], in[0].d[1], e.constant(4)});
    }
    bool run(const Values&, const Views& in, const Views& out) const override {
        for (int64_t i = 0; i < in[0].d(0) * in[0].d(1); ++i)
            std::copy(in[0].f() + i * 6, in[0].f() + i * 6 + 4, out[0].f() + i * 4);
        return true;
    }
    bool expand(const Values&, Expansion& e) const override { return e.done({e.split(e.in(0), 2, {4, 2})[0]}); }
};

// Pillars [N, P, C], their coordinates [N, P, 4] int32 (frame, z, y, x) and how many count [N] int32 -> a map
// [N, C, H, W] that is 0 elsewhere.
class PillarScatter final : public Kind {
  public:
    PillarScatter() : Kind("PillarScatterPlugin", "1", {required("dense_shape", PluginFieldType::kINT32, 2)}) {}
    std::string check(const Values& v) const override {
        return v.integer("dense_shape", 0) > 0 && v.integer("dense_shape", 1) > 0 ? "" : "dense_shape is not positive";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (wrong.empty()) wrong = rankOf(in, 0, 3);
        if (wrong.empty()) wrong = rankOf(in, 1, 3);
        if (wrong.empty()) wrong = rankOf(in, 2, 1);
        if (wrong.empty() && in[1].d[2] != 4) wrong = "coordinates are not made of 4 numbers";
        return wrong;
    }
    DataType inputType(const Values&, int i) const override { return i == 0 ? DataType::kFLOAT : DataType::kINT32; }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf(
            {in[0].d[0], in[0].d[2], e.constant(v.integer("dense_shape", 0)), e.constant(v.integer("dense_shape", 1))});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), most = in[0].d(1), c = in[0].d(2), h = v.integer("dense_shape", 0),
                      w = v.integer("dense_shape", 1);
        if (in[1].d(0) != n || in[1].d(1) != most || in[2].d(0) != n) return false;
        std::fill(out[0].f(), out[0].f() + out[0].count(), 0.f);
        for (int64_t b = 0; b < n; ++b) {
            const int64_t valid = in[2].i()[b];
            if (valid < 0 || valid > most) return false;
            for (int64_t p = 0; p < valid; ++p) {
                const int32_t* at = in[1].i() + (b * most + p) * 4;
                if (at[2] < 0 || at[2] >= h || at[3] < 0 || at[3] >= w) return false;
                for (int64_t k = 0; k < c; ++k)
                    out[0].f()[((b * c + k) * h + at[2]) * w + at[3]] = in[0].f()[(b * most + p) * c + k];
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const Expansion::Extent n(x, 0), most(x, 1), c(x, 2);
        const int64_t h = v.integer("dense_shape", 0), w = v.integer("dense_shape", 1);
        Layer counts = e.reshape(e.cast(e.in(2), DataType::kINT64), {n, 1, 1});
        const auto at = e.split(e.cast(e.reshape(e.in(1), {n, most, 4}), DataType::kINT64), 2, {1, 1, 1, 1});
        auto within = [&](Layer i, Layer end, const char* below) {
            return e.binary("and", e.binary("greater_equal", i, e.integer(0)), e.binary(below, i, end));
        };
        // Pillars that don't count go to a place after the last one; those that run() refuses go past that.
        Layer cell = e.binary("add", e.binary("mul", at[2], e.integer(w)), at[3]);
        Layer good = e.binary("and", within(at[2], e.integer(h), "less"), within(at[3], e.integer(w), "less"));
        cell = e.select(good, cell, e.integer(h * w + 1));
        cell = e.select(e.binary("less", e.reshape(e.count(most), {1, most, 1}), counts), cell, e.integer(h * w));
        cell = e.select(within(counts, e.shape({most}), "less_equal"), cell, e.integer(h * w + 1));
        cell = e.expand(e.reshape(cell, {n, 1, most}), {n, c, most});
        Layer map = e.expand(e.like(e.real(0), x), {n, c, h * w + 1});
        map = e.op("scatter_elements", {map, cell, e.transpose(x, {0, 2, 1})}, {{"axis", int64_t{2}}});
        map = e.split(map, 2, {h * w, 1})[0];
        return e.done({e.reshape(map, {n, c, h, w})});
    }
};

// Of YOLO v2: x [N, num (coords + 1 + classes), H, W]; of each box the first two coordinates and the objectness by the
// sigmoid, the classes by softmax, the rest as it is.
class Region final : public Kind {
  public:
    Region()
        : Kind("Region_TRT", "1",
               {required("num", PluginFieldType::kINT32), integer("coords", 4),
                required("classes", PluginFieldType::kINT32), optionalList("smTree", PluginFieldType::kINT32)}) {}
    std::string check(const Values& v) const override {
        if (v.integer("num") < 1 || v.integer("classes") < 1) return "num or classes is not positive";
        if (v.integer("coords") != 4) return "coords is not 4";
        if (v.has("smTree"))
            for (int64_t i : v.integers("smTree"))
                if (i) return "smTree: trees of classes are not supported";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        const int64_t c = v.integer("num") * (v.integer("coords") + 1 + v.integer("classes"));
        if (wrong.empty() && in[0].d[1] != c) wrong = "the input does not have " + std::to_string(c) + " channels";
        return wrong;
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t area = in[0].count(2), classes = v.integer("classes"), each = 5 + classes;
        std::copy(in[0].f(), in[0].f() + in[0].count(), out[0].f());
        for (int64_t b = 0; b < in[0].d(0) * v.integer("num"); ++b) {
            float* y = out[0].f() + b * each * area;
            for (int64_t k : {0, 1, 4})
                for (int64_t i = 0; i < area; ++i) y[k * area + i] = 1 / (1 + std::exp(-y[k * area + i]));
            for (int64_t i = 0; i < area; ++i) {
                float* p = y + 5 * area + i;
                float most = -INFINITY, sum = 0;
                for (int64_t k = 0; k < classes; ++k) most = std::max(most, p[k * area]);
                for (int64_t k = 0; k < classes; ++k) sum += p[k * area] = std::exp(p[k * area] - most);
                for (int64_t k = 0; k < classes; ++k) p[k * area] /= sum;
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const int64_t classes = v.integer("classes"), num = v.integer("num");
        auto parts = e.split(e.reshape(x, {{x, 0}, num, 5 + classes, {x, 2}, {x, 3}}), 2, {2, 2, 1, classes});
        for (size_t k : {0, 2}) parts[k] = e.unary("sigmoid", parts[k]);
        parts[3] = e.op("softmax", {parts[3]}, {{"axis", int64_t{2}}});
        return e.done({e.shapedLike(e.concat(parts, 2), x)});
    }
};

// x [S, B, K, 1, 1] times W [K, out_dims] -> [S, B, out_dims, 1, 1].
class FullyConnected final : public Kind {
  public:
    FullyConnected()
        : Kind("CustomFCPluginDynamic", "1",
               {required("out_dims", PluginFieldType::kINT32), integer("type_id", 0),
                required("W", PluginFieldType::kFLOAT32, -1)}) {}
    std::string check(const Values& v) const override {
        if (v.integer("out_dims") < 1) return "out_dims is not positive";
        return v.reals("W").empty() || v.reals("W").size() % static_cast<size_t>(v.integer("out_dims"))
                   ? "W has no rows of out_dims numbers"
                   : "";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 5);
        if (wrong.empty() && (in[0].d[2] != depth(v) || in[0].d[3] != 1 || in[0].d[4] != 1))
            wrong = "input 0 is not [S, B, " + std::to_string(depth(v)) + ", 1, 1]";
        return wrong;
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        DimsExprs out = in[0];
        out.d[2] = e.constant(v.integer("out_dims"));
        return out;
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = v.integer("out_dims"), k = depth(v);
        const auto& w = v.reals("W");
        for (int64_t r = 0; r < in[0].d(0) * in[0].d(1); ++r)
            for (int64_t j = 0; j < n; ++j) {
                float sum = 0;
                for (int64_t i = 0; i < k; ++i) sum += in[0].f()[r * k + i] * w[static_cast<size_t>(i * n + j)];
                out[0].f()[r * n + j] = sum;
            }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const int64_t n = v.integer("out_dims"), k = depth(v);
        Layer y = e.op("matmul", {e.reshape(x, {{x, 0}, {x, 1}, k}), e.like(e.pluginsReals({k, n}, v.reals("W")), x)});
        return e.done({e.reshape(y, {{x, 0}, {x, 1}, n, 1, 1})});
    }

  private:
    static int64_t depth(const Values& v) { return static_cast<int64_t>(v.reals("W").size()) / v.integer("out_dims"); }
};

}  // namespace

LATHE_PLUGINS(tensors_tensors, SplitParts, BatchTile, ResizeNearest, SpecialSlice, PillarScatter, Region,
              FullyConnected)

}  // namespace lathe::plugins

// SPDX-License-Identifier: Apache-2.0
// What SSD networks are made of: PriorBox_TRT (of Caffe's SSD), GridAnchor_TRT and GridAnchorRect_TRT (of
// TensorFlow's), NMS_TRT and NMSDynamic_TRT (Caffe's DetectionOutput), FlattenConcat_TRT.
#include <algorithm>
#include <cmath>

#include "plugins/common/box_layers.h"
#include "plugins/common/boxes.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// The second of the two channels of priors [N, 2, 4 boxes, 1].
void fillVariances(const Values& v, float* to, int64_t boxes) {
    for (int64_t i = 0; i < boxes * 4; ++i) to[i] = v.real("variance", static_cast<size_t>(i % 4));
}

// A feature map [N, C, H, W] and the image, of which only the extents count -> boxes by their relative corners, and
// variances, [N, 2, H W boxes 4, 1]. At each place: for each minSize a square, one of sqrt(minSize maxSize), and one a
// further aspect ratio.
class PriorBox final : public Kind {
  public:
    PriorBox()
        : Kind("PriorBox_TRT", "1",
               {required("minSize", PluginFieldType::kFLOAT32, -1),
                optionalList("maxSize", PluginFieldType::kFLOAT32),
                optionalList("aspectRatios", PluginFieldType::kFLOAT32),
                integer("flip", 0),
                integer("clip", 0),
                {"variance", PluginFieldType::kFLOAT32, 4, {0.1, 0.1, 0.2, 0.2}},
                integer("imgH", 0),
                integer("imgW", 0),
                real("stepH", 0),
                real("stepW", 0),
                real("offset", 0.5)}) {}
    std::string check(const Values& v) const override {
        const auto& least = v.reals("minSize");
        if (least.empty()) return "minSize is empty";
        const size_t most = v.has("maxSize") ? v.reals("maxSize").size() : 0;
        if (most != 0 && most != least.size()) return "maxSize has neither 0 values nor those of minSize";
        for (size_t i = 0; i < least.size(); ++i)
            if (!(least[i] > 0) || (most && !(v.real("maxSize", i) > least[i])))
                return "minSize is not positive, or maxSize is not above it";
        if (v.has("aspectRatios"))
            for (float r : v.reals("aspectRatios"))
                if (!(r > 0)) return "aspectRatios has one that is not positive";
        for (const char* name : {"imgH", "imgW"})
            if (v.integer(name) < 0) return std::string(name) + " is negative";
        for (const char* name : {"stepH", "stepW"})
            if (!(v.real(name) >= 0)) return std::string(name) + " is negative";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 2);
        for (size_t i = 0; i < in.size() && wrong.empty(); ++i) wrong = rankOf(in, i, 4);
        if (wrong.empty() && in.size() < 2 && (v.integer("imgH") == 0 || v.integer("imgW") == 0))
            return "imgH or imgW is 0, and there is no input that tells the image's extents";
        return wrong;
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        const auto boxes = static_cast<int64_t>(sizes(v).size());
        return shapeOf(
            {in[0].d[0], e.constant(2),
             e.operation(Op::kPROD, *e.operation(Op::kPROD, *in[0].d[2], *in[0].d[3]), *e.constant(boxes * 4)),
             e.constant(1)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t h = in[0].d(2), w = in[0].d(3);
        auto image = [&](const char* name, int axis) {
            return static_cast<float>(v.integer(name) ? v.integer(name) : in[1].d(axis));
        };
        const float imageH = image("imgH", 2), imageW = image("imgW", 3);
        const float stepH = v.real("stepH") > 0 ? v.real("stepH") : imageH / static_cast<float>(h);
        const float stepW = v.real("stepW") > 0 ? v.real("stepW") : imageW / static_cast<float>(w);
        const std::vector<std::pair<float, float>> all = sizes(v);
        const int64_t boxes = h * w * static_cast<int64_t>(all.size());
        float* y = out[0].f();
        for (int64_t i = 0; i < h * w; ++i) {
            const float cy = (static_cast<float>(i / w) + v.real("offset")) * stepH,
                        cx = (static_cast<float>(i % w) + v.real("offset")) * stepW;
            for (auto [bw, bh] : all)
                for (float p :
                     {(cx - bw / 2) / imageW, (cy - bh / 2) / imageH, (cx + bw / 2) / imageW, (cy + bh / 2) / imageH})
                    *y++ = v.integer("clip") ? std::clamp(p, 0.f, 1.f) : p;
        }
        fillVariances(v, y, boxes);
        for (int64_t b = 1; b < in[0].d(0); ++b) std::copy(out[0].f(), y + boxes * 4, out[0].f() + b * boxes * 8);
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Views in;
        for (int i = 0; i < e.inputs(); ++i) {
            if (!e.isKnown(e.in(i), 2)) return false;
            in.push_back({nullptr, e.dims(e.in(i))});
        }
        in[0].dims.d[0] = 1;
        const int64_t each = in[0].d(2) * in[0].d(3) * static_cast<int64_t>(sizes(v).size()) * 4;
        if (each == 0) return false;
        std::vector<float> priors(static_cast<size_t>(each * 2));
        if (!run(v, in, {{priors.data(), {4, {1, 2, each, 1}}}})) return false;
        return e.done({e.expand(e.like(e.reals({1, 2, each, 1}, priors), e.in(0)), {{e.in(0), 0}, 2, each, 1})});
    }

  private:
    static std::vector<std::pair<float, float>> sizes(const Values& v) {
        std::vector<float> ratios = {1};
        auto add = [&](float r) {
            if (std::none_of(ratios.begin(), ratios.end(), [&](float k) { return std::fabs(k - r) < 1e-6f; }))
                ratios.push_back(r);
        };
        if (v.has("aspectRatios"))
            for (float r : v.reals("aspectRatios")) {
                const size_t before = ratios.size();
                add(r);
                if (v.integer("flip") && ratios.size() > before) ratios.push_back(1 / r);
            }
        std::vector<std::pair<float, float>> out;
        for (size_t i = 0; i < v.reals("minSize").size(); ++i) {
            const float least = v.real("minSize", i);
            out.push_back({least, least});
            if (v.has("maxSize") && !v.reals("maxSize").empty()) {
                const float side = std::sqrt(least * v.real("maxSize", i));
                out.push_back({side, side});
            }
            for (size_t r = 1; r < ratios.size(); ++r)
                out.push_back({least * std::sqrt(ratios[r]), least / std::sqrt(ratios[r])});
        }
        return out;
    }
};

// Boxes for numLayers feature maps, one output each: [1, 2, H W boxes 4, 1] as of PriorBox. The scales go from minSize
// to maxSize. The first map has three boxes a place; the others one an aspect ratio, and a square of the geometric mean
// with the next scale. Inputs are not looked at, but for the batch of the first one, if any.
class GridAnchor : public Kind {
  public:
    GridAnchor(const char* name = "GridAnchor_TRT", int numbers = 1)
        : Kind(name, "1",
               {required("numLayers", PluginFieldType::kINT32),
                real("minSize", 0.2),
                real("maxSize", 0.95),
                required("aspectRatios", PluginFieldType::kFLOAT32, -1),
                {"variance", PluginFieldType::kFLOAT32, 4, {0.1, 0.1, 0.2, 0.2}},
                required("featureMapShapes", PluginFieldType::kINT32, -1)}),
          numbers_(numbers) {}
    std::string check(const Values& v) const override {
        const int64_t layers = v.integer("numLayers");
        if (layers < 1 || layers > 1000) return "numLayers is not within [1, 1000]";
        const auto& shapes = v.integers("featureMapShapes");
        if (static_cast<int64_t>(shapes.size()) != layers * numbers_)
            return "featureMapShapes has " + std::to_string(shapes.size()) + " values instead of " +
                   std::to_string(layers * numbers_);
        for (int64_t s : shapes)
            if (s < 1 || s > 100'000) return "featureMapShapes has " + std::to_string(s);
        if (!(v.real("minSize") > 0) || !(v.real("maxSize") >= v.real("minSize")))
            return "minSize is not positive, or above maxSize";
        for (float r : v.reals("aspectRatios"))
            if (!(r > 0)) return "aspectRatios has one that is not positive";
        return {};
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        return !in.empty() && in[0].nbDims < 1 ? "input 0 is a scalar, which has no batch" : "";
    }
    int outputs(const Values& v) const override { return static_cast<int>(v.integer("numLayers")); }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int n, IExprBuilder& e) const override {
        auto [h, w] = extents(v, o);
        return shapeOf({n > 0 ? in[0].d[0] : e.constant(1), e.constant(2),
                        e.constant(h * w * static_cast<int64_t>(sizes(v, o).size()) * 4), e.constant(1)});
    }
    bool run(const Values& v, const Views&, const Views& out) const override {
        for (size_t o = 0; o < out.size(); ++o) {
            auto [h, w] = extents(v, static_cast<int>(o));
            const auto all = sizes(v, static_cast<int>(o));
            const int64_t boxes = h * w * static_cast<int64_t>(all.size());
            float* y = out[o].f();
            for (int64_t i = 0; i < h * w; ++i) {
                const float cy = (static_cast<float>(i / w) + 0.5f) / static_cast<float>(h),
                            cx = (static_cast<float>(i % w) + 0.5f) / static_cast<float>(w);
                for (auto [bw, bh] : all)
                    for (float p : {cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2}) *y++ = p;
            }
            fillVariances(v, y, boxes);
            for (int64_t b = 1; b < out[o].d(0); ++b) std::copy(out[o].f(), y + boxes * 4, out[o].f() + b * boxes * 8);
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Views out;
        std::vector<std::vector<float>> priors;
        for (int o = 0; o < outputs(v); ++o) {
            auto [h, w] = extents(v, o);
            const int64_t each = h * w * static_cast<int64_t>(sizes(v, o).size()) * 4;
            if (each == 0) return false;
            priors.emplace_back(static_cast<size_t>(each * 2));
            out.push_back({priors.back().data(), {4, {1, 2, each, 1}}});
        }
        run(v, {}, out);
        std::vector<Layer> layers;
        for (size_t o = 0; o < out.size(); ++o) {
            Layer y = e.reals({1, 2, out[o].d(2), 1}, priors[o]);
            layers.push_back(e.inputs() ? e.expand(e.like(y, e.in(0)), {{e.in(0), 0}, 2, out[o].d(2), 1}) : y);
        }
        return e.done(layers);
    }

  private:
    std::pair<int64_t, int64_t> extents(const Values& v, int o) const {
        const auto& s = v.integers("featureMapShapes");
        const auto at = static_cast<size_t>(o * numbers_);
        return {s[at], s[numbers_ == 2 ? at + 1 : at]};
    }
    static float scale(const Values& v, int o) {
        const auto layers = static_cast<int>(v.integer("numLayers"));
        if (o >= layers) return 1;
        return layers == 1 ? v.real("minSize")
                           : v.real("minSize") + (v.real("maxSize") - v.real("minSize")) * static_cast<float>(o) /
                                                     static_cast<float>(layers - 1);
    }
    static std::vector<std::pair<float, float>> sizes(const Values& v, int o) {
        std::vector<std::pair<float, float>> out;
        auto add = [&](float side, float ratio) { out.push_back({side * std::sqrt(ratio), side / std::sqrt(ratio)}); };
        if (o == 0) {
            add(0.1f, 1);
            add(scale(v, 0), 2);
            add(scale(v, 0), 0.5f);
            return out;
        }
        for (float r : v.reals("aspectRatios")) add(scale(v, o), r);
        add(std::sqrt(scale(v, o) * scale(v, o + 1)), 1);
        return out;
    }
    const int numbers_;  // of each feature map: its side, or height and width
};
class GridAnchorRect final : public GridAnchor {
  public:
    GridAnchorRect() : GridAnchor("GridAnchorRect_TRT", 2) {}
};

// Locations [N, priors locClasses 4, …], confidences [N, priors classes, …] and priors [N or 1, 2, priors 4, …], in the
// order that inputOrder tells. Outputs: [N, 1, keepTopK, 7] of image, class, score and corners, with class -1 after the
// last one; how many, [N, 1, 1, 1] int32.
class SsdNms : public Kind {
  public:
    SsdNms(const char* name = "NMS_TRT")
        : Kind(name, "1",
               {integer("shareLocation", 1),
                integer("varianceEncodedInTarget", 0),
                integer("backgroundLabelId", 0),
                required("numClasses", PluginFieldType::kINT32),
                required("topK", PluginFieldType::kINT32),
                required("keepTopK", PluginFieldType::kINT32),
                real("confidenceThreshold", 0),
                real("nmsThreshold", 0.5),
                integer("codeType", 1),
                {"inputOrder", PluginFieldType::kINT32, 3, {0, 1, 2}},
                integer("confSigmoid", 0),
                integer("isNormalized", 1),
                integer("scoreBits", 16),
                integer("isBatchAgnostic", 1)}) {}
    std::string check(const Values& v) const override {
        for (const char* name : {"numClasses", "topK", "keepTopK"})
            if (v.integer(name) < 1) return std::string(name) + " is not positive";
        if (v.integer("codeType") < 0 || v.integer("codeType") > 3) return "codeType is not within [0, 3]";
        bool seen[3] = {};
        for (int64_t i : v.integers("inputOrder")) {
            if (i < 0 || i > 2 || seen[i]) return "inputOrder is not an order of 0, 1 and 2";
            seen[i] = true;
        }
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (!wrong.empty()) return wrong;
        for (size_t i = 0; i < 3; ++i)
            if (in[i].nbDims < 2) return "input " + std::to_string(i) + " has fewer than 2 dimensions";
        const Dims& priors = in[order(v, 2)];
        return priors.nbDims < 3 || (priors.d[1] != 2 && priors.d[1] != -1) ? "the priors are not [N, 2, 4 priors, …]"
                                                                            : "";
    }
    int outputs(const Values&) const override { return 2; }
    DataType outputType(const Values&, int o) const override { return o == 1 ? DataType::kINT32 : DataType::kFLOAT; }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr *batch = in[order(v, 0)].d[0], *one = e.constant(1);
        if (o == 1) return shapeOf({batch, one, one, one});
        return shapeOf({batch, one, e.constant(v.integer("keepTopK")), e.constant(7)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const View &loc = in[order(v, 0)], &conf = in[order(v, 1)], &priors = in[order(v, 2)];
        const int64_t batch = loc.d(0), classes = v.integer("numClasses"), keep = v.integer("keepTopK"),
                      n = priors.count(2) / 4, per = v.integer("shareLocation") ? 1 : classes;
        if (priors.count(1) != n * 8 || loc.count(1) != n * per * 4 || conf.count(1) != n * classes ||
            conf.d(0) != batch || (priors.d(0) != batch && priors.d(0) != 1))
            return false;
        const auto topK = static_cast<size_t>(v.integer("topK"));
        for (int64_t b = 0; b < batch; ++b) {
            const float* prior = priors.f() + (priors.d(0) == 1 ? 0 : b) * n * 8;
            std::vector<Found> kept;
            for (int64_t c = 0; c < classes; ++c) {
                if (c == v.integer("backgroundLabelId")) continue;
                std::vector<Found> all;
                for (int64_t i = 0; i < n; ++i) {
                    float score = conf.f()[(b * n + i) * classes + c];
                    if (v.integer("confSigmoid")) score = 1 / (1 + std::exp(-score));
                    if (score > v.real("confidenceThreshold")) all.push_back({score, i, static_cast<int32_t>(c), {}});
                }
                best(all, topK);
                for (Found& f : all)
                    f.corners = decode(v, loc.f() + ((b * n + f.box) * per + (per == 1 ? 0 : c)) * 4, prior + f.box * 4,
                                       prior + (n + f.box) * 4);
                for (const Found& f :
                     choose(std::move(all), v.real("nmsThreshold"), topK, true, v.integer("isNormalized") != 0))
                    kept.push_back(f);
            }
            best(kept, static_cast<size_t>(keep));
            out[1].i()[b] = static_cast<int32_t>(kept.size());
            float* y = out[0].f() + b * keep * 7;
            for (int64_t k = 0; k < keep; ++k, y += 7) {
                const bool there = k < static_cast<int64_t>(kept.size());
                const Found f = there ? kept[static_cast<size_t>(k)] : Found{0, 0, -1, {}};
                y[0] = static_cast<float>(b);
                y[1] = static_cast<float>(f.label);
                y[2] = f.score;
                std::copy(f.corners.begin(), f.corners.end(), y + 3);
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        auto given = [&](size_t i) { return e.in(static_cast<int>(order(v, i))); };
        Layer priors = given(2);
        const int64_t classes = v.integer("numClasses"), keep = v.integer("keepTopK"),
                      per = v.integer("shareLocation") ? 1 : classes;
        const bool alone = e.dims(priors).d[0] == 1;
        if (!e.isKnown(priors, 1) || (!alone && !e.sameExtent(priors, 0, given(0), 0))) return false;
        int64_t count = 1;
        for (int k = 2; k < e.rank(priors); ++k) count *= e.dims(priors).d[k];
        if (count < 4 || count % 4) return false;
        count /= 4;
        const Expansion::Extent n(given(0), 0), images = alone ? Expansion::Extent(1) : n;
        e.exact(true);
        Layer scores = e.reshape(e.wide(given(1)), {n, count, classes});
        if (v.integer("confSigmoid")) scores = e.unary("sigmoid", scores);
        const auto halves = e.split(e.reshape(e.wide(priors), {images, 2, count, 1, 4}), 1, {1, 1});
        Layer boxes = decode(v, e, e.reshape(e.wide(given(0)), {n, count, per, 4}),
                             e.reshape(halves[0], {images, count, 1, 4}), e.reshape(halves[1], {images, count, 1, 4}));
        ClassDetections d;
        if (!bestByClass(e, boxes, scores, n,
                         {.classes = classes,
                          .background = v.integer("backgroundLabelId"),
                          .topK = v.integer("topK"),
                          .keep = keep,
                          .least = v.real("confidenceThreshold"),
                          .overlap = v.real("nmsThreshold"),
                          .normalized = v.integer("isNormalized") != 0},
                         d))
            return false;
        Layer image = e.wide(e.expand(e.reshape(e.count(n), {n, 1, 1}), {n, keep, 1}));
        Layer rows =
            e.concat({image, e.reshape(d.classes, {n, keep, 1}), e.reshape(d.scores, {n, keep, 1}), d.boxes}, 2);
        return e.done({e.like(e.reshape(rows, {n, 1, keep, 7}), given(0)), e.reshape(d.count, {n, 1, 1, 1})});
    }

  private:
    static size_t order(const Values& v, size_t i) { return static_cast<size_t>(v.integer("inputOrder", i)); }
    static void best(std::vector<Found>& all, size_t most) {
        std::stable_sort(all.begin(), all.end(), [](const Found& x, const Found& y) { return x.score > y.score; });
        if (all.size() > most) all.resize(most);
    }
    // The codings of nvinfer1::plugin::CodeTypeSSD; p and the answer are x, y of two corners.
    static Corners decode(const Values& v, const float* l, const float* p, const float* variance) {
        float t[4];
        for (int k = 0; k < 4; ++k) t[k] = v.integer("varianceEncodedInTarget") ? l[k] : l[k] * variance[k];
        const float w = p[2] - p[0], h = p[3] - p[1];
        const int64_t code = v.integer("codeType");
        if (code == 0) return {p[0] + t[0], p[1] + t[1], p[2] + t[2], p[3] + t[3]};
        if (code == 2) return {p[0] + t[0] * w, p[1] + t[1] * h, p[2] + t[2] * w, p[3] + t[3] * h};
        if (code == 3) {  // y before x
            std::swap(t[0], t[1]);
            std::swap(t[2], t[3]);
        }
        const float cx = p[0] + w / 2 + t[0] * w, cy = p[1] + h / 2 + t[1] * h;
        const float bw = std::exp(t[2]) * w, bh = std::exp(t[3]) * h;
        return {cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2};
    }
    // The same of locations [n, priors, classes, 4].
    static Layer decode(const Values& v, Expansion& e, Layer t, Layer p, Layer variance) {
        if (!v.integer("varianceEncodedInTarget")) t = e.binary("mul", t, variance);
        const auto ends = e.split(p, 3, {2, 2});
        Layer size = e.binary("sub", ends[1], ends[0]);
        const int64_t code = v.integer("codeType");
        if (code == 0) return e.binary("add", p, t);
        if (code == 2) return e.binary("add", p, e.binary("mul", t, e.concat({size, size}, 3)));
        if (code == 3) t = e.gather(t, e.integers({4}, {1, 0, 3, 2}), 3);
        const auto parts = e.split(t, 3, {2, 2});
        Layer centre = e.binary("add", ends[0], e.binary("div", size, e.real(2)));
        centre = e.binary("add", centre, e.binary("mul", parts[0], size));
        Layer half = e.binary("div", e.binary("mul", e.unary("exp", parts[1]), size), e.real(2));
        return e.concat({e.binary("sub", centre, half), e.binary("add", centre, half)}, 3);
    }
};
class SsdNmsDynamic final : public SsdNms {
  public:
    SsdNmsDynamic() : SsdNms("NMSDynamic_TRT") {}
};

// Inputs [N, …], flattened and joined: [N, all, 1, 1].
class FlattenConcat final : public Kind {
  public:
    FlattenConcat()
        : Kind("FlattenConcat_TRT", "1", {integer("axis", 1), integer("concatAxis", 1), integer("ignoreBatch", 0)}) {}
    std::string check(const Values& v) const override {
        if (v.integer("axis") != 1 || v.integer("concatAxis") != 1) return "axis is not 1";
        return v.integer("ignoreBatch") ? "ignoreBatch is not 0" : "";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 10'000);
        for (size_t i = 0; i < in.size() && wrong.empty(); ++i)
            if (in[i].nbDims < 2) wrong = "input " + std::to_string(i) + " has fewer than 2 dimensions";
        return wrong;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int n, IExprBuilder& e) const override {
        const IDimensionExpr* all = e.constant(0);
        for (int i = 0; i < n; ++i) {
            const IDimensionExpr* each = e.constant(1);
            for (int d = 1; d < in[i].nbDims; ++d) each = e.operation(Op::kPROD, *each, *in[i].d[d]);
            all = e.operation(Op::kSUM, *all, *each);
        }
        return shapeOf({in[0].d[0], all, e.constant(1), e.constant(1)});
    }
    bool run(const Values&, const Views& in, const Views& out) const override {
        float* y = out[0].f();
        for (int64_t b = 0; b < in[0].d(0); ++b)
            for (const View& x : in) {
                if (x.d(0) != in[0].d(0)) return false;
                y = std::copy(x.f() + b * x.count(1), x.f() + (b + 1) * x.count(1), y);
            }
        return true;
    }
    bool expand(const Values&, Expansion& e) const override {
        std::vector<Layer> rows;
        for (int i = 0; i < e.inputs(); ++i) rows.push_back(e.op("flatten", {e.in(i)}, {{"axis", int64_t{1}}}));
        return e.done({e.op("unsqueeze", {e.concat(rows, 1)}, {{"axes", std::vector<int64_t>{2, 3}}})});
    }
};

}  // namespace

LATHE_PLUGINS(ssd_ssd, PriorBox, GridAnchor, GridAnchorRect, SsdNms, SsdNmsDynamic, FlattenConcat)

}  // namespace lathe::plugins

// SPDX-License-Identifier: Apache-2.0
// Of Mask R-CNN (Matterport's): ProposalLayer_TRT, PyramidROIAlign_TRT, DetectionLayer_TRT. Boxes are y1, x1, y2, x2 in
// parts of the image, unless a field says otherwise.
#include <algorithm>
#include <cmath>

#include "plugins/common/box_layers.h"
#include "plugins/common/boxes.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

constexpr float kDeviation[4] = {0.1f, 0.1f, 0.2f, 0.2f};

// A box moved by parts of its size and enlarged by powers of e, within the image.
Corners refined(const Corners& box, const float* delta) {
    const float h = box[2] - box[0], w = box[3] - box[1];
    const float cy = box[0] + h / 2 + delta[0] * kDeviation[0] * h, cx = box[1] + w / 2 + delta[1] * kDeviation[1] * w;
    const float bh = h * std::exp(delta[2] * kDeviation[2]), bw = w * std::exp(delta[3] * kDeviation[3]);
    auto within = [](float x) { return std::clamp(x, 0.f, 1.f); };
    return {within(cy - bh / 2), within(cx - bw / 2), within(cy - bh / 2 + bh), within(cx - bw / 2 + bw)};
}
// The same of boxes and deltas [n, M, 4].
Layer refinedLayers(Expansion& e, Layer boxes, Layer deltas) {
    const auto ends = e.split(boxes, 2, {2, 2}), moves = e.split(deltas, 2, {2, 2});
    auto deviation = [&](size_t i) { return e.reals({1, 1, 2}, {kDeviation[i], kDeviation[i + 1]}); };
    Layer size = e.binary("sub", ends[1], ends[0]);
    Layer centre = e.binary("add", ends[0], e.binary("div", size, e.real(2)));
    centre = e.binary("add", centre, e.binary("mul", e.binary("mul", moves[0], deviation(0)), size));
    size = e.binary("mul", size, e.unary("exp", e.binary("mul", moves[1], deviation(2))));
    Layer low = e.binary("sub", centre, e.binary("div", size, e.real(2)));
    return e.unary("clip", e.concat({low, e.binary("add", low, size)}, 2), 0, 1);
}

// Scores [N, anchors, 2, 1] (the second those of an object) and deltas [N, anchors, 4, 1] -> boxes [N, keep_topk, 4],
// zeros after the last one. The anchors are those of five feature maps with strides of 4 to 64: at each place boxes of
// 32 to 512 pixels, by map, with ratios of 0.5, 1 and 2.
class ProposalLayer final : public Kind {
  public:
    ProposalLayer()
        : Kind("ProposalLayer_TRT", "1",
               {required("prenms_topk", PluginFieldType::kINT32),
                required("keep_topk", PluginFieldType::kINT32),
                required("iou_threshold", PluginFieldType::kFLOAT32),
                {"image_size", PluginFieldType::kINT32, 3, {3, 1024, 1024}}}) {}
    std::string check(const Values& v) const override {
        for (const char* name : {"prenms_topk", "keep_topk"})
            if (v.integer(name) < 1) return std::string(name) + " is not positive";
        if (!(v.real("iou_threshold") > 0)) return "iou_threshold is not positive";
        if (v.integer("image_size", 0) != 3) return "image_size does not have 3 channels";
        for (size_t i : {1, 2})
            if (v.integer("image_size", i) < 64 || v.integer("image_size", i) % 64 ||
                v.integer("image_size", i) > 65536)
                return "image_size is no multiple of 64";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 2);
        for (size_t i = 0; i < 2 && wrong.empty(); ++i) {
            if (in[i].nbDims < 3) return "input " + std::to_string(i) + " has fewer than 3 dimensions";
            if (in[i].d[1] != anchorCount(v))
                return "input " + std::to_string(i) + " does not have " + std::to_string(anchorCount(v)) +
                       " anchors, those of image_size";
            if (in[i].d[2] != (i ? 4 : 2))
                return "input " + std::to_string(i) + " does not have " + (i ? "4" : "2") + " numbers an anchor";
        }
        return wrong;
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf({in[0].d[0], e.constant(v.integer("keep_topk")), e.constant(4)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), count = anchorCount(v), keep = v.integer("keep_topk");
        const std::vector<Corners> all = anchors(v);
        const auto most = static_cast<size_t>(v.integer("prenms_topk"));
        for (int64_t b = 0; b < n; ++b) {
            std::vector<Found> found;
            for (int64_t i = 0; i < count; ++i) found.push_back({in[0].f()[(b * count + i) * 2 + 1], i, 0, {}});
            std::stable_sort(found.begin(), found.end(),
                             [](const Found& x, const Found& y) { return x.score > y.score; });
            if (found.size() > most) found.resize(most);
            for (Found& f : found)
                f.corners = refined(all[static_cast<size_t>(f.box)], in[1].f() + (b * count + f.box) * 4);
            float* y = out[0].f() + b * keep * 4;
            std::fill(y, y + keep * 4, 0.f);
            for (const Found& f :
                 choose(std::move(found), v.real("iou_threshold"), static_cast<size_t>(keep), true, true))
                y = std::copy(f.corners.begin(), f.corners.end(), y);
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        const int64_t count = anchorCount(v), keep = v.integer("keep_topk"),
                      most = std::min(v.integer("prenms_topk"), count);
        const Expansion::Extent n(e.in(0), 0);
        std::vector<float> table;
        for (const Corners& c : anchors(v)) table.insert(table.end(), c.begin(), c.end());
        e.exact(true);
        Layer scores = e.split(e.wide(e.reshape(e.in(0), {n, count, 2})), 2, {1, 1})[1];
        // All take part, whatever their scores.
        scores = e.binary("max", e.reshape(scores, {n, count}), e.real(-3e38));
        const auto best = e.ops("topk", {scores, e.integers({1}, {most})}, {{"axis", int64_t{1}}}, 2);
        Layer deltas = e.gather(e.wide(e.reshape(e.in(1), {n, count, 4})), best[1], 1, 1);
        Layer boxes = refinedLayers(e, e.gather(e.reals({count, 4}, table), best[1], 0), deltas);
        Layer chosen = chosenScores(e, boxes, e.reshape(best[0], {n, 1, most}), {n, 1, most}, v.real("iou_threshold"),
                                    std::min(keep, most));
        const Best kept = bestOf(e, e.reshape(chosen, {n, most}), n, keep);
        return e.done({e.like(rowsAt(e, boxes, kept, n, keep), e.in(0))});
    }

  private:
    static int64_t anchorCount(const Values& v) {
        int64_t all = 0;
        for (int64_t stride = 4; stride <= 64; stride *= 2)
            all += v.integer("image_size", 1) / stride * (v.integer("image_size", 2) / stride) * 3;
        return all;
    }
    static std::vector<Corners> anchors(const Values& v) {
        std::vector<Corners> out;
        const auto h = static_cast<float>(v.integer("image_size", 1) - 1),
                   w = static_cast<float>(v.integer("image_size", 2) - 1);
        for (int64_t stride = 4; stride <= 64; stride *= 2)
            for (int64_t y = 0; y < v.integer("image_size", 1); y += stride)
                for (int64_t x = 0; x < v.integer("image_size", 2); x += stride)
                    for (float ratio : {0.5f, 1.f, 2.f}) {
                        const float side = static_cast<float>(stride * 8), bh = side / std::sqrt(ratio) / 2,
                                    bw = side * std::sqrt(ratio) / 2;
                        const auto cy = static_cast<float>(y), cx = static_cast<float>(x);
                        // The far corner is one pixel past the last one.
                        out.push_back({(cy - bh) / h, (cx - bw) / w, (cy + bh - 1) / h, (cx + bw - 1) / w});
                    }
        return out;
    }
};

// Regions [N, R, 4] and four feature maps [N, C, H, W], the finest first -> [N, R, C, pooled_size, pooled_size]: each
// region from the map that suits its size, bilinear.
class PyramidRoiAlign final : public Kind {
  public:
    PyramidRoiAlign()
        : Kind("PyramidROIAlign_TRT", "1",
               {integer("pooled_size", 7),
                {"image_size", PluginFieldType::kINT32, 2, {1024, 1024}},
                integer("fpn_scale", 224),
                integer("sampling_ratio", 0),
                integer("roi_coords_absolute", 1),
                integer("roi_coords_swap", 0),
                integer("roi_coords_plusone", 0),
                integer("roi_coords_transform", 2),
                integer("legacy", 0)}) {}
    std::string check(const Values& v) const override {
        if (v.integer("pooled_size") < 1 || v.integer("pooled_size") > 10'000) return "pooled_size is not positive";
        if (v.integer("image_size", 0) < 1 || v.integer("image_size", 1) < 1) return "image_size is not positive";
        if (v.integer("fpn_scale") < 1) return "fpn_scale is not positive";
        if (v.integer("sampling_ratio") < 0 || v.integer("sampling_ratio") > 1000)
            return "sampling_ratio is not within [0, 1000]";
        if (v.integer("roi_coords_transform") < -1 || v.integer("roi_coords_transform") > 2)
            return "roi_coords_transform is not within [-1, 2]";
        return v.integer("roi_coords_plusone") ? "roi_coords_plusone is not supported" : "";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 5, 5);
        if (wrong.empty()) wrong = rankOf(in, 0, 3);
        for (size_t i = 1; i < 5 && wrong.empty(); ++i) wrong = rankOf(in, i, 4);
        if (!wrong.empty()) return wrong;
        if (in[0].d[2] != 4) return "regions are not made of 4 numbers";
        for (size_t i = 2; i < 5; ++i)
            if (in[i].d[1] != in[1].d[1]) return "the feature maps differ in their channels";
        return {};
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr* side = e.constant(v.integer("pooled_size"));
        return shapeOf({in[0].d[0], in[0].d[1], in[1].d[1], side, side});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const bool old = v.integer("legacy") != 0;
        const bool absolute = !old && v.integer("roi_coords_absolute"), swapped = old || v.integer("roi_coords_swap");
        const int64_t transform = old ? -1 : v.integer("roi_coords_transform"),
                      ratio = old ? 1 : v.integer("sampling_ratio"), side = v.integer("pooled_size"), c = in[1].d(1);
        const float scale = old ? 158.f : static_cast<float>(v.integer("fpn_scale"));
        const auto imageH = static_cast<float>(v.integer("image_size", 0)),
                   imageW = static_cast<float>(v.integer("image_size", 1));
        for (size_t i = 1; i < 5; ++i)
            if (in[i].d(0) != in[0].d(0) || in[i].d(1) != c) return false;
        float* to = out[0].f();
        for (int64_t r = 0; r < in[0].d(0) * in[0].d(1); ++r) {
            const float* p = in[0].f() + r * 4;
            // y1, x1, y2, x2 in parts of the image.
            Corners box = swapped ? Corners{p[0], p[1], p[2], p[3]} : Corners{p[1], p[0], p[3], p[2]};
            if (absolute)
                for (size_t k = 0; k < 4; ++k) box[k] /= k % 2 ? imageW : imageH;
            const float size = std::sqrt((box[2] - box[0]) * imageH * (box[3] - box[1]) * imageW);
            const size_t level = !(size >= scale / 2) ? 1 : size < scale ? 2 : size < scale * 2 ? 3 : 4;
            const View& map = in[level];
            const int64_t h = map.d(2), w = map.d(3);
            const Axis ys = axis(box[0], box[2], h, side, transform, ratio),
                       xs = axis(box[1], box[3], w, side, transform, ratio);
            const float count = static_cast<float>(std::max<int64_t>(ys.samples * xs.samples, 1));
            for (int64_t k = 0; k < c; ++k) {
                const float* plane = map.f() + (r / in[0].d(1) * c + k) * h * w;
                for (int64_t i = 0; i < side; ++i)
                    for (int64_t j = 0; j < side; ++j) {
                        float sum = 0;
                        for (int64_t a = 0; a < ys.samples; ++a)
                            for (int64_t b = 0; b < xs.samples; ++b)
                                sum += at(plane, h, w, ys.place(i, a), xs.place(j, b));
                        *to++ = sum / count;
                    }
            }
        }
        return true;
    }
    // Every region from every map, of which one is kept.
    bool expand(const Values& v, Expansion& e) const override {
        const bool old = v.integer("legacy") != 0;
        const bool absolute = !old && v.integer("roi_coords_absolute"), swapped = old || v.integer("roi_coords_swap");
        const int64_t transform = old ? -1 : v.integer("roi_coords_transform"), side = v.integer("pooled_size");
        const int64_t samples = transform < 0 ? 1 : v.integer("sampling_ratio"), all = side * samples;
        if (samples == 0) return false;  // as many as a region is large
        for (int i = 1; i < 5; ++i)
            if (e.isEmpty(e.in(i), 2) || e.isEmpty(e.in(i), 3)) return false;
        const Expansion::Extent n(e.in(0), 0), rois(e.in(0), 1), c(e.in(1), 1);
        const double scale = old ? 158 : static_cast<double>(v.integer("fpn_scale"));
        const double image[2] = {static_cast<double>(v.integer("image_size", 0)),
                                 static_cast<double>(v.integer("image_size", 1))};
        e.exact(true);
        auto box = e.split(e.wide(e.in(0)), 2, {1, 1, 1, 1});  // y1, x1, y2, x2, each [N, R, 1]
        if (!swapped) {
            std::swap(box[0], box[1]);
            std::swap(box[2], box[3]);
        }
        for (size_t k = 0; k < 4 && absolute; ++k) box[k] = e.binary("div", box[k], e.real(image[k % 2]));
        Layer size = e.binary("mul", e.binary("sub", box[2], box[0]), e.real(image[0]));
        size = e.binary("mul", e.binary("mul", size, e.binary("sub", box[3], box[1])), e.real(image[1]));
        size = e.reshape(e.unary("sqrt", size), {n, 1, rois, 1, 1});
        // The place of each sample, in the order of the parts.
        std::vector<float> parts, within;
        for (int64_t i = 0; i < all; ++i) {
            parts.push_back(static_cast<float>(i / samples));
            within.push_back((static_cast<float>(i % samples) + (transform > 0 ? 0.5f : 0.f)));
        }
        Layer y = nullptr;
        for (int level = 1; level < 5; ++level) {
            Layer map = e.in(level), inside = nullptr;
            std::vector<Layer> grid;
            for (int axis : {1, 0}) {
                Layer extent = e.extent(map, 2 + axis), last = e.binary("sub", extent, e.real(1));
                Layer from = box[static_cast<size_t>(axis)], to = box[static_cast<size_t>(axis + 2)], places = nullptr;
                if (transform < 0 && side == 1) {
                    places = e.binary("mul", e.binary("div", e.binary("add", from, to), e.real(2)), last);
                } else {
                    Layer whole = transform < 0 ? last : extent;
                    Layer start = e.binary("mul", from, whole);
                    if (transform == 2) start = e.binary("sub", start, e.real(0.5));
                    Layer bin = e.binary("mul", e.binary("sub", to, from), whole);
                    bin = e.binary("div", bin, e.real(static_cast<double>(transform < 0 ? side - 1 : side)));
                    places = e.binary("add", start, e.binary("mul", e.reals({1, 1, all}, parts), bin));
                    Layer inner = e.binary("mul", e.reals({1, 1, all}, within), bin);
                    places = e.binary("add", places, e.binary("div", inner, e.real(static_cast<double>(samples))));
                }
                Layer near = e.binary("and", e.binary("greater_equal", places, e.real(-1)),
                                      e.binary("less_equal", places, extent));
                const std::vector<Expansion::Extent> spread = {n, rois, axis ? 1 : all, axis ? all : 1};
                near = e.reshape(near, spread);
                inside = inside ? e.binary("and", inside, near) : near;
                // Beyond the border grid_sample repeats it, as at() does.
                Layer share = e.binary("div", e.binary("mul", places, e.real(2)), e.binary("max", last, e.real(1)));
                share = e.reshape(e.binary("sub", share, e.real(1)), spread);
                grid.push_back(e.reshape(e.expand(share, {n, rois, all, all}), {n, rois.times(all), all, 1}));
            }
            Layer seen = e.op("grid_sample", {map, e.concat(grid, 3)},
                              {{"align_corners", int64_t{1}}, {"padding", std::string("border")}});
            inside = e.reshape(e.expand(inside, {n, rois, all, all}), {n, 1, rois.times(all), all});
            seen = e.reshape(e.select(inside, e.wide(seen), e.real(0)), {n, c, rois, side, samples, side, samples});
            seen = e.reduce("mean", seen, {4, 6}, false);
            // Sizes that are no numbers go with the smallest.
            y = y ? e.select(e.binary("greater_equal", size, e.real(scale * (level == 2 ? 0.5 : level - 2))), seen, y)
                  : seen;
        }
        return e.done({e.like(e.transpose(y, {0, 2, 1, 3, 4}), e.in(0))});
    }

  private:
    // Where the samples of the parts lie along one axis.
    struct Axis {
        float start, bin, offset;
        int64_t samples;
        float place(int64_t part, int64_t sample) const {
            return start + static_cast<float>(part) * bin +
                   (static_cast<float>(sample) + offset) * bin / static_cast<float>(samples);
        }
    };
    static Axis axis(float from, float to, int64_t size, int64_t parts, int64_t transform, int64_t ratio) {
        const auto n = static_cast<float>(parts);
        if (transform < 0) {  // corners on corners
            const auto last = static_cast<float>(size - 1);
            if (parts == 1) return {(from + to) / 2 * last, 0, 0, 1};
            return {from * last, (to - from) * last / (n - 1), 0, 1};
        }
        const auto extent = static_cast<float>(size);
        Axis a{from * extent - (transform == 2 ? 0.5f : 0.f), (to - from) * extent / n, transform == 0 ? 0.f : 0.5f,
               ratio};
        if (ratio == 0) a.samples = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(a.bin)), 1, 10'000);
        return a;
    }
    static float at(const float* plane, int64_t h, int64_t w, float y, float x) {
        if (!(y >= -1 && y <= static_cast<float>(h) && x >= -1 && x <= static_cast<float>(w))) return 0;
        y = std::clamp(y, 0.f, static_cast<float>(h - 1));
        x = std::clamp(x, 0.f, static_cast<float>(w - 1));
        const auto y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
        const int64_t y1 = std::min(y0 + 1, h - 1), x1 = std::min(x0 + 1, w - 1);
        const float ly = y - static_cast<float>(y0), lx = x - static_cast<float>(x0);
        return (1 - ly) * ((1 - lx) * plane[y0 * w + x0] + lx * plane[y0 * w + x1]) +
               ly * ((1 - lx) * plane[y1 * w + x0] + lx * plane[y1 * w + x1]);
    }
};

// Deltas [N, R, classes 4, …], scores [N, R, classes, …] and regions [N, R, 4] -> [N, keep_topk, 6] of box, class and
// score, zeros after the last one. A region counts as what it scores best for, unless that is class 0.
class DetectionLayer final : public Kind {
  public:
    DetectionLayer()
        : Kind("DetectionLayer_TRT", "1",
               {required("num_classes", PluginFieldType::kINT32), required("keep_topk", PluginFieldType::kINT32),
                required("score_threshold", PluginFieldType::kFLOAT32),
                required("iou_threshold", PluginFieldType::kFLOAT32)}) {}
    std::string check(const Values& v) const override {
        for (const char* name : {"num_classes", "keep_topk"})
            if (v.integer(name) < 1) return std::string(name) + " is not positive";
        if (!(v.real("score_threshold") >= 0)) return "score_threshold is negative";
        return v.real("iou_threshold") > 0 ? "" : "iou_threshold is not positive";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (!wrong.empty()) return wrong;
        const int64_t classes = v.integer("num_classes");
        if (in[0].nbDims < 3 || in[0].d[2] != classes * 4) return "the deltas are not [N, R, 4 num_classes, …]";
        if (in[1].nbDims < 3 || in[1].d[2] != classes) return "the scores are not [N, R, num_classes, …]";
        return in[2].nbDims < 3 || in[2].d[2] != 4 ? "the regions are not [N, R, 4]" : "";
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf({in[0].d[0], e.constant(v.integer("keep_topk")), e.constant(6)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), rois = in[0].d(1), classes = v.integer("num_classes"),
                      keep = v.integer("keep_topk");
        if (in[1].count() != n * rois * classes || in[2].count() != n * rois * 4) return false;
        for (int64_t b = 0; b < n; ++b) {
            std::vector<Found> found;
            for (int64_t r = b * rois; r < (b + 1) * rois; ++r) {
                const float* scores = in[1].f() + r * classes;
                const int64_t label = std::max_element(scores, scores + classes) - scores;
                if (label == 0 || !(scores[label] >= v.real("score_threshold"))) continue;
                const float* p = in[2].f() + r * 4;
                found.push_back({scores[label], r, static_cast<int32_t>(label),
                                 refined({p[0], p[1], p[2], p[3]}, in[0].f() + (r * classes + label) * 4)});
            }
            float* y = out[0].f() + b * keep * 6;
            std::fill(y, y + keep * 6, 0.f);
            for (const Found& f : choose(std::move(found), v.real("iou_threshold"), static_cast<size_t>(keep), false)) {
                y = std::copy(f.corners.begin(), f.corners.end(), y);
                *y++ = static_cast<float>(f.label);
                *y++ = f.score;
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        const int64_t classes = v.integer("num_classes"), keep = v.integer("keep_topk");
        const Expansion::Extent n(e.in(0), 0), rois(e.in(0), 1);
        e.exact(true);
        Layer scores = e.wide(e.reshape(e.in(1), {n, rois, classes}));
        Layer label = e.op("arg_reduce", {scores}, {{"axis", int64_t{2}}});
        Layer score = e.reduce("max", scores, {2}, true);
        Layer counts = e.binary("and", e.binary("greater_equal", score, e.real(v.real("score_threshold"))),
                                e.unary("not", e.binary("equal", label, e.integer(0))));
        Layer deltas = e.gather(e.wide(e.reshape(e.in(0), {n, rois, classes, 4})), label, 2, 2);
        Layer boxes = refinedLayers(e, e.wide(e.reshape(e.in(2), {n, rois, 4})), e.reshape(deltas, {n, rois, 4}));
        std::vector<int64_t> each;
        for (int64_t c = 0; c < classes; ++c) each.push_back(c);
        Layer own = e.binary("and", e.binary("equal", label, e.integers({1, 1, classes}, each)), counts);
        Layer byClass = e.transpose(e.select(own, score, nothing(e)), {0, 2, 1});
        byClass = chosenScores(e, boxes, byClass, {n, classes, rois}, v.real("iou_threshold"), keep);
        Best kept = bestOf(e, e.reshape(e.transpose(byClass, {0, 2, 1}), {n, rois.times(classes)}), n, keep);
        Layer labels = e.select(kept.there, e.wide(e.binary("mod", kept.places, e.integer(classes))), e.real(0));
        Layer found = e.select(kept.there, kept.scores, e.real(0));
        kept.places = e.binary("floor_div", kept.places, e.integer(classes));
        Layer y = e.concat(
            {rowsAt(e, boxes, kept, n, keep), e.reshape(labels, {n, keep, 1}), e.reshape(found, {n, keep, 1})}, 2);
        return e.done({e.like(y, e.in(0))});
    }
};

}  // namespace

LATHE_PLUGINS(mask_rcnn_mask_rcnn, ProposalLayer, PyramidRoiAlign, DetectionLayer)

}  // namespace lathe::plugins

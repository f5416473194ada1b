// SPDX-License-Identifier: Apache-2.0
// EfficientNMS_TRT, EfficientNMS_ONNX_TRT, BatchedNMS_TRT and BatchedNMSDynamic_TRT.
#include <algorithm>
#include <cmath>

#include "plugins/common/box_layers.h"
#include "plugins/common/boxes.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// boxes [B, N, 4] or [B, N, C, 4], scores [B, N, C], and, to decode boxes against, anchors [1 or B, N, 4]. Outputs: how
// many detections [B, 1], boxes by their corners [B, M, 4], scores [B, M], classes [B, M], zeros after the last one.
class EfficientNms : public Kind {
  public:
    EfficientNms(const char* name = "EfficientNMS_TRT")
        : Kind(name, "1",
               {real("score_threshold", 0.25), real("iou_threshold", 0.5), integer("max_output_boxes", 100),
                integer("background_class", -1), integer("score_activation", 0), integer("class_agnostic", 0),
                integer("box_coding", 0)}) {}
    std::string check(const Values& v) const override {
        if (v.real("iou_threshold") < 0 || v.real("iou_threshold") > 1) return "iou_threshold is not within [0, 1]";
        if (v.integer("max_output_boxes") < 1) return "max_output_boxes is not positive";
        return v.integer("box_coding") == 0 || v.integer("box_coding") == 1 ? "" : "box_coding is neither 0 nor 1";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 3);
        if (wrong.empty()) wrong = rankOf(in, 1, 3);
        if (wrong.empty() && in.size() > 2) wrong = rankOf(in, 2, 3);
        if (!wrong.empty()) return wrong;
        if (in[0].nbDims != 3 && in[0].nbDims != 4) return "the boxes have neither 3 nor 4 dimensions";
        return in[0].d[in[0].nbDims - 1] == 4 ? "" : "boxes are not made of 4 numbers";
    }
    int outputs(const Values&) const override { return 4; }
    DataType outputType(const Values&, int o) const override {
        return o == 0 || o == 3 ? DataType::kINT32 : DataType::kFLOAT;
    }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr* most = e.constant(v.integer("max_output_boxes"));
        if (o == 0) return shapeOf({in[0].d[0], e.constant(1)});
        if (o == 1) return shapeOf({in[0].d[0], most, e.constant(4)});
        return shapeOf({in[0].d[0], most});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t batch = in[0].d(0), most = v.integer("max_output_boxes");
        for (int64_t b = 0; b < batch; ++b) {
            const std::vector<Found> found = detect(v, in, b);
            out[0].i()[b] = static_cast<int32_t>(found.size());
            for (int64_t k = 0; k < most; ++k) {
                const bool there = k < static_cast<int64_t>(found.size());
                const Found f = there ? found[static_cast<size_t>(k)] : Found{0, 0, 0, {}};
                std::copy(f.corners.begin(), f.corners.end(), out[1].f() + (b * most + k) * 4);
                out[2].f()[b * most + k] = f.score;
                out[3].i()[b * most + k] = f.label;
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        const int64_t most = v.integer("max_output_boxes");
        Detections d;
        if (!detect(v, e, d)) return false;
        const Expansion::Extent n(e.in(0), 0);
        Layer classes = e.select(d.best.there, d.classes, e.integer(0));
        Layer scores = e.select(d.best.there, d.best.scores, e.real(0));
        return e.done({d.best.count, e.like(rowsAt(e, d.corners, d.rows, n, most), e.in(0)), e.like(scores, e.in(0)),
                       e.cast(classes, DataType::kINT32)});
    }

  protected:
    struct Detections {
        Best best;
        Layer boxes, classes;  // of the best, i64 [B, most]
        Layer corners;         // [B, boxes, 4], or one a class for each, one box after the other
        Best rows;             // the best as rows of corners
    };
    // detect(), by layers. False where that cannot be.
    static bool detect(const Values& v, Expansion& e, Detections& d) {
        Layer boxes = e.wide(e.in(0)), scores = e.wide(e.in(1)), anchors = e.in(2);
        const int64_t classes = e.dims(scores).d[2], most = v.integer("max_output_boxes"),
                      background = v.integer("background_class");
        const Dims extents = e.dims(boxes);
        if (classes < 1 || (extents.nbDims == 4 && (extents.d[2] < 1 || (extents.d[2] > 1 && extents.d[2] != classes))))
            return false;
        const bool own = extents.nbDims == 4 && extents.d[2] > 1, agnostic = v.integer("class_agnostic") != 0;
        const Expansion::Extent n(e.in(0), 0), count(e.in(1), 1), one(1), several(classes);
        e.exact(true);
        scores = e.shaped(scores, {n, count, classes});
        if (v.integer("score_activation")) scores = e.unary("sigmoid", scores);
        Layer taken = e.binary("greater_equal", scores, e.real(v.real("score_threshold")));
        if (background >= 0 && background < classes) {
            std::vector<int64_t> each(static_cast<size_t>(classes));
            for (int64_t c = 0; c < classes; ++c) each[static_cast<size_t>(c)] = c;
            Layer other = e.unary("not", e.binary("equal", e.integers({1, 1, classes}, each), e.integer(background)));
            taken = e.binary("and", taken, other);
        }
        scores = e.select(taken, scores, nothing(e));

        boxes = e.reshape(boxes, {n, count, own ? several : one, 4});
        if (anchors) {
            if (e.dims(anchors).d[2] != 4 || e.dims(anchors).d[0] < 0 ||
                (e.dims(anchors).d[0] != 1 && e.dims(anchors).d[0] != extents.d[0]))
                return false;
            anchors = e.reshape(e.wide(anchors), {{e.in(2), 0}, count, 1, 4});
        }
        boxes = corners(e, boxes, anchors, v.integer("box_coding") == 1);
        const bool each = own || agnostic;
        d.corners = each ? e.expand(boxes, {n, count, classes, 4}) : boxes;
        d.corners = e.reshape(d.corners, {n, each ? count.times(classes) : count, 4});

        Layer flat = nullptr;
        const float threshold = v.real("iou_threshold");
        if (agnostic) {
            flat = chosenScores(e, d.corners, e.reshape(scores, {n, 1, count.times(classes)}),
                                {n, 1, count.times(classes)}, threshold, most);
        } else {
            // A row a class where each has boxes of its own.
            Layer rows = e.transpose(scores, {0, 2, 1});
            const Expansion::Extent r = own ? n.times(classes) : n, k = own ? one : several;
            boxes = e.reshape(e.transpose(boxes, {0, 2, 1, 3}), {r, count, 4});
            rows = chosenScores(e, boxes, e.reshape(rows, {r, k, count}), {r, k, count}, threshold, most);
            flat = e.transpose(e.reshape(rows, {n, classes, count}), {0, 2, 1});
        }
        d.best = bestOf(e, e.reshape(flat, {n, count.times(classes)}), n, most);
        d.boxes = e.binary("floor_div", d.best.places, e.integer(classes));
        d.classes = e.binary("mod", d.best.places, e.integer(classes));
        d.rows = d.best;
        if (!each) d.rows.places = d.boxes;
        return true;
    }
    // The same as below, of boxes [B, N, 1 or classes, 4] and anchors [1 or B, N, 1, 4].
    static Layer corners(Expansion& e, Layer boxes, Layer anchors, bool centre) {
        if (!centre) return anchors ? e.binary("add", boxes, anchors) : boxes;
        auto parts = e.split(boxes, 3, {2, 2});
        if (anchors) {
            const auto a = e.split(anchors, 3, {2, 2});
            parts[0] = e.binary("add", e.binary("mul", parts[0], a[1]), a[0]);
            parts[1] = e.binary("mul", e.unary("exp", parts[1]), a[1]);
        }
        Layer half = e.binary("div", parts[1], e.real(2));
        return e.concat({e.binary("sub", parts[0], half), e.binary("add", parts[0], half)}, 3);
    }

    static std::vector<Found> detect(const Values& v, const Views& in, int64_t b) {
        const int64_t n = in[1].d(1), classes = in[1].d(2);
        const bool own = in[0].dims.nbDims == 4 && in[0].d(2) > 1;  // boxes of their own for each class
        const bool sigmoid = v.integer("score_activation") != 0;
        std::vector<Found> all;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t c = 0; c < classes; ++c) {
                if (c == v.integer("background_class")) continue;
                float score = in[1].f()[(b * n + i) * classes + c];
                if (sigmoid) score = 1 / (1 + std::exp(-score));
                if (!(score >= v.real("score_threshold"))) continue;
                const float* box = in[0].f() + (own ? ((b * n + i) * classes + c) : b * n + i) * 4;
                const float* anchor = nullptr;
                if (in.size() > 2) anchor = in[2].f() + ((in[2].d(0) == 1 ? 0 : b) * n + i) * 4;
                all.push_back({score, i, static_cast<int32_t>(c), corners(box, anchor, v.integer("box_coding") == 1)});
            }
        return choose(std::move(all), v.real("iou_threshold"), static_cast<size_t>(v.integer("max_output_boxes")),
                      v.integer("class_agnostic") != 0);
    }

    // Codings are [x1, y1, x2, y2] and [x, y, w, h] (the centre). Against an anchor in the same coding: corners add to
    // the anchor's; centres move by the anchor's extents, extents grow by powers of e.
    static Corners corners(const float* box, const float* anchor, bool centre) {
        Corners c = {box[0], box[1], box[2], box[3]};
        if (anchor && !centre)
            for (size_t k = 0; k < 4; ++k) c[k] += anchor[k];
        if (anchor && centre)
            c = {box[0] * anchor[2] + anchor[0], box[1] * anchor[3] + anchor[1], std::exp(box[2]) * anchor[2],
                 std::exp(box[3]) * anchor[3]};
        if (centre) c = {c[0] - c[2] / 2, c[1] - c[3] / 2, c[0] + c[2] / 2, c[1] + c[3] / 2};
        return c;
    }
};

// The same inputs; boxes [B, N, 4] only. Output [B * max_output_boxes, 3]: batch, class and box of each detection, -1
// after the last one of all.
class EfficientNmsOnnx final : public EfficientNms {
  public:
    EfficientNmsOnnx() : EfficientNms("EfficientNMS_ONNX_TRT") {}
    int outputs(const Values&) const override { return 1; }
    DataType outputType(const Values&, int) const override { return DataType::kINT32; }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf(
            {e.operation(Op::kPROD, *in[0].d[0], *e.constant(v.integer("max_output_boxes"))), e.constant(3)});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        int32_t* to = out[0].i();
        std::fill(to, to + out[0].count(), -1);
        for (int64_t b = 0; b < in[0].d(0); ++b)
            for (const Found& f : detect(v, in, b)) {
                *to++ = static_cast<int32_t>(b);
                *to++ = f.label;
                *to++ = static_cast<int32_t>(f.box);
            }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        const int64_t most = v.integer("max_output_boxes");
        Detections d;
        if (!detect(v, e, d)) return false;
        // Those that are there go to the front, across the batch; the others to a row after the last one.
        const Expansion::Extent n(e.in(0), 0), all = n.times(most);
        Layer there = e.reshape(d.best.there, {all});
        Layer places = e.op("cumsum", {e.cast(there, DataType::kINT64), e.integer(0)});
        places = e.select(there, e.binary("sub", places, e.integer(1)), e.shape({all}));
        Layer images = e.expand(e.reshape(e.count(n), {n, 1}), {n, most});
        std::vector<Layer> columns;
        for (Layer column : {images, d.classes, d.boxes})
            columns.push_back(e.reshape(e.cast(column, DataType::kINT32), {all, 1}));
        Layer room = e.expand(e.cast(e.integer(-1), DataType::kINT32), {all, 3});
        Layer rest = e.cast(e.integers({1, 3}, {-1, -1, -1}), DataType::kINT32);
        Layer list = e.op("scatter_nd", {e.concat({room, rest}, 0), e.reshape(places, {all, 1}), e.concat(columns, 1)});
        list = e.op("slice", {list, e.integers({1}, {0}), e.shape({all}), e.integers({1}, {0})});
        return e.done({e.reshape(list, {all, 3})});
    }
};

// boxes [B, N, Q, 4] with Q = 1 (shareLocation) or one a class, scores [B, N, C]. Of each class the topK best take
// part; the keepTopK best of all classes are kept. Outputs: counts [B, 1] int32, boxes [B, keepTopK, 4], scores and
// classes [B, keepTopK], with class -1 after the last one.
class BatchedNms : public Kind {
  public:
    BatchedNms(const char* name = "BatchedNMS_TRT")
        : Kind(name, "1",
               {integer("shareLocation", 1), integer("backgroundLabelId", -1),
                required("numClasses", PluginFieldType::kINT32), required("topK", PluginFieldType::kINT32),
                required("keepTopK", PluginFieldType::kINT32), real("scoreThreshold", 0), real("iouThreshold", 0.5),
                integer("isNormalized", 1), integer("clipBoxes", 1), integer("scoreBits", 16),
                integer("caffeSemantics", 1)}) {}
    std::string check(const Values& v) const override {
        for (const char* name : {"numClasses", "topK", "keepTopK"})
            if (v.integer(name) < 1) return std::string(name) + " is not positive";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 2);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (!wrong.empty()) return wrong;
        const int64_t boxes = v.integer("shareLocation") ? 1 : v.integer("numClasses");
        if (in[0].d[2] != boxes || in[0].d[3] != 4) return "the boxes are not [B, N, " + std::to_string(boxes) + ", 4]";
        if (in[1].nbDims < 3 || in[1].d[2] != v.integer("numClasses")) return "the scores are not [B, N, numClasses]";
        return {};
    }
    int outputs(const Values&) const override { return 4; }
    DataType outputType(const Values&, int o) const override { return o == 0 ? DataType::kINT32 : DataType::kFLOAT; }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr* keep = e.constant(v.integer("keepTopK"));
        if (o == 0) return shapeOf({in[0].d[0], e.constant(1)});
        if (o == 1) return shapeOf({in[0].d[0], keep, e.constant(4)});
        return shapeOf({in[0].d[0], keep});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t batch = in[0].d(0), n = in[0].d(1), per = in[0].d(2), classes = in[1].d(2);
        const auto topK = static_cast<size_t>(v.integer("topK"));
        const int64_t keep = v.integer("keepTopK");
        for (int64_t b = 0; b < batch; ++b) {
            std::vector<Found> kept;
            for (int64_t c = 0; c < classes; ++c) {
                if (c == v.integer("backgroundLabelId")) continue;
                std::vector<Found> all;
                for (int64_t i = 0; i < n; ++i) {
                    const float score = in[1].f()[(b * n + i) * classes + c];
                    if (!(score > v.real("scoreThreshold"))) continue;
                    const float* p = in[0].f() + ((b * n + i) * per + (per == 1 ? 0 : c)) * 4;
                    all.push_back({score, i, static_cast<int32_t>(c), {p[0], p[1], p[2], p[3]}});
                }
                std::stable_sort(all.begin(), all.end(),
                                 [](const Found& x, const Found& y) { return x.score > y.score; });
                if (all.size() > topK) all.resize(topK);
                for (const Found& f :
                     choose(std::move(all), v.real("iouThreshold"), topK, true, v.integer("isNormalized") != 0))
                    kept.push_back(f);
            }
            std::stable_sort(kept.begin(), kept.end(),
                             [](const Found& x, const Found& y) { return x.score > y.score; });
            if (kept.size() > static_cast<size_t>(keep)) kept.resize(static_cast<size_t>(keep));
            out[0].i()[b] = static_cast<int32_t>(kept.size());
            for (int64_t k = 0; k < keep; ++k) {
                const bool there = k < static_cast<int64_t>(kept.size());
                const Found f = there ? kept[static_cast<size_t>(k)] : Found{0, 0, -1, {}};
                for (size_t j = 0; j < 4; ++j) {
                    const bool clip = v.integer("clipBoxes") && v.integer("isNormalized");
                    out[1].f()[(b * keep + k) * 4 + static_cast<int64_t>(j)] =
                        clip ? std::clamp(f.corners[j], 0.f, 1.f) : f.corners[j];
                }
                out[2].f()[b * keep + k] = f.score;
                out[3].f()[b * keep + k] = static_cast<float>(f.label);
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer boxes = e.wide(e.in(0)), scores = e.in(1);
        const int64_t classes = v.integer("numClasses"), keep = v.integer("keepTopK");
        const Expansion::Extent n(boxes, 0), count(boxes, 1);
        e.exact(true);
        scores = e.wide(e.reshape(scores, {n, count, classes}));
        ClassDetections d;
        if (!bestByClass(e, e.reshape(boxes, {n, count, v.integer("shareLocation") ? 1 : classes, 4}), scores, n,
                         {.classes = classes,
                          .background = v.integer("backgroundLabelId"),
                          .topK = v.integer("topK"),
                          .keep = keep,
                          .least = v.real("scoreThreshold"),
                          .overlap = v.real("iouThreshold"),
                          .normalized = v.integer("isNormalized") != 0},
                         d))
            return false;
        if (v.integer("clipBoxes") && v.integer("isNormalized")) d.boxes = e.unary("clip", d.boxes, 0, 1);
        return e.done({d.count, e.like(d.boxes, e.in(0)), e.like(d.scores, e.in(0)), e.like(d.classes, e.in(0))});
    }
};
class BatchedNmsDynamic final : public BatchedNms {
  public:
    BatchedNmsDynamic() : BatchedNms("BatchedNMSDynamic_TRT") {}
};

}  // namespace

LATHE_PLUGINS(detection_detection, EfficientNms, EfficientNmsOnnx, BatchedNms, BatchedNmsDynamic)

}  // namespace lathe::plugins

// SPDX-License-Identifier: Apache-2.0
// RPROI_TRT: the regions that a region proposal network proposes (Faster R-CNN), and the feature map pooled over each
// (Fast R-CNN). Boxes count their last pixel.
#include <algorithm>
#include <cmath>

#include "plugins/common/boxes.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// Scores [N, 2 A, H, W] (first those of no object), deltas [N, 4 A, H, W], the feature map [N, C, H, W], and the
// image's height, width and scale [N, 3, …]. Outputs: regions [N, 1, nmsMaxOut, 4], zeros after the last one; and [N,
// nmsMaxOut, C, poolingH, poolingW].
class ProposeAndPool final : public Kind {
  public:
    ProposeAndPool()
        : Kind("RPROI_TRT", "1",
               {required("poolingH", PluginFieldType::kINT32), required("poolingW", PluginFieldType::kINT32),
                required("featureStride", PluginFieldType::kINT32), required("preNmsTop", PluginFieldType::kINT32),
                required("nmsMaxOut", PluginFieldType::kINT32), integer("anchorsRatioCount", 0),
                integer("anchorsScaleCount", 0), real("iouThreshold", 0.7), real("minBoxSize", 16),
                real("spatialScale", 0.0625), required("anchorsRatios", PluginFieldType::kFLOAT32, -1),
                required("anchorsScales", PluginFieldType::kFLOAT32, -1)}) {}
    std::string check(const Values& v) const override {
        for (const char* name : {"poolingH", "poolingW", "featureStride", "preNmsTop", "nmsMaxOut"})
            if (v.integer(name) < 1 || v.integer(name) > 1'000'000)
                return std::string(name) + " is not within [1, 1000000]";
        for (auto [list, count] :
             {std::pair{"anchorsRatios", "anchorsRatioCount"}, std::pair{"anchorsScales", "anchorsScaleCount"}}) {
            const auto& values = v.reals(list);
            if (values.empty()) return std::string(list) + " is empty";
            for (float x : values)
                if (!(x > 0)) return std::string(list) + " has one that is not positive";
            if (v.integer(count) != 0 && v.integer(count) != static_cast<int64_t>(values.size()))
                return std::string(count) + " is not the number of " + list;
        }
        if (!(v.real("spatialScale") > 0)) return "spatialScale is not positive";
        return {};
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 4, 4);
        for (size_t i = 0; i < 3 && wrong.empty(); ++i) wrong = rankOf(in, i, 4);
        if (!wrong.empty()) return wrong;
        const auto a = static_cast<int64_t>(v.reals("anchorsRatios").size() * v.reals("anchorsScales").size());
        if (in[0].d[1] != 2 * a) return "the scores do not have " + std::to_string(2 * a) + " channels";
        if (in[1].d[1] != 4 * a) return "the deltas do not have " + std::to_string(4 * a) + " channels";
        return in[3].nbDims < 2 ? "input 3 has fewer than 2 dimensions" : "";
    }
    int outputs(const Values&) const override { return 2; }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr* most = e.constant(v.integer("nmsMaxOut"));
        if (o == 0) return shapeOf({in[0].d[0], e.constant(1), most, e.constant(4)});
        return shapeOf(
            {in[0].d[0], most, in[2].d[1], e.constant(v.integer("poolingH")), e.constant(v.integer("poolingW"))});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), h = in[0].d(2), w = in[0].d(3), most = v.integer("nmsMaxOut");
        if (in[1].d(2) != h || in[1].d(3) != w || in[1].d(0) != n || in[2].d(0) != n || in[3].count() != n * 3)
            return false;
        for (int64_t b = 0; b < n; ++b) {
            const std::vector<Corners> rois = propose(v, in, b);
            float* to = out[0].f() + b * most * 4;
            for (int64_t r = 0; r < most; ++r) {
                const Corners roi = r < static_cast<int64_t>(rois.size()) ? rois[static_cast<size_t>(r)] : Corners{};
                std::copy(roi.begin(), roi.end(), to + r * 4);
                pool(v, in[2], b, roi, out[1].f() + (b * most + r) * out[1].count(2));
            }
        }
        return true;
    }

  private:
    // Boxes of featureStride pixels a side, stretched by the ratios to whole pixels, then enlarged by the scales.
    static std::vector<Corners> anchors(const Values& v) {
        std::vector<Corners> out;
        const auto side = static_cast<float>(v.integer("featureStride"));
        const float centre = (side - 1) / 2;
        for (float ratio : v.reals("anchorsRatios")) {
            const float w = std::nearbyint(std::sqrt(side * side / ratio)), h = std::nearbyint(w * ratio);
            for (float scale : v.reals("anchorsScales")) {
                const float x = (w * scale - 1) / 2, y = (h * scale - 1) / 2;
                out.push_back({centre - x, centre - y, centre + x, centre + y});
            }
        }
        return out;
    }
    static std::vector<Corners> propose(const Values& v, const Views& in, int64_t b) {
        const int64_t h = in[0].d(2), w = in[0].d(3), area = h * w;
        const std::vector<Corners> all = anchors(v);
        const auto a = static_cast<int64_t>(all.size());
        const float *scores = in[0].f() + (b * 2 * a + a) * area, *deltas = in[1].f() + b * 4 * a * area,
                    *info = in[3].f() + b * 3;
        const float least = v.real("minBoxSize") * info[2];
        std::vector<Found> found;
        for (int64_t i = 0; i < area; ++i)
            for (int64_t k = 0; k < a; ++k) {
                const Corners& p = all[static_cast<size_t>(k)];
                const auto stride = static_cast<float>(v.integer("featureStride"));
                const float aw = p[2] - p[0] + 1, ah = p[3] - p[1] + 1;
                auto delta = [&](int64_t d) { return deltas[(k * 4 + d) * area + i]; };
                const float cx = p[0] + static_cast<float>(i % w) * stride + aw / 2 + delta(0) * aw,
                            cy = p[1] + static_cast<float>(i / w) * stride + ah / 2 + delta(1) * ah;
                const float bw = std::exp(delta(2)) * aw, bh = std::exp(delta(3)) * ah;
                auto within = [](float x, float size) { return std::max(std::min(x, size - 1), 0.f); };
                const Corners c = {within(cx - bw / 2, info[1]), within(cy - bh / 2, info[0]),
                                   within(cx + bw / 2, info[1]), within(cy + bh / 2, info[0])};
                if (c[2] - c[0] + 1 >= least && c[3] - c[1] + 1 >= least)
                    found.push_back({scores[k * area + i], i, 0, c});
            }
        std::stable_sort(found.begin(), found.end(), [](const Found& x, const Found& y) { return x.score > y.score; });
        if (found.size() > static_cast<size_t>(v.integer("preNmsTop")))
            found.resize(static_cast<size_t>(v.integer("preNmsTop")));
        std::vector<Corners> out;
        for (const Found& f :
             choose(std::move(found), v.real("iouThreshold"), static_cast<size_t>(v.integer("nmsMaxOut")), true, false))
            out.push_back(f.corners);
        return out;
    }
    // The largest value in each of the parts, whose borders are whole places.
    static void pool(const Values& v, const View& map, int64_t b, const Corners& roi, float* y) {
        const int64_t c = map.d(1), h = map.d(2), w = map.d(3), ph = v.integer("poolingH"), pw = v.integer("poolingW");
        int64_t at[4];
        for (size_t k = 0; k < 4; ++k) at[k] = static_cast<int64_t>(std::round(roi[k] * v.real("spatialScale")));
        const float binH = static_cast<float>(std::max<int64_t>(at[3] - at[1] + 1, 1)) / static_cast<float>(ph),
                    binW = static_cast<float>(std::max<int64_t>(at[2] - at[0] + 1, 1)) / static_cast<float>(pw);
        auto range = [](int64_t i, float bin, int64_t start, int64_t size) {
            const auto from = static_cast<int64_t>(std::floor(static_cast<float>(i) * bin)) + start,
                       to = static_cast<int64_t>(std::ceil(static_cast<float>(i + 1) * bin)) + start;
            return std::pair{std::clamp<int64_t>(from, 0, size), std::clamp<int64_t>(to, 0, size)};
        };
        for (int64_t k = 0; k < c; ++k)
            for (int64_t i = 0; i < ph; ++i)
                for (int64_t j = 0; j < pw; ++j) {
                    auto [y0, y1] = range(i, binH, at[1], h);
                    auto [x0, x1] = range(j, binW, at[0], w);
                    float largest = y1 > y0 && x1 > x0 ? -INFINITY : 0;
                    for (int64_t p = y0; p < y1; ++p)
                        for (int64_t q = x0; q < x1; ++q)
                            largest = std::max(largest, map.f()[((b * c + k) * h + p) * w + q]);
                    *y++ = largest;
                }
    }
};

}  // namespace

LATHE_PLUGINS(rcnn_rcnn, ProposeAndPool)

}  // namespace lathe::plugins

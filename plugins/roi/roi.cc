// SPDX-License-Identifier: Apache-2.0
// ROIAlign_TRT, CropAndResize, CropAndResizeDynamic.
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// x [N, C, H, W], rois [R, 4] (x1, y1, x2, y2), batch indices [R] int32 -> [R, C, output_height, output_width].
class RoiAlign final : public Kind {
  public:
    RoiAlign()
        : Kind("ROIAlign_TRT", "1",
               {integer("coordinate_transformation_mode", 1), integer("mode", 1), integer("output_height", 1),
                integer("output_width", 1), integer("sampling_ratio", 0), real("spatial_scale", 1)}) {}
    std::string check(const Values& v) const override {
        if (v.integer("output_height") < 1 || v.integer("output_width") < 1) return "the output is empty";
        if (v.integer("sampling_ratio") < 0 || !(v.real("spatial_scale") > 0)) return "a scale or ratio is negative";
        for (const char* name : {"mode", "coordinate_transformation_mode"})
            if (v.integer(name) != 0 && v.integer(name) != 1) return std::string(name) + " is neither 0 nor 1";
        return {};
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 3, 3);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (wrong.empty()) wrong = rankOf(in, 1, 2);
        if (wrong.empty()) wrong = rankOf(in, 2, 1);
        return wrong;
    }
    DataType inputType(const Values&, int i) const override { return i == 2 ? DataType::kINT32 : DataType::kFLOAT; }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf(
            {in[1].d[0], in[0].d[1], e.constant(v.integer("output_height")), e.constant(v.integer("output_width"))});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), h = in[0].d(2), w = in[0].d(3), rois = in[1].d(0);
        const int64_t oh = v.integer("output_height"), ow = v.integer("output_width"),
                      ratio = v.integer("sampling_ratio");
        const bool half = v.integer("coordinate_transformation_mode") == 1, average = v.integer("mode") == 1;
        const float scale = v.real("spatial_scale"), shift = half ? 0.5f : 0.f;
        if (in[1].d(1) != 4 || in[2].d(0) != rois) return false;
        for (int64_t r = 0; r < rois; ++r) {
            const int64_t image = in[2].i()[r];
            if (image < 0 || image >= n) return false;
            const float* box = in[1].f() + r * 4;
            const float x1 = box[0] * scale - shift, y1 = box[1] * scale - shift;
            float rw = box[2] * scale - shift - x1, rh = box[3] * scale - shift - y1;
            if (!half) {  // the older convention has no empty regions
                rw = std::max(rw, 1.f);
                rh = std::max(rh, 1.f);
            }
            const float bh = rh / static_cast<float>(oh), bw = rw / static_cast<float>(ow);
            const int64_t gh = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(bh));
            const int64_t gw = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(bw));
            if (gh > 1'000'000 || gw > 1'000'000) return false;
            for (int64_t k = 0; k < c; ++k) {
                const float* plane = in[0].f() + (image * c + k) * h * w;
                for (int64_t i = 0; i < oh * ow; ++i) {
                    const float top = y1 + static_cast<float>(i / ow) * bh, left = x1 + static_cast<float>(i % ow) * bw;
                    float sum = 0, most = -INFINITY;
                    for (int64_t a = 0; a < gh; ++a)
                        for (int64_t b = 0; b < gw; ++b) {
                            const float y = top + (static_cast<float>(a) + 0.5f) * bh / static_cast<float>(gh);
                            const float x = left + (static_cast<float>(b) + 0.5f) * bw / static_cast<float>(gw);
                            sample(plane, h, w, y, x, average, sum, most);
                        }
                    const float count = static_cast<float>(std::max<int64_t>(gh * gw, 1));
                    out[0].f()[(r * c + k) * oh * ow + i] = average ? sum / count : gh * gw > 0 ? most : 0.f;
                }
            }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0), regions = e.in(1);
        if (e.dims(regions).d[1] != 4) return false;
        Layer images = e.shaped(e.refuseNegative(e.in(2)), {{regions, 0}});
        float scale = v.real("spatial_scale");
        int exponent = 0;
        if (v.integer("sampling_ratio") == 0 && std::frexp(scale, &exponent) != 0.5f) {
            // How many samples there are hangs on extents as run() rounds them.
            e.exact(true);
            x = e.wide(x);
            regions = e.binary("mul", e.wide(regions), e.real(scale));
            scale = 1;
        }
        Layer y = e.op(
            "roi_align", {x, regions, images},
            {{"mode", std::string(v.integer("mode") ? "avg" : "max")},
             {"coord", std::string(v.integer("coordinate_transformation_mode") ? "half_pixel" : "output_half_pixel")},
             {"output_height", v.integer("output_height")},
             {"output_width", v.integer("output_width")},
             {"sampling_ratio", v.integer("sampling_ratio")},
             {"spatial_scale", scale}});
        return e.done({e.like(y, e.in(0))});
    }

  private:
    // Adds the bilinear value, or the largest of its four parts.
    static void sample(const float* plane, int64_t h, int64_t w, float y, float x, bool average, float& sum,
                       float& most) {
        if (!(y >= -1 && y <= static_cast<float>(h) && x >= -1 && x <= static_cast<float>(w))) {
            most = std::max(most, 0.f);
            return;
        }
        y = std::max(y, 0.f);
        x = std::max(x, 0.f);
        int64_t y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x), yn = y0 + 1, xn = x0 + 1;
        if (y0 >= h - 1) y = static_cast<float>(y0 = yn = h - 1);
        if (x0 >= w - 1) x = static_cast<float>(x0 = xn = w - 1);
        const float ly = y - static_cast<float>(y0), lx = x - static_cast<float>(x0);
        const float parts[4] = {(1 - ly) * (1 - lx) * plane[y0 * w + x0], (1 - ly) * lx * plane[y0 * w + xn],
                                ly * (1 - lx) * plane[yn * w + x0], ly * lx * plane[yn * w + xn]};
        if (average)
            sum += parts[0] + parts[1] + parts[2] + parts[3];
        else
            most = std::max({most, parts[0], parts[1], parts[2], parts[3]});
    }
};

// x [N, C, H, W], rois [N, R, 4, 1] (y1, x1, y2, x2, relative) -> [N, R, C, crop_height, crop_width], bilinear, corners
// aligned, zeros outside.
class CropAndResize : public Kind {
  public:
    CropAndResize(const char* name = "CropAndResizeDynamic")
        : Kind(name, "1",
               {required("crop_width", PluginFieldType::kINT32), required("crop_height", PluginFieldType::kINT32)}) {}
    std::string check(const Values& v) const override {
        return v.integer("crop_width") > 0 && v.integer("crop_height") > 0 ? "" : "the crop is empty";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 2, 2);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (wrong.empty() && (in[1].nbDims < 3 || in[1].d[2] != 4)) return "the regions are not [N, R, 4, 1]";
        return wrong;
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf({in[0].d[0], in[1].d[1], in[0].d[1], e.constant(v.integer("crop_height")),
                        e.constant(v.integer("crop_width"))});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), h = in[0].d(2), w = in[0].d(3), rois = in[1].d(1);
        const int64_t ch = v.integer("crop_height"), cw = v.integer("crop_width");
        float* y = out[0].f();
        for (int64_t r = 0; r < n * rois; ++r) {
            const float* box = in[1].f() + r * 4;
            for (int64_t k = 0; k < c; ++k)
                for (int64_t i = 0; i < ch * cw; ++i) {
                    const float py = place(box[0], box[2], h, i / cw, ch), px = place(box[1], box[3], w, i % cw, cw);
                    *y++ = value(in[0].f() + (r / rois * c + k) * h * w, h, w, py, px);
                }
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0), regions = e.in(1);
        const int64_t ch = v.integer("crop_height"), cw = v.integer("crop_width");
        if (e.isEmpty(x, 2) || e.isEmpty(x, 3)) return false;
        e.exact(true);
        const Expansion::Extent n(x, 0), rois(regions, 1);
        const std::vector<Layer> box = e.split(e.wide(e.reshape(regions, {n, rois, 4})), 2, {1, 1, 1, 1});
        // Places along an axis [N, R, count], for the whole grid in parts of the image from -1 to 1, and whether they
        // lie in the image.
        std::vector<Layer> grid;
        Layer inside = nullptr;
        for (int axis : {1, 0}) {
            const int64_t count = axis ? cw : ch;
            Layer from = box[static_cast<size_t>(axis)], to = box[static_cast<size_t>(axis + 2)], places = nullptr;
            Layer last = e.binary("sub", e.extent(x, 2 + axis), e.real(1));
            if (count == 1) {
                places = e.binary("mul", e.binary("mul", e.real(0.5), e.binary("add", from, to)), last);
            } else {
                std::vector<float> steps;
                for (int64_t i = 0; i < count; ++i) steps.push_back(static_cast<float>(i));
                Layer along = e.binary("mul", e.reals({1, 1, count}, steps), e.binary("sub", to, from));
                along = e.binary("div", e.binary("mul", along, last), e.real(static_cast<double>(count - 1)));
                places = e.binary("add", e.binary("mul", from, last), along);
            }
            Layer within =
                e.binary("and", e.binary("greater_equal", places, e.real(0)), e.binary("less_equal", places, last));
            Layer parts = e.binary("div", e.binary("mul", places, e.real(2)), e.binary("max", last, e.real(1)));
            const std::vector<Expansion::Extent> spread = {n, rois, axis ? 1 : ch, axis ? cw : 1};
            within = e.reshape(within, spread);
            inside = inside ? e.binary("and", inside, within) : within;
            parts = e.reshape(e.binary("sub", parts, e.real(1)), spread);
            grid.push_back(e.reshape(e.expand(parts, {n, rois, ch, cw}), {n, rois.times(ch), cw, 1}));
        }
        Layer y = e.op("grid_sample", {x, e.concat(grid, 3)},
                       {{"align_corners", int64_t{1}}, {"padding", std::string("border")}});
        y = e.transpose(e.reshape(y, {n, {x, 1}, rois, ch, cw}), {0, 2, 1, 3, 4});
        return e.done({e.select(e.reshape(inside, {n, rois, 1, ch, cw}), y, e.like(e.real(0), y))});
    }

  private:
    static float place(float from, float to, int64_t size, int64_t i, int64_t count) {
        const auto last = static_cast<float>(size - 1);
        if (count == 1) return 0.5f * (from + to) * last;
        return from * last + static_cast<float>(i) * (to - from) * last / static_cast<float>(count - 1);
    }
    static float value(const float* plane, int64_t h, int64_t w, float y, float x) {
        if (!(y >= 0 && y <= static_cast<float>(h - 1) && x >= 0 && x <= static_cast<float>(w - 1))) return 0;
        const auto y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
        const int64_t yn = std::min(y0 + 1, h - 1), xn = std::min(x0 + 1, w - 1);
        const float ly = y - static_cast<float>(y0), lx = x - static_cast<float>(x0);
        const float top = plane[y0 * w + x0] + (plane[y0 * w + xn] - plane[y0 * w + x0]) * lx;
        const float bottom = plane[yn * w + x0] + (plane[yn * w + xn] - plane[yn * w + x0]) * lx;
        return top + (bottom - top) * ly;
    }
};

class StaticCropAndResize final : public CropAndResize {
  public:
    StaticCropAndResize() : CropAndResize("CropAndResize") {}
};

}  // namespace

LATHE_PLUGINS(roi_roi, RoiAlign, Reissued<RoiAlign, '2'>, CropAndResize, Reissued<CropAndResize, '2'>,
              StaticCropAndResize)

}  // namespace lathe::plugins

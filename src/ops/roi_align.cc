// SPDX-License-Identifier: Apache-2.0
#include "ops/roi_align.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

struct BilinearSample {
    int64_t at[4] = {};
    double weight[4] = {};
};

// The four neighbours of a place; all weights are 0 when it lies more than one element outside.
BilinearSample sampleAt(double y, double x, int64_t height, int64_t width) {
    double h = static_cast<double>(height), w = static_cast<double>(width);
    if (!(y >= -1 && y <= h && x >= -1 && x <= w)) return {};
    auto split = [](double v, int64_t extent, int64_t& low, int64_t& high) {
        v = std::max(v, 0.0);
        low = std::min(static_cast<int64_t>(v), extent - 1);
        high = std::min(low + 1, extent - 1);
        return high == low ? 0.0 : v - static_cast<double>(low);
    };
    int64_t y0, y1, x0, x1;
    double ty = split(y, height, y0, y1), tx = split(x, width, x0, x1);
    return {{y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1},
            {(1 - ty) * (1 - tx), (1 - ty) * tx, ty * (1 - tx), ty * tx}};
}

class RoiAlignOp final : public ir::OpWith<RoiAlignAttrs> {
  public:
    constexpr RoiAlignOp() : OpWith("roi_align", kNone) {}

    Status infer(InferContext& c) const override {
        const RoiAlignAttrs& a = attrs(c);
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        TRY(requireType(c, 2, {DType::kInt64, DType::kInt32}));
        TRY(requireRank(c, 0, 4));
        TRY(requireRank(c, 1, 2));
        TRY(requireRank(c, 2, 1));
        TRY(requireExtent(c.shape(1)[1], 4, "the number of coordinates"));
        Dim regions = TRY(sameExtent(c.shape(1)[0], c.shape(2)[0], "the numbers of regions and batch indices"));
        if (a.outputHeight < 1 || a.outputWidth < 1)
            return invalidArgument("the output is {} by {}; it must have at least one bin", a.outputHeight,
                                   a.outputWidth);
        if (a.samplingRatio < 0 || a.samplingRatio > 1024)
            return invalidArgument("sampling_ratio is {}; expected 0 to 1024", a.samplingRatio);
        c.setOutput(0, {c.dtype(0), {regions, c.shape(0)[1], a.outputHeight, a.outputWidth}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const RoiAlignAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        int64_t channels = x.dims[1], height = x.dims[2], width = x.dims[3], bins = a.outputHeight * a.outputWidth;
        std::vector<double> rois = readDoubles(c.input(1)), plane(height * width), out(bins);
        std::vector<int64_t> images = readIntegers(c.input(2));
        for (size_t r = 0; r < images.size(); ++r) {
            if (images[r] < 0 || images[r] >= x.dims[0])
                return invalidArgument("batch index {} is {}; there are {} images", r, images[r], x.dims[0]);
            int64_t rows = 0, columns = 0;
            std::vector<BilinearSample> samples = TRY(samplesOf(a, rois.data() + r * 4, height, width, rows, columns));
            int64_t each = rows * columns;
            for (int64_t ch = 0; ch < channels; ++ch) {
                readDoubles(x, (images[r] * channels + ch) * height * width, height * width, plane.data());
                for (int64_t b = 0; b < bins; ++b) {
                    double sum = 0, peak = 0;
                    for (int64_t s = 0; s < each; ++s) {
                        const BilinearSample& at = samples[b * each + s];
                        double largest = -INFINITY;
                        for (int k = 0; k < 4; ++k) {
                            double v = at.weight[k] * (plane.empty() ? 0 : plane[at.at[k]]);
                            sum += v;
                            largest = std::max(largest, v);
                        }
                        peak = s == 0 ? largest : std::max(peak, largest);
                    }
                    out[b] =
                        a.mode == RoiAlignMode::kMax ? peak : sum / static_cast<double>(std::max<int64_t>(each, 1));
                }
                writeDoubles(c.output(0), (static_cast<int64_t>(r) * channels + ch) * bins, bins, out.data());
            }
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt64 = DType::kInt64;
        auto with = [](DType t) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {2, 3, 10, 12}},
                    {.dtype = t, .dims = {3, 4}, .values = {1, 2, 15, 17, 0, 0, 9, 9, -3, 5, 30, 12}},
                    {.dtype = DType::kInt64, .dims = {3}, .values = {0, 1, 1}}};
        };
        return {
            {.name = "average",
             .attrs = "output_height=3 output_width=4 sampling_ratio=2 spatial_scale=0.5",
             .inputs = with(DType::kFloat),
             .reduction = 16},
            {.name = "adaptive",
             .attrs = "output_height=2 output_width=2 spatial_scale=0.6",
             .inputs = with(DType::kFloat),
             .reduction = 80},
            {.name = "max",
             .attrs = "mode=max output_height=3 output_width=3 sampling_ratio=2 spatial_scale=0.5",
             .inputs = with(DType::kFloat)},
            {.name = "output_half_pixel",
             .attrs = "coord=output_half_pixel output_height=3 output_width=3 spatial_scale=0.5",
             .inputs = with(DType::kFloat),
             .reduction = 40},
            {.name = "f16",
             .attrs = "output_height=2 output_width=2 sampling_ratio=2 spatial_scale=0.5",
             .inputs = with(kHalf),
             .reduction = 16},
            {.name = "bf16",
             .attrs = "output_height=2 output_width=2 sampling_ratio=1 spatial_scale=0.5",
             .inputs = with(kBf16),
             .reduction = 4},
            {.name = "empty",
             .attrs = "output_height=2",
             .inputs = {{.dims = {1, 3, 4, 4}}, {.dims = {0, 4}}, {.dtype = kInt64, .dims = {0}}}},
        };
    }

  private:
    // Bin by bin, `rows` by `columns` samples each.
    static Result<std::vector<BilinearSample>> samplesOf(const RoiAlignAttrs& a, const double* roi, int64_t height,
                                                         int64_t width, int64_t& rows, int64_t& columns) {
        bool half = a.coord == RoiAlignCoord::kHalfPixel;
        double shift = half ? 0.5 : 0, x0 = roi[0] * a.spatialScale - shift, y0 = roi[1] * a.spatialScale - shift;
        double w = roi[2] * a.spatialScale - shift - x0, h = roi[3] * a.spatialScale - shift - y0;
        if (!half) {
            w = std::max(w, 1.0);
            h = std::max(h, 1.0);
        }
        double binHeight = h / static_cast<double>(a.outputHeight), binWidth = w / static_cast<double>(a.outputWidth);
        auto samplesAlong = [&](double bin) {
            return a.samplingRatio > 0 ? static_cast<double>(a.samplingRatio) : std::max(std::ceil(bin), 0.0);
        };
        double tall = samplesAlong(binHeight), wide = samplesAlong(binWidth);
        if (!(tall * wide * static_cast<double>(a.outputHeight * a.outputWidth) < 1e8))
            return invalidArgument("a region of {} by {} elements takes too many samples", h, w);
        rows = static_cast<int64_t>(tall);
        columns = static_cast<int64_t>(wide);
        std::vector<BilinearSample> samples;
        for (int64_t by = 0; by < a.outputHeight; ++by)
            for (int64_t bx = 0; bx < a.outputWidth; ++bx)
                for (int64_t sy = 0; sy < rows; ++sy)
                    for (int64_t sx = 0; sx < columns; ++sx) {
                        double y = y0 + (static_cast<double>(by) + (static_cast<double>(sy) + 0.5) / tall) * binHeight;
                        double x = x0 + (static_cast<double>(bx) + (static_cast<double>(sx) + 0.5) / wide) * binWidth;
                        samples.push_back(height > 0 && width > 0 ? sampleAt(y, x, height, width) : BilinearSample());
                    }
        return samples;
    }
};

}  // namespace

LATHE_OP(roi_align, RoiAlignOp)

}  // namespace lathe::ops

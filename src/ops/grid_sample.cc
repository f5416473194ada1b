// SPDX-License-Identifier: Apache-2.0
#include "ops/grid_sample.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

double reflect(double x, double low, double high) {
    double span = high - low;
    if (span <= 0) return low;
    double distance = x < low ? low - x : x > high ? x - high : -1;
    if (distance < 0) return x;
    double turns = std::floor(distance / span), rest = distance - turns * span;
    bool even = std::fmod(turns, 2) == 0;
    return (x < low) == even ? low + rest : high - rest;
}

// What one coordinate contributes: up to four elements of its axis and their weights.
struct Taps {
    int count = 0;
    int64_t index[4] = {};
    double weight[4] = {};
};

Taps tapsAt(const GridSampleAttrs& a, double normalized, int64_t extent) {
    double n = static_cast<double>(extent);
    double low = a.alignCorners ? 0 : -0.5, high = a.alignCorners ? n - 1 : n - 0.5;
    double x = a.alignCorners ? (normalized + 1) / 2 * (n - 1) : ((normalized + 1) * n - 1) / 2;
    if (a.mode == GridSampleMode::kNearest) x = std::nearbyint(x);
    if (!(std::abs(x) < 0x1p52)) {
        // Not a place at all, or so far out that it has no neighbours.
        if (a.padding == GridSamplePadding::kZeros || std::isnan(x)) return {};
        x = a.padding == GridSamplePadding::kBorder && x > 0 ? n - 1 : 0;
    }
    if (x < low || x > high) {
        if (a.padding == GridSamplePadding::kBorder) x = std::clamp(x, 0.0, n - 1);
        if (a.padding == GridSamplePadding::kReflection) x = reflect(x, low, high);
    }
    double weights[4] = {1, 0, 0, 0}, first = std::floor(x), t = x - first;
    int count = 1;
    if (a.mode == GridSampleMode::kLinear) {
        count = 2;
        weights[0] = 1 - t;
        weights[1] = t;
    } else if (a.mode == GridSampleMode::kCubic) {
        count = 4;
        constexpr double k = -0.75;
        auto outer = [](double d) { return ((k * d - 5 * k) * d + 8 * k) * d - 4 * k; };
        auto inner = [](double d) { return ((k + 2) * d - (k + 3)) * d * d + 1; };
        weights[0] = outer(t + 1);
        weights[1] = inner(t);
        weights[2] = inner(1 - t);
        weights[3] = outer(2 - t);
        first -= 1;
    }
    Taps out;
    for (int i = 0; i < count; ++i) {
        double at = first + i;
        if (at < 0 || at > n - 1) {
            if (a.padding == GridSamplePadding::kZeros) continue;
            if (a.padding == GridSamplePadding::kReflection) at = std::trunc(reflect(at, low, high));
            at = std::clamp(at, 0.0, n - 1);
        }
        if (weights[i] == 0) continue;
        out.index[out.count] = static_cast<int64_t>(at);
        out.weight[out.count++] = weights[i];
    }
    return out;
}

class GridSampleOp final : public ir::OpWith<GridSampleAttrs> {
  public:
    constexpr GridSampleOp() : OpWith("grid_sample", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireFloat(c, 1));
        const Shape &x = c.shape(0), &grid = c.shape(1);
        if (x.size() < 3 || x.size() > 5)
            return unsupported("input 0 has the shape {}; expected N, C and one to three spatial axes",
                               ir::toString(x));
        TRY(requireRank(c, 1, c.rank(0)));
        TRY(requireExtent(grid.back(), static_cast<int64_t>(x.size()) - 2, "the number of coordinates"));
        Shape out = {TRY(sameExtent(x[0], grid[0], "the batch sizes of x and grid")), x[1]};
        out.insert(out.end(), grid.begin() + 1, grid.end() - 1);
        for (size_t d = 2; d < x.size(); ++d)
            if (x[d] == Dim(0))
                return invalidArgument("input 0 has the shape {}: there is nothing to read", ir::toString(x));
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axes = x.rank() - 2;
        int64_t places = 1, plane = 1;
        for (int d = 2; d < x.rank(); ++d) places *= y.dims[d], plane *= x.dims[d];
        std::vector<double> grid = readDoubles(c.input(1)), in(plane), out(places);
        std::vector<Taps> taps(places * 3);
        for (int64_t n = 0; n < x.dims[0]; ++n) {
            // Fewer than three axes are padded in front with one tap on an axis of one element.
            for (int64_t p = 0; p < places; ++p)
                for (int d = 0; d < 3; ++d) {
                    Taps& t = taps[p * 3 + d];
                    int axis = d - (3 - axes);
                    if (axis < 0)
                        t = {1, {0}, {1.0}};
                    else
                        t = tapsAt(attrs(c), grid[(n * places + p) * axes + axes - 1 - axis], x.dims[2 + axis]);
                }
            int64_t height = axes > 1 ? x.dims[x.rank() - 2] : 1, width = x.dims.back();
            for (int64_t ch = 0; ch < x.dims[1]; ++ch) {
                readDoubles(x, (n * x.dims[1] + ch) * plane, plane, in.data());
                for (int64_t p = 0; p < places; ++p) {
                    const Taps *td = &taps[p * 3], *th = td + 1, *tw = td + 2;
                    double sum = 0;
                    for (int i = 0; i < td->count; ++i)
                        for (int j = 0; j < th->count; ++j)
                            for (int k = 0; k < tw->count; ++k)
                                sum += td->weight[i] * th->weight[j] * tw->weight[k] *
                                       in[(td->index[i] * height + th->index[j]) * width + tw->index[k]];
                    out[p] = sum;
                }
                writeDoubles(y, (n * x.dims[1] + ch) * places, places, out.data());
            }
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        std::vector<ir::SampleInput> two = {{.dims = {2, 3, 7, 9}}, {.dims = {2, 5, 6, 2}, .low = -1.4, .high = 1.4}};
        std::vector<ir::SampleInput> three = {{.dims = {1, 2, 4, 5, 6}},
                                              {.dims = {1, 3, 4, 5, 3}, .low = -1.3, .high = 1.3}};
        return {
            {.name = "linear", .attrs = "", .inputs = two, .reduction = 4},
            {.name = "linear_border", .attrs = "padding=border align_corners=true", .inputs = two, .reduction = 4},
            {.name = "linear_reflection", .attrs = "padding=reflection", .inputs = two, .reduction = 4},
            {.name = "nearest", .attrs = "mode=nearest padding=border", .inputs = two},
            {.name = "cubic", .attrs = "mode=cubic", .inputs = two, .reduction = 16},
            {.name = "cubic_reflection",
             .attrs = "mode=cubic padding=reflection align_corners=true",
             .inputs = two,
             .reduction = 16},
            {.name = "volume", .attrs = "", .inputs = three, .reduction = 8},
            {.name = "volume_nearest", .attrs = "mode=nearest padding=reflection", .inputs = three},
            {.name = "line",
             .attrs = "align_corners=true",
             .inputs = {{.dims = {1, 2, 9}}, {.dims = {1, 4, 1}}},
             .reduction = 2},
            {.name = "f16",
             .attrs = "",
             .inputs = {{.dtype = kHalf, .dims = {1, 4, 6, 6}}, {.dtype = kHalf, .dims = {1, 5, 5, 2}}},
             .reduction = 4},
            {.name = "bf16",
             .attrs = "padding=border",
             .inputs = {{.dtype = kBf16, .dims = {1, 4, 6, 6}}, {.dims = {1, 5, 5, 2}}},
             .reduction = 4},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {1, 2, 3, 3}}, {.dims = {1, 0, 4, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(grid_sample, GridSampleOp)

}  // namespace lathe::ops

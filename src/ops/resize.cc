// SPDX-License-Identifier: Apache-2.0
#include "ops/resize.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

struct Fraction {
    int64_t numerator = 1, denominator = 1;
};

// The first continued-fraction convergent that rounds to the same float. REQUIRES: scale > 0 and finite.
Fraction simplestFraction(float scale) {
    double rest = scale;
    int64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    while (true) {
        double whole = std::floor(rest);
        if (whole > 0x1p40) break;
        int64_t a = static_cast<int64_t>(whole), p, q;
        if (__builtin_mul_overflow(a, p1, &p) || __builtin_add_overflow(p, p0, &p)) break;
        if (__builtin_mul_overflow(a, q1, &q) || __builtin_add_overflow(q, q0, &q)) break;
        p0 = p1, q0 = q1, p1 = p, q1 = q;
        if (p1 > 0 && static_cast<float>(static_cast<double>(p1) / static_cast<double>(q1)) == scale) return {p1, q1};
        if (rest == whole) break;
        rest = 1 / (rest - whole);
    }
    return {p1, std::max<int64_t>(q1, 1)};
}

Result<std::vector<int>> resizedAxes(const ResizeAttrs& a, int rank) {
    auto axes = TRY(normalizeAxes(a.axes, rank));
    if (axes.empty())
        for (int d = 0; d < rank; ++d) axes.push_back(d);
    return axes;
}

double keys(double x, double a) {
    x = std::abs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
}

// The axis with the smallest (not_larger) or largest (not_smaller) ratio of size to extent, by cross products.
size_t rulingAxis(ResizeAspect keep, std::span<const int64_t> extents, std::span<const int64_t> sizes) {
    size_t best = 0;
    for (size_t i = 1; i < extents.size(); ++i) {
        __int128 mine = static_cast<__int128>(sizes[i]) * extents[best],
                 bests = static_cast<__int128>(sizes[best]) * extents[i];
        if (keep == ResizeAspect::kNotLarger ? mine < bests : mine > bests) best = i;
    }
    return best;
}

struct AxisMap {
    ResizeCoord coord;
    double in, out;                 // extents
    double numerator, denominator;  // of the scale
    double start = 0, end = 1;      // of the roi

    double place(double o) const {
        double centered = (o + 0.5) * denominator / numerator - 0.5;
        switch (coord) {
            case ResizeCoord::kHalfPixel: return centered;
            case ResizeCoord::kHalfPixelSymmetric: {
                double adjustment = out / (in * numerator / denominator);
                return in / 2 * (1 - adjustment) + centered;
            }
            case ResizeCoord::kPytorchHalfPixel: return out > 1 ? centered : 0;
            case ResizeCoord::kAlignCorners: return out > 1 ? o * (in - 1) / (out - 1) : 0;
            case ResizeCoord::kAsymmetric: return o * denominator / numerator;
            case ResizeCoord::kTfCropAndResize:
                return out > 1 ? start * (in - 1) + o * (end - start) * (in - 1) / (out - 1)
                               : 0.5 * (start + end) * (in - 1);
        }
        return 0;
    }
};

std::vector<ResizeTap> tapsAt(const ResizeAttrs& a, double place, int64_t in, double scale) {
    auto clamp = [&](double i) { return static_cast<int64_t>(std::clamp<double>(i, 0, static_cast<double>(in - 1))); };
    if (a.mode == ResizeMode::kNearest) {
        double rounded = 0;
        switch (a.nearestMode) {
            case ResizeRounding::kRoundPreferFloor: rounded = std::ceil(place - 0.5); break;
            case ResizeRounding::kRoundPreferCeil: rounded = std::floor(place + 0.5); break;
            case ResizeRounding::kFloor: rounded = std::floor(place); break;
            case ResizeRounding::kCeil: rounded = std::ceil(place); break;
        }
        return {{clamp(rounded), 1.0}};
    }
    bool cubic = a.mode == ResizeMode::kCubic;
    double shrink = a.antialias ? std::min(scale, 1.0) : 1.0;
    double reach = (cubic ? 2 : 1) / shrink;
    std::vector<ResizeTap> taps;
    double total = 0;
    for (double i = std::floor(place - reach) + 1; i < place + reach; ++i) {
        bool outside = i < 0 || i >= static_cast<double>(in);
        if (outside && a.excludeOutside) continue;
        double distance = (i - place) * shrink;
        double weight = cubic ? keys(distance, a.cubicCoeffA) : std::max(0.0, 1 - std::abs(distance));
        total += weight;
        int64_t index = clamp(i);
        if (!taps.empty() && taps.back().index == index)
            taps.back().weight += weight;
        else
            taps.push_back({index, weight});
    }
    // Far outside nothing is left; the edge is the nearest there is.
    if (taps.empty() || total == 0) return {{clamp(std::round(place)), 1.0}};
    for (ResizeTap& t : taps) t.weight /= total;
    return taps;
}

}  // namespace

Result<std::vector<ResizeAxis>> resizePlan(const ResizeAttrs& a, const Dims& in, const Dims& out,
                                           std::span<const double> roi, std::span<const double> scales,
                                           std::span<const int64_t> sizes) {
    auto axes = TRY(resizedAxes(a, static_cast<int>(in.size())));
    bool crop = a.coord == ResizeCoord::kTfCropAndResize;
    if (crop && roi.size() != 2 * axes.size())
        return invalidArgument("the roi has {} elements where {} are needed", roi.size(), 2 * axes.size());
    size_t ruling = 0;
    if (scales.empty() && a.keepAspect != ResizeAspect::kStretch) {
        Dims extents;
        for (int d : axes) extents.push_back(in[d]);
        if (sizes.size() != axes.size())
            return invalidArgument("{} sizes are given for {} axes", sizes.size(), axes.size());
        ruling = rulingAxis(a.keepAspect, extents, sizes);
    }
    std::vector<ResizeAxis> plan;
    for (size_t i = 0; i < axes.size(); ++i) {
        ResizeAxis r;
        r.axis = axes[i];
        r.in = in[r.axis];
        r.out = out[r.axis];
        if (r.in == 0 && r.out > 0)
            return invalidArgument("axis {} has no elements that {} could be made of", r.axis, r.out);
        Fraction scale{r.out, std::max<int64_t>(r.in, 1)};
        if (!scales.empty())
            scale = simplestFraction(static_cast<float>(scales[i]));
        else if (a.keepAspect != ResizeAspect::kStretch)
            scale = {sizes[ruling], std::max<int64_t>(in[axes[ruling]], 1)};
        AxisMap map{a.coord, static_cast<double>(r.in), static_cast<double>(r.out),
                    static_cast<double>(scale.numerator), static_cast<double>(scale.denominator)};
        if (crop) {
            map.start = roi[i];
            map.end = roi[axes.size() + i];
            r.outside.resize(r.out);
        }
        bool identity = r.in == r.out;
        for (int64_t o = 0; o < r.out; ++o) {
            double place = map.place(static_cast<double>(o));
            if (!std::isfinite(place))
                return invalidArgument("axis {}: position {} has no finite place in the input", r.axis, o);
            r.taps.push_back(tapsAt(a, place, r.in, map.numerator / map.denominator));
            if (crop) r.outside[o] = place < 0 || place > map.in - 1;
            identity = identity && r.taps.back().size() == 1 && r.taps.back()[0].index == o;
            identity = identity && !(crop && r.outside[o]);
        }
        // A place on an input position may leave taps of weight 0 beside it.
        if (!identity) plan.push_back(std::move(r));
    }
    return plan;
}

namespace {

class ResizeOp final : public ir::OpWith<ResizeAttrs> {
  public:
    constexpr ResizeOp() : OpWith("resize", kNone) {}

    Status infer(InferContext& c) const override {
        const ResizeAttrs& a = attrs(c);
        TRY(requireInputs(c, 1));
        if (a.mode == ResizeMode::kNearest)
            TRY(requireType(c, 0,
                            {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8, DType::kInt32}));
        else
            TRY(requireFloat(c, 0));
        auto axes = TRY(resizedAxes(a, c.rank(0)));
        bool scales = given(c, 2), sizes = given(c, 3);
        if (scales == sizes)
            return invalidArgument("{} of scales and sizes must be given", scales ? "only one" : "one");
        if (a.coord == ResizeCoord::kTfCropAndResize) {
            if (!given(c, 1)) return invalidArgument("tf_crop_and_resize needs a roi");
            TRY(requireFloat(c, 1));
            TRY(requireRank(c, 1, 1));
            TRY(requireExtent(c.shape(1)[0], static_cast<int64_t>(2 * axes.size()), "the roi's length"));
        }
        Shape out = c.shape(0);
        if (scales)
            TRY(scaled(c, axes, out));
        else
            TRY(sized(c, axes, out));
        for (int d : axes) {
            const Dim &from = c.shape(0)[d], &to = out[d];
            if (from.isConstant() && from.value() == 0 && to.isConstant() && to.value() > 0)
                return invalidArgument("axis {} has no elements that {} could be made of", d, to.value());
        }
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        auto doubles = [&](int i) { return c.has(i) ? readDoubles(c.input(i)) : std::vector<double>(); };
        auto sizes = c.has(3) ? readIntegers(c.input(3)) : std::vector<int64_t>();
        auto plan = TRY(resizePlan(attrs(c), x.dims, y.dims, doubles(1), doubles(2), sizes));
        Dims dims = x.dims;
        std::vector<double> data = readDoubles(x);
        for (const ResizeAxis& r : plan) {
            int64_t outer = 1, inner = 1;
            for (int d = 0; d < x.rank(); ++d) (d < r.axis ? outer : inner) *= d == r.axis ? 1 : dims[d];
            std::vector<double> next(outer * r.out * inner, 0.0);
            for (int64_t p = 0; p < outer; ++p)
                for (int64_t o = 0; o < r.out; ++o) {
                    double* to = next.data() + (p * r.out + o) * inner;
                    for (const ResizeTap& t : r.taps[o]) {
                        const double* from = data.data() + (p * r.in + t.index) * inner;
                        // 0 times an infinite neighbour is not NaN here.
                        if (t.weight == 0) continue;
                        for (int64_t i = 0; i < inner; ++i) to[i] += t.weight * from[i];
                    }
                }
            dims[r.axis] = r.out;
            data = std::move(next);
        }
        for (const ResizeAxis& r : plan)
            for (size_t o = 0; o < r.outside.size(); ++o)
                if (r.outside[o]) fillSlice(dims, r.axis, static_cast<int64_t>(o), attrs(c).extrapolationValue, data);
        writeDoubles(y, data);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt8 = DType::kInt8, kUint8 = DType::kUint8,
                        kInt32 = DType::kInt32, kInt64 = DType::kInt64;
        auto by = [](ir::SampleInput x, std::vector<double> scales) -> std::vector<ir::SampleInput> {
            return {std::move(x),
                    {.absent = true},
                    {.dims = {static_cast<int64_t>(scales.size())}, .constant = true, .values = scales}};
        };
        auto to = [=](ir::SampleInput x, std::vector<double> sizes,
                      bool constant = true) -> std::vector<ir::SampleInput> {
            return {
                std::move(x),
                {.absent = true},
                {.absent = true},
                {.dtype = kInt64, .dims = {static_cast<int64_t>(sizes.size())}, .constant = constant, .values = sizes}};
        };
        return {
            {.name = "nearest_2x",
             .attrs = "coord=asymmetric nearest_mode=floor",
             .inputs = by({.dims = {2, 5, 7, 6}}, {1, 1, 2, 2})},
            {.name = "nearest_down", .attrs = "", .inputs = to({.dims = {1, 3, 10, 11}}, {1, 3, 4, 5})},
            {.name = "nearest_ceil",
             .attrs = "nearest_mode=ceil coord=align_corners axes=[2, 3]",
             .inputs = to({.dims = {1, 3, 5, 4}}, {8, 9})},
            {.name = "linear_2x",
             .attrs = "mode=linear",
             .inputs = by({.dims = {1, 4, 7, 5}}, {1, 1, 2, 2}),
             .reduction = 4},
            {.name = "linear_align",
             .attrs = "mode=linear coord=align_corners",
             .inputs = to({.dims = {2, 3, 6, 7}}, {2, 3, 11, 4}),
             .reduction = 4},
            {.name = "linear_pytorch",
             .attrs = "mode=linear coord=pytorch_half_pixel",
             .inputs = to({.dims = {1, 2, 6, 7}}, {1, 2, 1, 13}, false),
             .reduction = 4},
            {.name = "linear_symmetric",
             .attrs = "mode=linear coord=half_pixel_symmetric",
             .inputs = by({.dims = {1, 1, 7, 9}}, {1, 1, 1.3, 0.6}),
             .reduction = 4},
            {.name = "linear_3d",
             .attrs = "mode=linear",
             .inputs = by({.dims = {1, 2, 3, 4, 5}}, {1, 1, 2, 1.5, 2}),
             .reduction = 8},
            {.name = "linear_antialias",
             .attrs = "mode=linear antialias=true",
             .inputs = to({.dims = {1, 2, 17, 13}}, {1, 2, 5, 6}),
             .reduction = 60},
            {.name = "cubic",
             .attrs = "mode=cubic",
             .inputs = by({.dims = {1, 2, 6, 7}}, {1, 1, 1.5, 2.2}),
             .reduction = 16},
            {.name = "cubic_exclude",
             .attrs = "mode=cubic exclude_outside=true cubic_coeff_a=-0.5 coord=asymmetric",
             .inputs = to({.dims = {1, 2, 6, 7}}, {1, 2, 9, 5}),
             .reduction = 16},
            {.name = "cubic_antialias",
             .attrs = "mode=cubic antialias=true exclude_outside=true",
             .inputs = to({.dims = {1, 2, 19, 14}}, {1, 2, 7, 6}),
             .reduction = 150},
            {.name = "crop",
             .attrs = "mode=linear coord=tf_crop_and_resize extrapolation_value=9 axes=[2, 3]",
             .inputs = {{.dims = {1, 2, 8, 9}},
                        {.dims = {4}, .constant = true, .values = {0.1, -0.2, 0.9, 1.1}},
                        {.absent = true},
                        {.dtype = kInt64, .dims = {2}, .constant = true, .values = {5, 12}}},
             .reduction = 4},
            {.name = "aspect",
             .attrs = "mode=linear axes=[1, 2] keep_aspect=not_larger",
             .inputs = to({.dims = {1, 8, 10, 3}}, {12, 12}),
             .reduction = 4},
            {.name = "f16",
             .attrs = "mode=linear",
             .inputs = by({.dtype = kHalf, .dims = {1, 8, 5, 5}}, {1, 1, 2, 2}),
             .reduction = 4},
            {.name = "bf16",
             .attrs = "mode=cubic",
             .inputs = by({.dtype = kBf16, .dims = {1, 2, 5, 5}}, {1, 1, 2, 2}),
             .reduction = 16},
            {.name = "i8",
             .attrs = "coord=asymmetric",
             .inputs = by({.dtype = kInt8, .dims = {1, 2, 5, 4}, .low = -128, .high = 127}, {1, 1, 2, 3})},
            {.name = "u8",
             .attrs = "",
             .inputs = to({.dtype = kUint8, .dims = {9, 7}, .low = 0, .high = 255}, {4, 11})},
            {.name = "i32", .attrs = "", .inputs = to({.dtype = kInt32, .dims = {9}, .low = -1e9, .high = 1e9}, {5})},
            {.name = "empty", .attrs = "mode=linear", .inputs = by({.dims = {0, 3, 4, 4}}, {1, 1, 2, 2})},
        };
    }

  private:
    // Absent, or present without elements, which older models have in its place.
    static bool given(const InferContext& c, int i) {
        if (!c.has(i)) return false;
        return !(c.rank(i) == 1 && c.shape(i)[0] == Dim(0));
    }

    static Result<std::vector<double>> constantScales(const InferContext& c, size_t count) {
        TRY(requireFloat(c, 2));
        TRY(requireRank(c, 2, 1));
        TRY(requireExtent(c.shape(2)[0], static_cast<int64_t>(count), "the number of scales"));
        auto bytes = TRY(c.constantBytes(2));
        if (!bytes.data() || !ir::isConstant(c.shape(2)))
            return unsupported("the scales must be known when the engine is built (sizes need not be)");
        return readDoubles(Tensor{c.dtype(2), ir::constantDims(c.shape(2)), const_cast<std::byte*>(bytes.data())});
    }

    static Status scaled(InferContext& c, const std::vector<int>& axes, Shape& out) {
        if (attrs(c).keepAspect != ResizeAspect::kStretch)
            return invalidArgument("keep_aspect needs sizes, but scales are given");
        auto scales = TRY(constantScales(c, axes.size()));
        for (size_t i = 0; i < axes.size(); ++i) {
            if (!(scales[i] > 0) || !std::isfinite(scales[i]))
                return invalidArgument("scale {} is {}; it must be positive", i, scales[i]);
            Fraction f = simplestFraction(static_cast<float>(scales[i]));
            Dim& d = out[axes[i]];
            d = floorDiv(d * f.numerator, f.denominator);
        }
        return {};
    }

    static Status sized(InferContext& c, const std::vector<int>& axes, Shape& out) {
        TRY(requireType(c, 3, {DType::kInt64, DType::kInt32}));
        TRY(requireRank(c, 3, 1));
        TRY(requireExtent(c.shape(3)[0], static_cast<int64_t>(axes.size()), "the number of sizes"));
        auto sizes = TRY(c.elementsOrSymbols(3));
        if (sizes.size() != axes.size())
            return invalidArgument("{} sizes are given for {} axes", sizes.size(), axes.size());
        for (const Dim& s : sizes)
            if (s.isConstant() && s.value() < 0) return invalidArgument("a size is {}", s.value());
        ResizeAspect keep = attrs(c).keepAspect;
        if (keep == ResizeAspect::kStretch) {
            for (size_t i = 0; i < axes.size(); ++i) out[axes[i]] = sizes[i];
            return {};
        }
        Dims extents, targets;
        for (size_t i = 0; i < axes.size(); ++i) {
            if (!out[axes[i]].isConstant() || !sizes[i].isConstant())
                return unsupported("keep_aspect needs extents and sizes that are known when the engine is built");
            extents.push_back(out[axes[i]].value());
            targets.push_back(sizes[i].value());
        }
        size_t best = rulingAxis(keep, extents, targets);
        Dim numerator = sizes[best], denominator = out[axes[best]];
        if (denominator == Dim(0)) return invalidArgument("keep_aspect with an empty axis {}", axes[best]);
        for (int d : axes) out[d] = floorDiv(out[d] * numerator * 2 + denominator, denominator * 2);
        return {};
    }

    static void fillSlice(const Dims& dims, int axis, int64_t at, double value, std::vector<double>& data) {
        int64_t outer = 1, inner = 1;
        for (size_t d = 0; d < dims.size(); ++d)
            if (static_cast<int>(d) != axis) (static_cast<int>(d) < axis ? outer : inner) *= dims[d];
        for (int64_t p = 0; p < outer; ++p) std::fill_n(data.begin() + (p * dims[axis] + at) * inner, inner, value);
    }
};

}  // namespace

LATHE_OP(resize, ResizeOp)

}  // namespace lathe::ops

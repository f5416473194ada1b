// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(ResizeTable, resizeTable)

namespace lathe::cpu {
namespace {

double cubicWeight(double x, double a) {
    x = std::fabs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
}

double coordinate(int64_t o, int64_t in, int64_t out, double scale, const ResizeOptions& options, double start,
                  double end) {
    double x = static_cast<double>(o), n = static_cast<double>(in), m = static_cast<double>(out);
    if (options.firstForSingle && out == 1) return 0;
    switch (options.coordinates) {
        case ResizeCoordinates::kHalfPixel: return (x + 0.5) / scale - 0.5;
        case ResizeCoordinates::kAlignCorners: return out == 1 ? 0 : x * (n - 1) / (m - 1);
        case ResizeCoordinates::kAsymmetric: return x / scale;
        case ResizeCoordinates::kPytorchHalfPixel: return out == 1 ? 0 : (x + 0.5) / scale - 0.5;
        case ResizeCoordinates::kHalfPixelSymmetric: {
            double adjustment = m / (scale * n);
            return n / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5;
        }
        case ResizeCoordinates::kTfHalfPixelNearest: return (x + 0.5) / scale;
        case ResizeCoordinates::kCropAndResize:
            return out == 1 ? 0.5 * (start + end) * (n - 1) : start * (n - 1) + x * (end - start) * (n - 1) / (m - 1);
    }
    return 0;
}

int64_t nearest(double x, ResizeRounding rounding) {
    switch (rounding) {
        case ResizeRounding::kHalfDown: return static_cast<int64_t>(std::ceil(x - 0.5));
        case ResizeRounding::kHalfUp: return static_cast<int64_t>(std::floor(x + 0.5));
        case ResizeRounding::kFloor: return static_cast<int64_t>(std::floor(x));
        case ResizeRounding::kCeil: return static_cast<int64_t>(std::ceil(x));
    }
    return 0;
}

}  // namespace

Result<ResizeAxis> ResizeAxis::make(int64_t in, int64_t out, double scale, const ResizeOptions& options,
                                    double roiStart, double roiEnd) {
    if (in < 0 || out < 0 || in > INT32_MAX || out > INT32_MAX || (in == 0 && out > 0))
        return invalidArgument("resize: {} elements to {}", in, out);
    if (scale == 0) scale = in > 0 ? static_cast<double>(out) / static_cast<double>(in) : 1;
    if (!(scale > 0) || !std::isfinite(scale)) return invalidArgument("resize: scale {}", scale);
    ResizeAxis axis;
    axis.in = in;
    axis.out = out;
    // The filter's taps lie at whole distances first, first + 1, … from the position below.
    double shrink = options.antialias && scale < 1 ? scale : 1;
    double radius = options.mode == ResizeMode::kCubic ? 2 : 1;
    if (2 * radius / shrink * static_cast<double>(out) > 0x1p28)
        return unsupported("resize: {} to {} elements with a filter widened by {}", in, out, 1 / shrink);
    int64_t first = 0;
    if (options.mode != ResizeMode::kNearest) {
        first = static_cast<int64_t>(std::floor(-radius / shrink)) + 1;
        axis.taps = static_cast<int>(2 - 2 * first);
    }
    axis.index.resize(static_cast<size_t>(out) * axis.taps);
    axis.weight.resize(axis.index.size());
    bool checkOutside = options.extrapolate && options.coordinates == ResizeCoordinates::kCropAndResize;
    if (checkOutside) axis.isOutside.assign(static_cast<size_t>(out), 0);
    std::vector<double> weights(static_cast<size_t>(axis.taps));
    for (int64_t o = 0; o < out; ++o) {
        double x = coordinate(o, in, out, scale, options, roiStart, roiEnd);
        if (!std::isfinite(x)) return invalidArgument("resize: output {} lies at {}", o, x);
        if (checkOutside) axis.isOutside[o] = x < 0 || x > static_cast<double>(in - 1);
        x = std::clamp(x, -1e9, 1e9);
        int32_t* index = &axis.index[o * axis.taps];
        float* weight = &axis.weight[o * axis.taps];
        if (options.mode == ResizeMode::kNearest) {
            *index = static_cast<int32_t>(std::clamp<int64_t>(nearest(x, options.rounding), 0, in - 1));
            *weight = 1;
            continue;
        }
        int64_t below = static_cast<int64_t>(std::floor(x));
        double fraction = x - static_cast<double>(below), sum = 0;
        for (int t = 0; t < axis.taps; ++t) {
            int64_t i = below + first + t;
            double distance = (static_cast<double>(first + t) - fraction) * shrink;
            double w = options.mode == ResizeMode::kLinear ? std::max(0., 1 - std::fabs(distance))
                                                           : cubicWeight(distance, options.cubic);
            if (options.excludeOutside && (i < 0 || i >= in)) w = 0;
            weights[t] = w;
            sum += w;
            index[t] = static_cast<int32_t>(std::clamp<int64_t>(i, 0, in - 1));
        }
        bool normalize = (options.excludeOutside || shrink != 1) && sum != 0;
        for (int t = 0; t < axis.taps; ++t) weight[t] = static_cast<float>(normalize ? weights[t] / sum : weights[t]);
    }
    axis.identity = in == out && axis.isOutside.empty();
    for (int64_t o = 0; o < out && axis.identity; ++o)
        for (int t = 0; t < axis.taps; ++t) {
            float w = axis.weight[o * axis.taps + t];
            if (w != 0 && (w != 1 || axis.index[o * axis.taps + t] != o)) axis.identity = false;
        }
    if (axis.identity && axis.taps > 1) {
        axis.taps = 1;
        axis.index.resize(static_cast<size_t>(out));
        axis.weight.assign(static_cast<size_t>(out), 1.f);
        for (int64_t o = 0; o < out; ++o) axis.index[o] = static_cast<int32_t>(o);
    }
    return axis;
}

Result<Resize> Resize::make(DType type, int64_t images, int64_t vector, const ResizeAxis (&axes)[3], float outside) {
    Resize r;
    r.type_ = type;
    r.images_ = images;
    r.vector_ = vector;
    r.outside_ = outside;
    for (int d = 0; d < 3; ++d) {
        r.axes_[d] = axes[d];
        ResizeAxis& axis = r.axes_[d];
        if (axis.index.size() != static_cast<size_t>(axis.out) * axis.taps) {
            if (axis.in != axis.out || !axis.identity)
                return invalidArgument("resize: axis {} has {} taps for {} outputs", d, axis.index.size(), axis.out);
            // A dimension that was left alone.
            axis.taps = 1;
            axis.weight.assign(static_cast<size_t>(axis.out), 1.f);
            for (int64_t o = 0; o < axis.out; ++o) axis.index.push_back(static_cast<int32_t>(o));
        }
        r.nearest_ = r.nearest_ && axis.taps == 1 && axis.isOutside.empty();
    }
    bool computes = type == DType::kFloat || type == DType::kHalf || type == DType::kBf16 || type == DType::kInt8 ||
                    type == DType::kUint8;
    if (!computes && (!r.nearest_ || bitsOf(type) < 8))
        return unsupported("resize: interpolating elements of type {}", toString(type));
    return r;
}

Resize::Plan Resize::plan() const {
    Plan p{type_, vector_, {}, outside_};
    for (int d = 0; d < 3; ++d)
        p.axes[d] = {axes_[d].in,
                     axes_[d].out,
                     axes_[d].taps,
                     axes_[d].index.data(),
                     axes_[d].weight.data(),
                     axes_[d].isOutside.empty() ? nullptr : axes_[d].isOutside.data()};
    return p;
}

void Resize::run(const void* x, void* y) const {
    int64_t rows = images_ * axes_[0].out * axes_[1].out, row = axes_[2].out * vector_;
    if (rows == 0 || row == 0) return;
    if (nearest_) {
        parallelFor(rows, grainFor(row * bitsOf(type_) / 8 * 2, kCopyGrainBytes),
                    [&](int64_t begin, int64_t end) { nearestRows(x, y, begin, end); });
        return;
    }
    Plan p = plan();
    auto fn = vector_ == 1 ? resizeTable().planes : resizeTable().vectors;
    int64_t taps = axes_[0].taps * axes_[1].taps * axes_[2].taps;
    parallelFor(rows, grainFor(row * (2 * taps + 8), kArithmeticGrain),
                [&](int64_t begin, int64_t end) { fn(p, x, y, begin, end); });
}

void Resize::nearestRows(const void* x, void* y, int64_t begin, int64_t end) const {
    const ResizeAxis &depth = axes_[0], &height = axes_[1], &width = axes_[2];
    const int64_t bytes = vector_ * bitsOf(type_) / 8, inRow = width.in * bytes, outRow = width.out * bytes;
    for (int64_t r = begin; r < end; ++r) {
        int64_t oh = r % height.out, od = r / height.out % depth.out, image = r / height.out / depth.out;
        int64_t from = (image * depth.in + depth.index[od]) * height.in + height.index[oh];
        const char* s = static_cast<const char*>(x) + from * inRow;
        char* d = static_cast<char*>(y) + r * outRow;
        // Rows drawn from the same row as the one before are copies of it.
        if (r > begin && oh > 0 && height.index[oh] == height.index[oh - 1]) {
            std::memcpy(d, d - outRow, static_cast<size_t>(outRow));
            continue;
        }
        if (width.identity) {
            std::memcpy(d, s, static_cast<size_t>(outRow));
            continue;
        }
        auto copy = [&](auto fixed) {
            const int64_t n = fixed ? static_cast<int64_t>(fixed) : bytes;
            for (int64_t o = 0; o < width.out; ++o)
                std::memcpy(d + o * n, s + width.index[o] * n, static_cast<size_t>(n));
        };
        switch (bytes) {
            case 1: copy(std::integral_constant<int, 1>{}); break;
            case 2: copy(std::integral_constant<int, 2>{}); break;
            case 4: copy(std::integral_constant<int, 4>{}); break;
            case 8: copy(std::integral_constant<int, 8>{}); break;
            case 32: copy(std::integral_constant<int, 32>{}); break;
            case 64: copy(std::integral_constant<int, 64>{}); break;
            default: copy(0); break;
        }
    }
}

}  // namespace lathe::cpu

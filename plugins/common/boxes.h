// SPDX-License-Identifier: Apache-2.0
// Boxes by two corners, and which of many overlapping ones stay.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace lathe::plugins {

using Corners = std::array<float, 4>;  // y/x in whatever order: min, min, max, max

// `normalized`: extents are max - min; else pixels, which count themselves.
inline float overlap(const Corners& a, const Corners& b, bool normalized = true) {
    const float one = normalized ? 0.f : 1.f;
    auto area = [&](const Corners& c) { return std::max(0.f, c[2] - c[0] + one) * std::max(0.f, c[3] - c[1] + one); };
    const float w = std::min(a[2], b[2]) - std::max(a[0], b[0]) + one;
    const float h = std::min(a[3], b[3]) - std::max(a[1], b[1]) + one;
    if (w <= 0 || h <= 0) return 0;
    const float shared = w * h, all = area(a) + area(b) - shared;
    return all > 0 ? shared / all : 0;
}

inline Corners sorted(const Corners& c) {
    return {std::min(c[0], c[2]), std::min(c[1], c[3]), std::max(c[0], c[2]), std::max(c[1], c[3])};
}

struct Found {
    float score;
    int64_t box;
    int32_t label;
    Corners corners;
};

// The greedy choice in the order of the scores; boxes of different classes do not hide each other unless `agnostic`.
inline std::vector<Found> choose(std::vector<Found> all, float threshold, size_t most, bool agnostic,
                                 bool normalized = true) {
    std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.score > b.score; });
    std::vector<Found> out;
    for (const Found& f : all) {
        if (out.size() == most) break;
        const bool hidden = std::any_of(out.begin(), out.end(), [&](const Found& o) {
            return (agnostic || o.label == f.label) &&
                   overlap(sorted(o.corners), sorted(f.corners), normalized) > threshold;
        });
        if (!hidden) out.push_back(f);
    }
    return out;
}

}  // namespace lathe::plugins

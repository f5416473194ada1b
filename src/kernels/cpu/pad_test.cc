// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pad.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace lathe::cpu {
namespace {

using Ints = std::vector<int64_t>;

// Walks outwards one step at a time, as the modes are defined.
int64_t sourceOf(int64_t i, int64_t n, PadMode mode) {
    if (mode == PadMode::kConstant) return i >= 0 && i < n ? i : -1;
    if (mode == PadMode::kEdge) return std::clamp<int64_t>(i, 0, n - 1);
    if (mode == PadMode::kWrap) {
        while (i < 0) i += n;
        while (i >= n) i -= n;
        return i;
    }
    while (n > 1 && (i < 0 || i >= n)) i = i < 0 ? -i : 2 * (n - 1) - i;
    return n == 1 ? 0 : i;
}

void check(const Ints& dims, const Ints& before, const Ints& after, PadMode mode, int bytes) {
    int64_t count = 1, total = 1;
    Ints out;
    for (size_t d = 0; d < dims.size(); ++d) {
        count *= dims[d];
        out.push_back(dims[d] + before[d] + after[d]);
        total *= out.back();
    }
    std::vector<uint8_t> x(count * bytes), y(total * bytes, 0xee), value = {1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 37 + 11);
    auto pad = Pad::make(dims, before, after, mode, bytes);
    ASSERT_TRUE(pad.ok()) << pad.status().toString();
    pad->run(x.data(), y.data(), value.data());
    for (int64_t i = 0; i < total; ++i) {
        int64_t rest = i, at = 0, step = 1;
        bool constant = false;
        for (size_t d = dims.size(); d-- > 0;) {
            int64_t s = sourceOf(rest % out[d] - before[d], dims[d], mode);
            rest /= out[d];
            constant = constant || s < 0;
            at += s * step;
            step *= dims[d];
        }
        const uint8_t* want = constant ? value.data() : &x[at * bytes];
        ASSERT_EQ(std::memcmp(&y[i * bytes], want, bytes), 0) << "element " << i << " mode " << static_cast<int>(mode);
    }
}

TEST(Pad, ModesAndShapes) {
    for (PadMode mode : {PadMode::kConstant, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap})
        for (int bytes : {1, 2, 4, 8}) {
            check({5}, {2}, {3}, mode, bytes);
            check({3, 4}, {1, 0}, {0, 2}, mode, bytes);
            check({2, 3, 5, 6}, {0, 0, 2, 1}, {0, 0, 1, 3}, mode, bytes);
            check({2, 5, 6, 3}, {0, 2, 1, 0}, {0, 1, 3, 0}, mode, bytes);
            check({4, 6}, {-1, 2}, {2, -3}, mode, bytes);
            check({4, 6}, {-1, -2}, {0, -3}, mode, bytes);
            check({2, 3}, {7, 11}, {9, 8}, mode, bytes);  // more than once around
            check({1, 3}, {2, 0}, {2, 0}, mode, bytes);
            check({2, 3}, {0, 0}, {0, 0}, mode, bytes);
            check({}, {}, {}, mode, bytes);
        }
    check({2, 0, 3}, {1, 2, 0}, {0, 1, 1}, PadMode::kConstant, 4);
    check({40, 50, 60}, {1, 2, 3}, {3, 2, 1}, PadMode::kConstant, 4);
}

TEST(Pad, Refusals) {
    EXPECT_FALSE(Pad::make(Ints{3}, Ints{-2}, Ints{-2}, PadMode::kConstant, 4).ok());
    EXPECT_FALSE(Pad::make(Ints{0}, Ints{1}, Ints{0}, PadMode::kEdge, 4).ok());
    EXPECT_FALSE(Pad::make(Ints{3}, Ints{1, 1}, Ints{0}, PadMode::kEdge, 4).ok());
    EXPECT_FALSE(Pad::make(Ints{3}, Ints{INT64_MAX}, Ints{1}, PadMode::kEdge, 4).ok());
}

}  // namespace
}  // namespace lathe::cpu

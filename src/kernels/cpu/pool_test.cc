// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pool.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

void check(PoolArgs a) {
    bool integer = isInteger(a.type);
    int64_t in = a.images * a.in[0] * a.in[1] * a.in[2] * a.vector;
    int64_t out = a.images * a.out[0] * a.out[1] * a.out[2] * a.vector;
    FloatBuffer x = FloatBuffer::random(a.type, in, 4,
                                        a.type == DType::kUint8 ? 0
                                        : integer               ? -100
                                                                : -2,
                                        integer ? 100 : 2);
    FloatBuffer y = FloatBuffer::random(a.type, out, 5, integer ? 0 : -2, integer ? 100 : 2), before = y;
    a.x = x.data(), a.y = y.data();
    pool(a);
    bool isMax = a.kind == PoolArgs::Kind::kMax;
    int64_t at = 0;
    for (int64_t n = 0; n < a.images; ++n)
        for (int64_t od = 0; od < a.out[0]; ++od)
            for (int64_t oh = 0; oh < a.out[1]; ++oh)
                for (int64_t ow = 0; ow < a.out[2]; ++ow)
                    for (int64_t c = 0; c < a.vector; ++c, ++at) {
                        double best = -INFINITY, sum = 0;
                        int64_t count = 0;
                        for (int64_t i = 0; i < a.kernel[0]; ++i)
                            for (int64_t j = 0; j < a.kernel[1]; ++j)
                                for (int64_t k = 0; k < a.kernel[2]; ++k) {
                                    int64_t o[3] = {od, oh, ow}, t[3] = {i, j, k}, p[3];
                                    bool inside = true, counted = true;
                                    for (int d = 0; d < 3; ++d) {
                                        p[d] = o[d] * a.stride[d] - a.padBegin[d] + t[d] * a.dilation[d];
                                        inside = inside && p[d] >= 0 && p[d] < a.in[d];
                                        counted = counted && p[d] < a.in[d] + a.padEnd[d];
                                    }
                                    if (a.countPadding ? counted : inside) ++count;
                                    if (!inside) continue;
                                    double v =
                                        x[(((n * a.in[0] + p[0]) * a.in[1] + p[1]) * a.in[2] + p[2]) * a.vector + c];
                                    best = std::max(best, v);
                                    sum += v;
                                }
                        double want = isMax ? best : count ? sum / static_cast<double>(count) : 0;
                        want = want * a.weight + (a.keep != 0 ? a.keep * before[at] : 0);
                        if (integer) {
                            ASSERT_NEAR(y[at], want, isMax ? 0 : 0.501);
                        } else if (std::isinf(want)) {
                            ASSERT_EQ(y[at], want);
                        } else {
                            ASSERT_NEAR(y[at], want,
                                        x.relativeError() * std::fabs(want) + (isMax && a.keep == 0 ? 0 : 2e-6))
                                << "output " << n << " " << od << " " << oh << " " << ow << " " << c << ", vector "
                                << a.vector;
                        }
                    }
}

PoolArgs shape(int64_t images, int64_t vector, int64_t h, int64_t w, int64_t k, int64_t s, int64_t p,
               int64_t dilation = 1) {
    PoolArgs a;
    a.images = images, a.vector = vector;
    a.in[1] = h, a.in[2] = w;
    for (int d : {1, 2}) {
        a.kernel[d] = k, a.stride[d] = s, a.padBegin[d] = a.padEnd[d] = p, a.dilation[d] = dilation;
        a.out[d] = (a.in[d] + 2 * p - ((k - 1) * dilation + 1)) / s + 1;
    }
    return a;
}

TEST(Pool, ShapesAndLayouts) {
    forEachIsa([] {
        for (auto kind : {PoolArgs::Kind::kMax, PoolArgs::Kind::kAverage})
            for (bool padding : {false, true})
                for (int64_t vector : {1, 3, 8, 16, 37, 70})
                    for (PoolArgs a : {shape(3, vector, 13, 17, 3, 2, 1), shape(2, vector, 9, 9, 2, 2, 0),
                                       shape(2, vector, 12, 40, 3, 1, 1), shape(1, vector, 15, 22, 3, 2, 2, 2),
                                       shape(1, vector, 7, 7, 7, 1, 0), shape(2, vector, 10, 10, 5, 3, 2)}) {
                        a.kind = kind, a.countPadding = padding;
                        check(a);
                        // An overhanging window, as rounding up gives.
                        a.out[1]++, a.out[2]++;
                        check(a);
                    }
    });
}

TEST(Pool, TypesThreeDimensionsAndBlending) {
    forEachIsa([] {
        for (DType type : {DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8})
            for (auto kind : {PoolArgs::Kind::kMax, PoolArgs::Kind::kAverage})
                for (int64_t vector : {1, 16, 20}) {
                    PoolArgs a = shape(2, vector, 11, 14, 3, 2, 1);
                    a.type = type, a.kind = kind;
                    check(a);
                }
        for (auto kind : {PoolArgs::Kind::kMax, PoolArgs::Kind::kAverage})
            for (int64_t vector : {1, 8}) {
                PoolArgs a = shape(2, vector, 8, 9, 3, 2, 1);
                a.in[0] = 7, a.kernel[0] = 2, a.stride[0] = 2, a.padBegin[0] = 1, a.out[0] = 4;
                a.kind = kind;
                check(a);
                a.weight = 0.25f, a.keep = 0.75f;
                check(a);
            }
    });
}

TEST(Pool, WholePlanes) {
    forEachIsa([] {
        for (auto kind : {PoolArgs::Kind::kMax, PoolArgs::Kind::kAverage})
            for (int64_t vector : {1, 3, 8, 16, 37, 70, 256})
                for (int64_t side : {1, 2, 5, 14}) {
                    PoolArgs a = shape(3, vector, side, side + 3, 1, 1, 0);
                    a.kind = kind;
                    a.kernel[1] = a.in[1], a.kernel[2] = a.in[2], a.out[1] = a.out[2] = 1;
                    check(a);
                }
    });
}

TEST(Pool, WideRows) {
    forEachIsa([] {
        for (auto kind : {PoolArgs::Kind::kMax, PoolArgs::Kind::kAverage}) {
            PoolArgs a = shape(1, 1, 1, 20000, 1, 1, 0);
            a.kind = kind;
            a.kernel[2] = 5, a.stride[2] = 3, a.out[2] = (20000 - 5) / 3 + 1;
            check(a);
            a.kernel[2] = 3, a.stride[2] = 1, a.padBegin[2] = 1, a.padEnd[2] = 1, a.out[2] = 20000;
            check(a);
            a.kernel[2] = 9000, a.stride[2] = 5000, a.padBegin[2] = a.padEnd[2] = 0, a.out[2] = 3;
            a.type = DType::kInt8;
            if (kind == PoolArgs::Kind::kMax) check(a);
        }
    });
}

TEST(Pool, LocalResponseNorm) {
    forEachIsa([] {
        for (int64_t window : {1, 4, 5}) {
            const int64_t batch = 2, channels = 9, positions = 21;
            FloatBuffer x = FloatBuffer::random(DType::kFloat, batch * channels * positions, 1),
                        y(DType::kFloat, x.size());
            LrnArgs a;
            a.x = static_cast<const float*>(x.data()), a.y = static_cast<float*>(y.data());
            a.batch = batch, a.channels = channels, a.positions = positions, a.window = window;
            a.alpha = 0.02f, a.beta = 0.75f, a.bias = 1.5f;
            localResponseNorm(a);
            for (int64_t b = 0; b < batch; ++b)
                for (int64_t c = 0; c < channels; ++c)
                    for (int64_t p = 0; p < positions; ++p) {
                        auto at = [&](int64_t k) { return (b * channels + k) * positions + p; };
                        double s = 0;
                        for (int64_t k = c - (window - 1) / 2; k <= c + window / 2; ++k)
                            if (k >= 0 && k < channels) s += x[at(k)] * x[at(k)];
                        ASSERT_NEAR(y[at(c)], x[at(c)] / std::pow(1.5 + 0.02f * s, 0.75), 2e-6);
                    }
        }
    });
}

}  // namespace
}  // namespace lathe::cpu

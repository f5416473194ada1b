// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

std::vector<float> ramp(int64_t n, float a, float b) {
    std::vector<float> v(n);
    for (int64_t i = 0; i < n; ++i) v[i] = a + b * static_cast<float>(i % 17);
    return v;
}

void checkLayer(DType type, int64_t rows, int64_t n, bool residual, bool rms, bool affine, float offset) {
    int64_t stride = n + 3;
    FloatBuffer x = FloatBuffer::random(type, rows * stride, 1, offset - 2, offset + 2);
    FloatBuffer r = FloatBuffer::random(type, rows * n, 2), s(type, rows * n), y(type, rows * n);
    std::vector<float> scale = ramp(n, 0.5f, 0.1f), bias = ramp(n, -1, 0.07f);
    LayerNormArgs a;
    a.type = type;
    a.x = x.data(), a.y = y.data();
    a.rows = rows, a.n = n, a.xStride = stride, a.yStride = n;
    if (residual) a.residual = r.data(), a.residualStride = n, a.sum = s.data(), a.sumStride = n;
    if (affine) a.scale = scale.data(), a.bias = bias.data();
    a.rms = rms;
    layerNorm(a);
    for (int64_t k = 0; k < rows; ++k) {
        double mean = 0, var = 0;
        auto value = [&](int64_t i) { return x[k * stride + i] + (residual ? r[k * n + i] : 0); };
        if (!rms) {
            for (int64_t i = 0; i < n; ++i) mean += value(i);
            mean /= static_cast<double>(n);
        }
        for (int64_t i = 0; i < n; ++i) var += (value(i) - mean) * (value(i) - mean);
        var /= static_cast<double>(n);
        for (int64_t i = 0; i < n; ++i) {
            double want = (value(i) - mean) / std::sqrt(var + a.epsilon);
            if (affine) want = want * scale[i] + bias[i];
            ASSERT_NEAR(y[k * n + i], want, 3 * x.relativeError() * std::fabs(want) + 2e-6 * (1 + std::fabs(offset)))
                << rows << " by " << n;
            if (residual) {
                ASSERT_NEAR(s[k * n + i], value(i), 2 * x.relativeError() * std::fabs(value(i)) + 1e-7);
            }
        }
    }
}

TEST(Norm, LayerAndRms) {
    forEachIsa([] {
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16})
            for (int64_t n : {5, 8, 63, 768, 4099})
                for (bool rms : {false, true}) {
                    checkLayer(type, 3, n, true, rms, true, 0);
                    checkLayer(type, 3, n, false, rms, n > 10, 0);
                }
        checkLayer(DType::kFloat, 2, 1000, false, false, false, 100);  // a mean far from 0
    });
}

void checkGroup(DType type, int64_t batch, int64_t channels, int64_t positions, int64_t groups, bool last,
                float offset) {
    FloatBuffer x = FloatBuffer::random(type, batch * channels * positions, 1, offset - 2, offset + 2),
                y(type, x.size());
    std::vector<float> scale = ramp(channels, 0.5f, 0.1f), bias = ramp(channels, -1, 0.07f);
    GroupNormArgs a;
    a.type = type;
    a.x = x.data(), a.y = y.data();
    a.batch = batch, a.channels = channels, a.positions = positions, a.groups = groups, a.channelsLast = last;
    a.scale = scale.data(), a.bias = bias.data();
    std::vector<float> workspace(groupNormWorkspaceFloats(a));
    a.workspace = workspace.data();
    groupNorm(a);
    int64_t per = channels / groups;
    for (int64_t b = 0; b < batch; ++b)
        for (int64_t g = 0; g < groups; ++g) {
            auto at = [&](int64_t c, int64_t p) {
                return last ? (b * positions + p) * channels + c : (b * channels + c) * positions + p;
            };
            double mean = 0, var = 0, n = static_cast<double>(per * positions);
            for (int64_t c = g * per; c < (g + 1) * per; ++c)
                for (int64_t p = 0; p < positions; ++p) mean += x[at(c, p)];
            mean /= n;
            for (int64_t c = g * per; c < (g + 1) * per; ++c)
                for (int64_t p = 0; p < positions; ++p) var += (x[at(c, p)] - mean) * (x[at(c, p)] - mean);
            var /= n;
            for (int64_t c = g * per; c < (g + 1) * per; ++c)
                for (int64_t p = 0; p < positions; ++p) {
                    double want = (x[at(c, p)] - mean) / std::sqrt(var + a.epsilon) * scale[c] + bias[c];
                    ASSERT_NEAR(y[at(c, p)], want,
                                3 * x.relativeError() * std::fabs(want) + 4e-6 * (1 + std::fabs(offset)))
                        << "channel " << c << " position " << p << (last ? ", last" : "");
                }
        }
}

TEST(Norm, GroupAndInstance) {
    forEachIsa([] {
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16})
            for (bool last : {false, true}) {
                checkGroup(type, 2, 12, 35, 3, last, 0);
                checkGroup(type, 1, 5, 300, 5, last, 0);
                checkGroup(type, 1, 70, 9, 1, last, 0);
                checkGroup(type, 1, 130, 65, 13, last, 0);
            }
        checkGroup(DType::kFloat, 1, 8, 5000, 2, false, 20);
        checkGroup(DType::kFloat, 1, 8, 5000, 2, true, 20);
    });
}

}  // namespace
}  // namespace lathe::cpu

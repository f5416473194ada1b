// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

struct Case {
    DType type = DType::kFloat;
    int64_t batch = 1, heads = 2, kvHeads = 2, queries = 8, keys = 8, headDim = 16, valueDim = 16;
    int mask = 0;  // 1: [batch, 1, 1, keys] added; 2: bool [queries, keys]; 3: added [heads, queries, keys], half
                   // 4: as 2, but what is false makes the score `hidden`
    bool causal = false;
    int64_t causalOffset = 0;
    bool merged = false;  // one [batch, rows, heads, 3, dim] array
    float range = 2;
    float hidden = -INFINITY;
    bool blindRow = false;  // the masks of 2 and 4 hide all of query 1
    bool blindZero = false;
};

void check(const Case& c) {
    const int64_t qRow = c.merged ? c.heads * 3 * c.headDim : c.heads * c.headDim + 5;
    const int64_t kRow = c.merged ? qRow : c.kvHeads * c.headDim, vRow = c.merged ? qRow : c.kvHeads * c.valueDim + 3;
    FloatBuffer q = FloatBuffer::random(c.type, c.batch * c.queries * qRow, 1, -c.range, c.range);
    FloatBuffer k = FloatBuffer::random(c.type, c.batch * c.keys * kRow, 2, -c.range, c.range);
    FloatBuffer v = FloatBuffer::random(c.type, c.batch * c.keys * vRow, 3);
    FloatBuffer out(c.type, c.batch * c.queries * c.heads * c.valueDim);
    AttentionArgs a;
    a.type = c.type;
    a.batch = c.batch, a.heads = c.heads, a.kvHeads = c.kvHeads, a.queries = c.queries, a.keys = c.keys;
    a.headDim = c.headDim, a.valueDim = c.valueDim;
    int64_t headStep = c.merged ? 3 * c.headDim : c.headDim;
    int64_t size = bitsOf(c.type) / 8;
    a.q = q.data();
    a.k = c.merged ? static_cast<const char*>(q.data()) + c.headDim * size : k.data();
    a.v = c.merged ? static_cast<const char*>(q.data()) + 2 * c.headDim * size : v.data();
    a.out = out.data();
    a.qStrides = {c.queries * qRow, headStep, qRow};
    a.kStrides = {c.keys * kRow, headStep, kRow};
    a.vStrides = {c.keys * vRow, c.merged ? headStep : c.valueDim, vRow};
    a.outStrides = {c.queries * c.heads * c.valueDim, c.valueDim, c.heads * c.valueDim};
    a.scale = 1 / std::sqrt(static_cast<float>(c.headDim));
    FloatBuffer addMask = FloatBuffer::random(DType::kFloat, c.batch * c.keys, 5, -3, 0);
    FloatBuffer halfMask = FloatBuffer::random(DType::kHalf, c.heads * c.queries * c.keys, 6);
    std::vector<uint8_t> boolMask(c.queries * c.keys);
    std::mt19937 rng(9);
    for (auto& b : boolMask) b = rng() % 3 != 0;
    for (int64_t i = 0; i < c.queries; ++i) boolMask[i * c.keys] = 1;
    for (int64_t j = 0; c.blindRow && j < c.keys; ++j) boolMask[c.keys + j] = 0;
    if (c.keys > 2) addMask.set(2, -std::numeric_limits<float>::infinity());
    if (c.mask == 1) a.mask = addMask.data(), a.maskStrides = {c.keys, 0, 0, 1};
    a.maskSelects = c.mask == 4, a.hidden = c.hidden, a.blindZero = c.blindZero;
    if (c.mask == 2 || c.mask == 4)
        a.mask = boolMask.data(), a.maskType = DType::kBool, a.maskStrides = {0, 0, c.keys, 1};
    if (c.mask == 3)
        a.mask = halfMask.data(), a.maskType = DType::kHalf, a.maskStrides = {0, c.queries * c.keys, c.keys, 1};
    a.causal = c.causal, a.causalOffset = c.causalOffset;
    std::vector<float> workspace(attentionWorkspaceBytes(a) / 4 + 16);
    a.workspace = reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(workspace.data()) + 63) & ~uintptr_t{63});
    attention(a);

    auto at = [&](const AttentionArgs::Strides& s, int64_t b, int64_t h, int64_t r) {
        return b * s.batch + h * s.head + r * s.row;
    };
    const FloatBuffer &kk = c.merged ? q : k, &vv = c.merged ? q : v;
    int64_t kOff = c.merged ? c.headDim : 0, vOff = c.merged ? 2 * c.headDim : 0;
    std::vector<double> s(c.keys);
    for (int64_t b = 0; b < c.batch; ++b)
        for (int64_t h = 0; h < c.heads; ++h)
            for (int64_t i = 0; i < c.queries; ++i) {
                int64_t kvh = h / (c.heads / c.kvHeads);
                double top = -1e300, sum = 0;
                for (int64_t j = 0; j < c.keys; ++j) {
                    double x = 0;
                    for (int64_t d = 0; d < c.headDim; ++d)
                        x += q[at(a.qStrides, b, h, i) + d] * kk[kOff + at(a.kStrides, b, kvh, j) + d];
                    x *= a.scale;
                    if (c.mask == 1) x += addMask[b * c.keys + j];
                    if (c.mask == 2 && !boolMask[i * c.keys + j]) x = -INFINITY;
                    if (c.mask == 4 && !boolMask[i * c.keys + j]) x = c.hidden;
                    if (c.mask == 3) x += halfMask[(h * c.queries + i) * c.keys + j];
                    if (c.causal && j > i + c.causalOffset) x = -INFINITY;
                    s[j] = x;
                    top = std::max(top, x);
                }
                for (double& x : s) sum += x = std::exp(x - top);
                for (int64_t d = 0; d < c.valueDim; ++d) {
                    double want = 0;
                    for (int64_t j = 0; j < c.keys; ++j) want += s[j] / sum * vv[vOff + at(a.vStrides, b, kvh, j) + d];
                    double got = out[at(a.outStrides, b, h, i) + d];
                    if (sum == 0 || top == -INFINITY) {
                        ASSERT_TRUE(c.blindZero ? got == 0 : std::isnan(got));
                        continue;
                    }
                    ASSERT_NEAR(got, want, 4e-6 * c.range + out.relativeError() * std::fabs(want))
                        << "head " << h << " query " << i << " dim " << d << " of " << c.queries << " x " << c.keys
                        << " x " << c.headDim;
                }
            }
}

TEST(Attention, Shapes) {
    forEachIsa([] {
        for (int64_t dim : {1, 8, 20, 32, 64, 80, 100, 128, 256})
            check({.queries = 37, .keys = 41, .headDim = dim, .valueDim = dim});
        for (int64_t queries : {1, 2, 3, 4, 5, 7, 24, 31, 130, 300})
            for (int64_t keys : {1, 3, 17, 128, 129, 333})
                check({.heads = 1, .kvHeads = 1, .queries = queries, .keys = keys, .headDim = 24, .valueDim = 24});
        check({.queries = 50, .keys = 60, .headDim = 24, .valueDim = 40});
        check({.queries = 2, .keys = 60, .headDim = 24, .valueDim = 70});
    });
}

TEST(Attention, TypesMasksAndHeads) {
    forEachIsa([] {
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16})
            for (int mask : {0, 1, 2, 3})
                for (int64_t queries : {2, 29, 150})
                    check({.type = type,
                           .batch = 2,
                           .heads = 4,
                           .kvHeads = 2,
                           .queries = queries,
                           .keys = 140,
                           .headDim = 20,
                           .valueDim = 20,
                           .mask = mask});
        check({.batch = 2,
               .heads = 3,
               .kvHeads = 3,
               .queries = 65,
               .keys = 65,
               .headDim = 64,
               .valueDim = 64,
               .merged = true});
        check({.queries = 40, .keys = 300, .range = 20});  // sharp: the maximum moves
    });
}

TEST(Attention, MasksThatHideWholeRows) {
    forEachIsa([] {
        for (int mask : {2, 4})
            for (int64_t queries : {3, 40})
                for (bool zero : {false, true})
                    check({.queries = queries, .keys = 150, .mask = mask, .blindRow = true, .blindZero = zero});
        // A finite score where the mask is false: a row of nothing else sees all keys alike.
        for (int64_t queries : {3, 40})
            check({.queries = queries, .keys = 150, .mask = 4, .hidden = -3e38f, .blindRow = true});
        check({.queries = 40, .keys = 150, .mask = 4, .hidden = -1.0f});
    });
}

TEST(Attention, HeadsThatShareKeysAcrossUnits) {
    forEachIsa([] {
        for (int mask : {0, 2, 3})
            for (bool causal : {false, true})
                check({.heads = 5,
                       .kvHeads = 1,
                       .queries = 97,
                       .keys = 300,
                       .headDim = 8,
                       .valueDim = 8,
                       .mask = mask,
                       .causal = causal,
                       .causalOffset = 203});
        check({.heads = 6, .kvHeads = 2, .queries = 1, .keys = 70, .mask = 3});
    });
}

TEST(Attention, Causal) {
    forEachIsa([] {
        for (int64_t queries : {1, 2, 30, 200, 300})
            for (int64_t past : {0, 5, 140})
                check({.heads = 3,
                       .kvHeads = 1,
                       .queries = queries,
                       .keys = queries + past,
                       .causal = true,
                       .causalOffset = past});
        check({.queries = 20, .keys = 10, .causal = true, .causalOffset = -5});  // the first rows see nothing
        check({.queries = 3, .keys = 10, .causal = true, .causalOffset = -2});
    });
}

}  // namespace
}  // namespace lathe::cpu

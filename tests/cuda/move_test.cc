// SPDX-License-Identifier: Apache-2.0
// Padding, gather, scatter, pooling, resampling, order and running sums on a GPU against plain loops.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/cuda_testing.h"
#include "kernels/cuda/move.h"
#include "kernels/cuda/order.h"
#include "kernels/cuda/window.h"

namespace lathe::cuda {
namespace {

TEST(GpuMove, Pad) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        int64_t dims[] = {3, 4, 5}, before[] = {2, -1, 1}, after[] = {1, 2, 3};
        for (int mode = 0; mode < 4; ++mode)
            for (DType type : {DType::kUint8, DType::kHalf, DType::kFloat, DType::kInt64}) {
                Tensor x = Tensor::random(type, 60, 1, 0, 200), value = Tensor::random(type, 1, 2, 0, 200),
                       y = Tensor::poisoned(type, 6 * 5 * 9);
                std::map<int, Tensor*> operands = {{0, &x}, {kOutput, &y}};
                if (mode == 0) operands[1] = &value;
                runPlan(pad(dims, before, after, static_cast<PadMode>(mode), mode == 0, bitsOf(type) / 8), operands);
                std::vector<double> want;
                for (int64_t i = 0; i < 6; ++i)
                    for (int64_t j = 0; j < 5; ++j)
                        for (int64_t k = 0; k < 9; ++k) {
                            int64_t at[3] = {i - 2, j + 1, k - 1};
                            bool inside = true;
                            for (int d = 0; d < 3; ++d) {
                                int64_t n = dims[d], p = at[d];
                                if (p >= 0 && p < n) continue;
                                if (mode == 0) inside = false;
                                if (mode == 1) p = p < 0 ? 0 : n - 1;
                                if (mode == 2)
                                    while (p < 0 || p >= n) p = p < 0 ? -p : 2 * (n - 1) - p;
                                if (mode == 3) p = (p % n + n) % n;
                                at[d] = p;
                            }
                            want.push_back(inside ? x.get((at[0] * 4 + at[1]) * 5 + at[2]) : value.get(0));
                        }
                expectNear(y, want, 0, 0, fmt::format("pad mode {} {}", mode, toString(type)));
            }
    });
}

TEST(GpuMove, GatherFamily) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (DType type : {DType::kInt8, DType::kHalf, DType::kFloat, DType::kInt64})
            for (DType indexType : {DType::kInt32, DType::kInt64})
                for (int64_t inner : {1, 3, 16}) {
                    int64_t outer = 3, n = 6, indices = 10;
                    Tensor x = Tensor::random(type, outer * n * inner, 1, -100, 100),
                           index = Tensor::random(indexType, indices, 2, -6, 6),
                           y = Tensor::poisoned(type, outer * indices * inner);
                    Tensor fault(DType::kInt32, 1);
                    index.set(4, 6);
                    index.set(5, -7);
                    runPlan(gather({.outer = outer,
                                    .n = n,
                                    .inner = inner,
                                    .indices = indices,
                                    .elementBytes = bitsOf(type) / 8,
                                    .indexType = indexType}),
                            {{0, &x}, {1, &index}, {kFault, &fault}, {kOutput, &y}});
                    std::vector<double> want;
                    for (int64_t o = 0; o < outer; ++o)
                        for (int64_t i = 0; i < indices; ++i)
                            for (int64_t e = 0; e < inner; ++e) {
                                int64_t k = static_cast<int64_t>(index.get(i));
                                if (k < 0) k += n;
                                want.push_back(k < 0 || k >= n ? 0 : x.get((o * n + k) * inner + e));
                            }
                    expectNear(y, want, 0, 0, "gather");
                    if (!onlyCompiling()) {
                        EXPECT_EQ(fault.get(0), 1) << "two indices are out of range";
                    }
                }
        int64_t dims[] = {3, 5, 4}, indexDims[] = {2, 7, 4};
        Tensor x = Tensor::random(DType::kHalf, 60, 1, -9, 9), index = Tensor::random(DType::kInt64, 56, 2, -5, 5),
               y = Tensor::poisoned(DType::kHalf, 56);
        runPlan(gatherElements(dims, indexDims, 1, 2, DType::kInt64), {{0, &x}, {1, &index}, {kOutput, &y}});
        std::vector<double> want;
        for (int64_t e = 0; e < 56; ++e) {
            int64_t k = static_cast<int64_t>(index.get(e));
            want.push_back(x.get((e / 28 * 5 + (k < 0 ? k + 5 : k)) * 4 + e % 4));
        }
        expectNear(y, want, 0, 0, "gatherElements");
        // [3 shared, tuples of 1 in 5, slices of 4]
        Tensor tuples = Tensor::random(DType::kInt32, 6, 3, -5, 5), z = Tensor::poisoned(DType::kHalf, 24);
        runPlan(gatherNd(dims, 1, 2, 1, 2, DType::kInt32), {{0, &x}, {1, &tuples}, {kOutput, &z}});
        want.clear();
        for (int64_t e = 0; e < 24; ++e) {
            int64_t k = static_cast<int64_t>(tuples.get(e / 4));
            want.push_back(x.get((e / 8 * 5 + (k < 0 ? k + 5 : k)) * 4 + e % 4));
        }
        expectNear(z, want, 0, 0, "gatherNd");
    });
}

TEST(GpuMove, ScatterFamily) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (int r = 0; r < 5; ++r)
            for (DType type : {DType::kFloat, DType::kHalf, DType::kInt32}) {
                ScatterReduction reduction = static_cast<ScatterReduction>(r);
                auto combine = [&](double a, double b) {
                    return r == 1 ? a + b : r == 2 ? a * b : r == 3 ? std::max(a, b) : r == 4 ? std::min(a, b) : b;
                };
                int64_t dims[] = {3, 8, 4}, indexDims[] = {2, 5, 4};
                Tensor y = Tensor::random(type, 96, 1, -3, 3), updates = Tensor::random(type, 40, 2, -3, 3),
                       index(DType::kInt64, 40);
                Tensor fault(DType::kInt32, 1);
                // Without combining, all different; else with repetitions. One is out of range.
                for (int64_t i = 0; i < 40; ++i)
                    index.set(i, r == 0 ? (i / 4 % 5 * 3 + i) % 8 - (i % 2 ? 8 : 0) : (i * 7) % 3);
                if (r == 0)
                    for (int64_t i = 0; i < 40; ++i) index.set(i, (i / 4 % 5 + i % 4) % 8 - (i % 2 ? 8 : 0));
                index.set(0, 8);
                std::vector<double> want;
                for (int64_t i = 0; i < 96; ++i) want.push_back(y.get(i));
                for (int64_t i = 0; i < 40; ++i) {
                    int64_t k = static_cast<int64_t>(index.get(i));
                    if (k < 0) k += 8;
                    if (k >= 8) continue;
                    double& w = want[static_cast<size_t>((i / 20 * 8 + k) * 4 + i % 4)];
                    w = combine(w, updates.get(i));
                }
                runPlan(scatterElements(type, dims, indexDims, 1, reduction, DType::kInt64),
                        {{1, &index}, {2, &updates}, {kFault, &fault}, {kOutput, &y}});
                expectNear(y, want, 6 * epsilonOf(type), 12 * epsilonOf(type),
                           fmt::format("scatterElements {} {}", r, toString(type)));
                if (!onlyCompiling()) {
                    EXPECT_EQ(fault.get(0), 1);
                }
                // Tuples of 2 over [3, 8], slices of 4.
                Tensor base = Tensor::random(type, 96, 3, -3, 3), tuples(DType::kInt32, 12),
                       slices = Tensor::random(type, 24, 4, -3, 3);
                for (int64_t t = 0; t < 6; ++t) {
                    tuples.set(t * 2, t % 3);
                    tuples.set(t * 2 + 1, r == 0 ? t : t % 2);
                }
                want.clear();
                for (int64_t i = 0; i < 96; ++i) want.push_back(base.get(i));
                for (int64_t t = 0; t < 6; ++t)
                    for (int64_t e = 0; e < 4; ++e) {
                        double& w = want[static_cast<size_t>((static_cast<int64_t>(tuples.get(t * 2)) * 8 +
                                                              static_cast<int64_t>(tuples.get(t * 2 + 1))) *
                                                                 4 +
                                                             e)];
                        w = combine(w, slices.get(t * 4 + e));
                    }
                runPlan(scatterNd(type, dims, 6, 2, reduction, DType::kInt32),
                        {{1, &tuples}, {2, &slices}, {kOutput, &base}});
                expectNear(base, want, 4 * epsilonOf(type), 8 * epsilonOf(type),
                           fmt::format("scatterNd {} {}", r, toString(type)));
            }
    });
}

TEST(GpuWindow, Pool) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (int64_t vector : {1, 6, 16})
            for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8})
                for (int kind = 0; kind < 3; ++kind) {
                    PoolShape s{.type = type,
                                .images = 2,
                                .vector = vector,
                                .in = {3, 7, 9},
                                .kernel = {2, 3, 3},
                                .stride = {1, 2, 2},
                                .dilation = {1, 1, 2},
                                .padBegin = {0, 1, 1},
                                .padEnd = {0, 1, 2}};
                    s.kind = kind == 0 ? PoolShape::Kind::kMax : PoolShape::Kind::kAverage;
                    s.countPadding = kind == 2;
                    for (int d = 0; d < 3; ++d)
                        s.out[d] = (s.in[d] + s.padBegin[d] + s.padEnd[d] - s.dilation[d] * (s.kernel[d] - 1) - 1) /
                                       s.stride[d] +
                                   1;
                    Tensor x = Tensor::random(type, 2 * 3 * 7 * 9 * vector, 1, type == DType::kUint8 ? 0 : -100, 100),
                           y = Tensor::poisoned(type, 2 * s.out[0] * s.out[1] * s.out[2] * vector);
                    runPlan(pool(s), {{0, &x}, {kOutput, &y}});
                    std::vector<double> want;
                    for (int64_t e = 0; e < y.count; ++e) {
                        int64_t c = e % vector, o2 = e / vector % s.out[2], o1 = e / vector / s.out[2] % s.out[1],
                                o0 = e / vector / s.out[2] / s.out[1] % s.out[0],
                                n = e / vector / s.out[2] / s.out[1] / s.out[0];
                        double best = -INFINITY, sum = 0, taps = 0;
                        for (int64_t a = 0; a < 2; ++a)
                            for (int64_t b = 0; b < 3; ++b)
                                for (int64_t d = 0; d < 3; ++d) {
                                    int64_t i0 = o0 + a, i1 = o1 * 2 - 1 + b, i2 = o2 * 2 - 1 + d * 2;
                                    if (kind == 2 && i1 < 8 && i2 < 11) ++taps;
                                    if (i1 < 0 || i1 >= 7 || i2 < 0 || i2 >= 9) continue;
                                    if (kind == 1) ++taps;
                                    double v = x.get((((n * 3 + i0) * 7 + i1) * 9 + i2) * vector + c);
                                    best = std::max(best, v);
                                    sum += v;
                                }
                        double w = kind == 0 ? best : sum / taps;
                        want.push_back(isFloating(type) || kind == 0
                                           ? w
                                           : std::nearbyint(static_cast<float>(sum) / static_cast<float>(taps)));
                    }
                    expectNear(y, want, epsilonOf(type) + (isFloating(type) ? 0x1p-21 : 0), isFloating(type) ? 2e-4 : 0,
                               fmt::format("pool kind {} {} vector {}", kind, toString(type), vector));
                }
    });
}

TEST(GpuWindow, Resize) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (DType type : {DType::kFloat, DType::kHalf, DType::kUint8})
            for (int64_t vector : {1, 8}) {
                ResizeShape s{
                    .type = type, .images = 2, .vector = vector, .in = {1, 5, 6}, .out = {1, 8, 9}, .taps = {1, 2, 2}};
                std::vector<Tensor> index, weight;
                for (int d = 0; d < 3; ++d) {
                    index.push_back(Tensor::random(DType::kInt32, s.out[d] * s.taps[d], static_cast<uint32_t>(d), 0,
                                                   static_cast<double>(s.in[d])));
                    weight.push_back(
                        Tensor::random(DType::kFloat, s.out[d] * s.taps[d], static_cast<uint32_t>(d) + 5, 0, 0.5));
                }
                Tensor x = Tensor::random(type, 60 * vector, 1, 0, 200), y = Tensor::poisoned(type, 144 * vector);
                runPlan(resize(s), {{0, &x},
                                    {1, &index[0]},
                                    {2, &index[1]},
                                    {3, &index[2]},
                                    {4, &weight[0]},
                                    {5, &weight[1]},
                                    {6, &weight[2]},
                                    {kOutput, &y}});
                std::vector<double> want;
                for (int64_t e = 0; e < y.count; ++e) {
                    int64_t c = e % vector, o2 = e / vector % 9, o1 = e / vector / 9 % 8, n = e / vector / 72;
                    double sum = 0;
                    for (int64_t a = 0; a < 2; ++a)
                        for (int64_t b = 0; b < 2; ++b)
                            sum += weight[0].get(0) * weight[1].get(o1 * 2 + a) * weight[2].get(o2 * 2 + b) *
                                   x.get(((n * 5 + static_cast<int64_t>(index[1].get(o1 * 2 + a))) * 6 +
                                          static_cast<int64_t>(index[2].get(o2 * 2 + b))) *
                                             vector +
                                         c);
                    want.push_back(type == DType::kUint8 ? std::nearbyint(sum) : sum);
                }
                // Halves of integers may go either way after the rounding of weights' products.
                expectNear(y, want, epsilonOf(type) + 0x1p-20, type == DType::kUint8 ? 1 : 1e-6,
                           fmt::format("resize {}", toString(type)));
            }
    });
}

TEST(GpuOrder, TopKAndExtremes) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        struct {
            int64_t outer, n, inner, k;
        } shapes[] = {{3, 10, 1, 3},      {2, 1000, 1, 1000}, {2, 4096, 1, 50}, {2, 20000, 1, 100},
                      {1, 6000, 1, 3000}, {2, 50, 3, 5},      {1, 1, 1, 1}};
        for (auto& s : shapes)
            for (DType type : {DType::kFloat, DType::kHalf, DType::kInt8, DType::kInt64})
                for (bool least : {false, true}) {
                    // Many equals, so that positions decide; and one NaN.
                    Tensor x = Tensor::random(type, s.outer * s.n * s.inner, 4, -50, 50);
                    for (int64_t i = 0; i < x.count; i += 3) x.set(i, std::floor(x.get(i)));
                    if (isFloating(type) && s.n > 5) x.set(2 * s.inner, NAN);
                    Tensor value = Tensor::poisoned(type, s.outer * s.k * s.inner),
                           index = Tensor::poisoned(DType::kInt32, value.count),
                           arg = Tensor::poisoned(DType::kInt64, s.outer * s.inner), argLast = arg;
                    runPlan(topK({type, s.outer, s.n, s.inner}, s.k, DType::kInt32, least, true, true),
                            {{0, &x}, {kOutput, &value}, {kOutput + 1, &index}});
                    runPlan(argExtreme({type, s.outer, s.n, s.inner}, DType::kInt64, least, false),
                            {{0, &x}, {kOutput, &arg}});
                    runPlan(argExtreme({type, s.outer, s.n, s.inner}, DType::kInt64, least, true),
                            {{0, &x}, {kOutput, &argLast}});
                    std::vector<double> wantValue(static_cast<size_t>(value.count)), wantIndex(wantValue), wantArg,
                        wantLast;
                    auto before = [&](double a, double b) {
                        if (std::isnan(a) || std::isnan(b))
                            return least ? !std::isnan(a) && std::isnan(b) : std::isnan(a) && !std::isnan(b);
                        return least ? a < b : a > b;
                    };
                    for (int64_t o = 0; o < s.outer; ++o)
                        for (int64_t j = 0; j < s.inner; ++j) {
                            auto at = [&](int64_t i) { return x.get((o * s.n + i) * s.inner + j); };
                            std::vector<int64_t> order(static_cast<size_t>(s.n));
                            std::iota(order.begin(), order.end(), 0);
                            std::stable_sort(order.begin(), order.end(),
                                             [&](int64_t a, int64_t b) { return before(at(a), at(b)); });
                            for (int64_t i = 0; i < s.k; ++i) {
                                wantValue[static_cast<size_t>((o * s.k + i) * s.inner + j)] =
                                    at(order[static_cast<size_t>(i)]);
                                wantIndex[static_cast<size_t>((o * s.k + i) * s.inner + j)] =
                                    static_cast<double>(order[static_cast<size_t>(i)]);
                            }
                            wantArg.push_back(static_cast<double>(order[0]));
                            int64_t last = order[0];
                            for (int64_t i = 0; i < s.n; ++i)
                                if (!before(at(order[0]), at(i)) && !before(at(i), at(order[0]))) last = i;
                            wantLast.push_back(static_cast<double>(last));
                        }
                    std::string what = fmt::format("top {} of {} x {} x {} {} least {}", s.k, s.outer, s.n, s.inner,
                                                   toString(type), least);
                    expectNear(value, wantValue, 0, 0, what + " values");
                    expectNear(index, wantIndex, 0, 0, what + " indices");
                    expectNear(arg, wantArg, 0, 0, what + " arg");
                    expectNear(argLast, wantLast, 0, 0, what + " last arg");
                }
    });
}

TEST(GpuOrder, CumulativeSum) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        struct {
            int64_t outer, n, inner;
        } shapes[] = {{3, 7, 1}, {2, 1000, 1}, {2, 300, 5}};
        for (auto& s : shapes)
            for (DType type : {DType::kFloat, DType::kHalf, DType::kInt32})
                for (int mode = 0; mode < 4; ++mode) {
                    Tensor x = Tensor::random(type, s.outer * s.n * s.inner, 4, -2, 2),
                           y = Tensor::poisoned(type, x.count);
                    runPlan(cumulativeSum({type, s.outer, s.n, s.inner}, mode & 1, mode & 2), {{0, &x}, {kOutput, &y}});
                    std::vector<double> want(static_cast<size_t>(x.count)), tolerance(want);
                    for (int64_t o = 0; o < s.outer; ++o)
                        for (int64_t j = 0; j < s.inner; ++j) {
                            double sum = 0, magnitude = 0;
                            for (int64_t t = 0; t < s.n; ++t) {
                                int64_t at = (o * s.n + (mode & 2 ? s.n - 1 - t : t)) * s.inner + j;
                                double v = x.get(at);
                                magnitude += std::abs(v);
                                want[static_cast<size_t>(at)] = mode & 1 ? sum : sum + v;
                                sum += v;
                                tolerance[static_cast<size_t>(at)] =
                                    isFloating(type) ? epsilonOf(type) * std::abs(want[static_cast<size_t>(at)]) +
                                                           0x1p-21 * magnitude
                                                     : 0;
                            }
                        }
                    expectNear(y, want, tolerance, fmt::format("cumsum {} mode {}", toString(type), mode));
                }
    });
}

}  // namespace
}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
// Softmax, normalizations, reductions and attention on a GPU against plain loops.
#include <algorithm>
#include <cmath>

#include "cuda/cuda_testing.h"
#include "kernels/cuda/attention.h"
#include "kernels/cuda/reduce.h"
#include "kernels/cuda/rows.h"

namespace lathe::cuda {
namespace {

constexpr DType kFloats[] = {DType::kFloat, DType::kHalf, DType::kBf16};

TEST(GpuRows, Softmax) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        struct {
            int64_t outer, n, inner;
        } shapes[] = {{5, 1, 1},     {3, 77, 1},    {9, 384, 1}, {4, 1000, 1}, {2, 8192, 1},
                      {2, 50000, 1}, {2, 40001, 1}, {3, 20, 33}, {300, 128, 1}};
        for (auto& s : shapes)
            for (DType type : kFloats)
                for (bool log : {false, true}) {
                    Tensor x = Tensor::random(type, s.outer * s.n * s.inner, 3, -8, 8),
                           y = Tensor::poisoned(type, x.count);
                    // A row with -infinity in it, and one of nothing else.
                    x.set(0, -INFINITY);
                    if (s.outer > 2)
                        for (int64_t i = 0; i < s.n; ++i) x.set(((s.outer - 1) * s.n + i) * s.inner, -INFINITY);
                    runPlan(softmax(type, s.outer, s.n, s.inner, log), {{0, &x}, {kOutput, &y}});
                    std::vector<double> want(static_cast<size_t>(x.count));
                    for (int64_t o = 0; o < s.outer; ++o)
                        for (int64_t j = 0; j < s.inner; ++j) {
                            auto at = [&](int64_t i) { return (o * s.n + i) * s.inner + j; };
                            double m = -INFINITY, sum = 0;
                            for (int64_t i = 0; i < s.n; ++i) m = std::max(m, x.get(at(i)));
                            for (int64_t i = 0; i < s.n; ++i) sum += std::exp(x.get(at(i)) - m);
                            for (int64_t i = 0; i < s.n; ++i)
                                want[static_cast<size_t>(at(i))] =
                                    log ? x.get(at(i)) - m - std::log(sum) : std::exp(x.get(at(i)) - m) / sum;
                        }
                    double eps = epsilonOf(type) + 0x1p-20;
                    expectNear(y, want, eps, log ? 1e-5 : 1e-9 + (type == DType::kHalf ? 0x1p-25 : 0),
                               fmt::format("softmax {} {} {} {} log {}", toString(type), s.outer, s.n, s.inner, log));
                }
    });
}

TEST(GpuRows, LayerNorm) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (int64_t n : {1, 31, 768, 1024, 5000, 70000})
            for (DType type : kFloats)
                for (bool rms : {false, true})
                    for (bool residual : {false, true}) {
                        int64_t rows = 5, stride = n + 8;
                        Tensor x = Tensor::random(type, rows * stride, 1, -1, 3), r = Tensor::random(type, rows * n, 2),
                               scale = Tensor::random(type, n, 3, 0.5, 2), bias = Tensor::random(type, n, 4),
                               y = Tensor::poisoned(type, rows * n), sum = Tensor::poisoned(type, rows * n);
                        LayerNormShape s{.type = type,
                                         .rows = rows,
                                         .n = n,
                                         .xStride = stride,
                                         .residualStride = n,
                                         .yStride = n,
                                         .sumStride = n,
                                         .residual = residual,
                                         .sum = residual,
                                         .affine = type,
                                         .scale = true,
                                         .bias = !rms,
                                         .epsilon = 1e-5f,
                                         .rms = rms};
                        std::map<int, Tensor*> operands = {{0, &x}, {2, &scale}, {3, &bias}, {kOutput, &y}};
                        if (residual) operands[1] = &r, operands[kOutput + 1] = &sum;
                        runPlan(layerNorm(s), operands);
                        std::vector<double> want, sums, tolerance;
                        for (int64_t row = 0; row < rows; ++row) {
                            std::vector<double> v;
                            double mean = 0, var = 0;
                            for (int64_t i = 0; i < n; ++i)
                                v.push_back(x.get(row * stride + i) + (residual ? r.get(row * n + i) : 0));
                            for (double e : v) mean += e / static_cast<double>(n);
                            if (rms) mean = 0;
                            for (double e : v) var += (e - mean) * (e - mean) / static_cast<double>(n);
                            double f = 1 / std::sqrt(var + 1e-5);
                            for (int64_t i = 0; i < n; ++i) {
                                sums.push_back(v[static_cast<size_t>(i)]);
                                want.push_back((v[static_cast<size_t>(i)] - mean) * f * scale.get(i) +
                                               (rms ? 0 : bias.get(i)));
                                // The mean's own error counts as much as the factor makes of it.
                                tolerance.push_back(std::abs(want.back()) * (epsilonOf(type) + 0x1p-19) +
                                                    8 * 0x1p-20 * f * 3 + 1e-6);
                            }
                        }
                        std::string what = fmt::format("{} n {} rms {} residual {}", toString(type), n, rms, residual);
                        expectNear(y, want, tolerance, what);
                        if (residual) expectNear(sum, sums, epsilonOf(type), 1e-7, what + " sum");
                    }
    });
}

TEST(GpuRows, GroupNorm) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (bool last : {false, true})
            for (DType type : kFloats)
                for (int64_t positions : {1, 49, 5000})
                    for (int64_t groups : {1, 4, 12}) {
                        GroupNormShape s{.type = type,
                                         .batch = 2,
                                         .channels = 12,
                                         .positions = positions,
                                         .groups = groups,
                                         .channelsLast = last,
                                         .affine = DType::kFloat,
                                         .scale = true,
                                         .bias = true};
                        Tensor x = Tensor::random(type, 2 * 12 * positions, 1, -1, 3),
                               scale = Tensor::random(DType::kFloat, 12, 2, 0.5, 2),
                               bias = Tensor::random(DType::kFloat, 12, 3), y = Tensor::poisoned(type, x.count);
                        runPlan(groupNorm(s, Rig::get().target), {{0, &x}, {2, &scale}, {3, &bias}, {kOutput, &y}});
                        std::vector<double> want(static_cast<size_t>(x.count));
                        int64_t per = 12 / groups;
                        for (int64_t b = 0; b < 2; ++b)
                            for (int64_t g = 0; g < groups; ++g) {
                                auto at = [&](int64_t c, int64_t p) {
                                    return last ? (b * positions + p) * 12 + g * per + c
                                                : (b * 12 + g * per + c) * positions + p;
                                };
                                double mean = 0, var = 0, n = static_cast<double>(per * positions);
                                for (int64_t c = 0; c < per; ++c)
                                    for (int64_t p = 0; p < positions; ++p) mean += x.get(at(c, p)) / n;
                                for (int64_t c = 0; c < per; ++c)
                                    for (int64_t p = 0; p < positions; ++p)
                                        var += std::pow(x.get(at(c, p)) - mean, 2) / n;
                                for (int64_t c = 0; c < per; ++c)
                                    for (int64_t p = 0; p < positions; ++p)
                                        want[static_cast<size_t>(at(c, p))] =
                                            (x.get(at(c, p)) - mean) / std::sqrt(var + 1e-5) * scale.get(g * per + c) +
                                            bias.get(g * per + c);
                            }
                        // A group of one element has variance 0: its difference from the mean is rounding, times 1 /
                        // sqrt(epsilon).
                        expectNear(
                            y, want, epsilonOf(type) + 0x1p-18, per * positions == 1 ? 2e-4 : 1e-5,
                            fmt::format("{} positions {} groups {} last {}", toString(type), positions, groups, last));
                    }
    });
}

TEST(GpuReduce, EveryOperation) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        struct {
            std::vector<int64_t> dims;
            uint32_t axes;
        } shapes[] = {{{3, 4, 5}, 4},  {{3, 4, 5}, 1},       {{3, 4, 5}, 2},   {{3, 4, 5}, 5},
                      {{3, 4, 5}, 7},  {{6, 1000}, 2},       {{1000, 6}, 1},   {{1, 100000}, 2},
                      {{50000, 3}, 1}, {{2, 64, 30, 8}, 12}, {{4, 3, 257}, 5}, {{7}, 0}};
        for (auto& shape : shapes)
            for (int o = 0; o <= static_cast<int>(ReduceOp::kLogSumExp); ++o)
                for (DType type : {DType::kFloat, DType::kHalf, DType::kInt32, DType::kInt8}) {
                    ReduceOp op = static_cast<ReduceOp>(o);
                    Result<KernelPlan> plan = reduce(op, type, shape.dims, shape.axes, Rig::get().target);
                    if (!plan.ok()) continue;
                    int64_t count = 1, outputs = 1;
                    for (size_t d = 0; d < shape.dims.size(); ++d)
                        count *= shape.dims[d], outputs *= shape.axes >> d & 1 ? 1 : shape.dims[d];
                    int64_t per = count / outputs;
                    bool floats = isFloating(type), product = op == ReduceOp::kProd;
                    if (product && !floats && per > 20) continue;
                    Tensor x = Tensor::random(type, count, 5,
                                              product && floats         ? 0.98
                                              : op == ReduceOp::kLogSum ? 0
                                                                        : -3,
                                              product && floats ? 1.02 : 3);
                    Tensor y = Tensor::poisoned(type, outputs);
                    // Sums that a type cannot hold are not compared.
                    if (type == DType::kInt8 && (per > 12 || product)) continue;
                    if (type == DType::kHalf && per > 5000 && (op == ReduceOp::kSumSquare || op == ReduceOp::kL1))
                        continue;
                    runPlan(std::move(plan), {{0, &x}, {kOutput, &y}});
                    std::vector<double> sum(static_cast<size_t>(outputs)), square(sum), magnitude(sum), exps(sum),
                        prod(sum.size(), 1), most(sum.size(), -INFINITY), least(sum.size(), INFINITY), want, tolerance;
                    for (int64_t i = 0; i < count; ++i) {
                        int64_t rest = i, at = 0, step = 1;
                        for (size_t d = shape.dims.size(); d-- > 0;) {
                            int64_t p = rest % shape.dims[d];
                            rest /= shape.dims[d];
                            if (!(shape.axes >> d & 1)) at += p * step, step *= shape.dims[d];
                        }
                        double v = x.get(i);
                        size_t a = static_cast<size_t>(at);
                        sum[a] += v, square[a] += v * v, magnitude[a] += std::abs(v), exps[a] += std::exp(v),
                            prod[a] *= v;
                        most[a] = std::max(most[a], v), least[a] = std::min(least[a], v);
                    }
                    double acc = floats ? 0x1p-22 * std::sqrt(static_cast<double>(per) + 16) : 0;
                    for (size_t a = 0; a < sum.size(); ++a) {
                        double w = 0, t = 0, n = static_cast<double>(per);
                        switch (op) {
                            case ReduceOp::kSum: w = sum[a], t = acc * magnitude[a]; break;
                            case ReduceOp::kMean:
                                w = floats ? sum[a] / n : std::trunc(sum[a] / n), t = acc * magnitude[a] / n;
                                break;
                            case ReduceOp::kProd: w = prod[a], t = floats ? n * 0x1p-23 * std::abs(w) : 0; break;
                            case ReduceOp::kMax: w = most[a]; break;
                            case ReduceOp::kMin: w = least[a]; break;
                            case ReduceOp::kSumSquare: w = square[a], t = acc * w; break;
                            case ReduceOp::kL1: w = magnitude[a], t = acc * w; break;
                            case ReduceOp::kL2: w = std::sqrt(square[a]), t = acc * w; break;
                            case ReduceOp::kLogSum: w = std::log(sum[a]), t = acc + 1e-6; break;
                            case ReduceOp::kLogSumExp: w = std::log(exps[a]), t = acc + 1e-5; break;
                        }
                        want.push_back(w);
                        tolerance.push_back(t + std::abs(w) * (epsilonOf(type) + (floats ? 0x1p-23 : 0)));
                    }
                    expectNear(y, want, tolerance,
                               fmt::format("reduce {} {} axes {} of {} dims, {} each", o, toString(type), shape.axes,
                                           shape.dims.size(), per));
                }
    });
}

enum class How { kMma, kPlain, kWgmma };

void checkAttention(AttentionShape s, How how, uint32_t seed, const std::string& what) {
    bool plain = how == How::kPlain;
    const KernelTarget& target = Rig::get().target;
    Result<KernelPlan> plan = plain              ? attentionPlain(s)
                              : how == How::kMma ? attention(s, target)
                                                 : attentionWgmma(s, target);
    if (!plan.ok() && plan.status().code() == Code::kUnsupported) return;
    Tensor q = Tensor::random(s.type, s.batch * s.q.batch, seed, -2, 2),
           k = Tensor::random(s.type, s.batch * s.k.batch, seed + 1, -2, 2),
           v = Tensor::random(s.type, s.batch * s.v.batch, seed + 2),
           out = Tensor::poisoned(s.type, s.batch * s.out.batch), mask;
    std::map<int, Tensor*> operands = {{0, &q}, {1, &k}, {2, &v}, {kOutput, &out}};
    if (s.mask) {
        int64_t n = 1 + (s.batch - 1) * s.maskStrides.batch + (s.heads - 1) * s.maskStrides.head +
                    (s.queries - 1) * s.maskStrides.query + (s.keys - 1) * s.maskStrides.key;
        mask = Tensor::random(*s.mask, n, seed + 3, -3, 3);
        if (*s.mask != DType::kBool)
            for (int64_t i = 0; i < n; i += 5) mask.set(i, -INFINITY);
        operands[3] = &mask;
    }
    runPlan(std::move(plan), operands);
    if (onlyCompiling()) return;
    std::vector<double> want(static_cast<size_t>(out.count)), tolerance(want.size(), 0);
    for (int64_t i = 0; i < out.count; ++i) want[static_cast<size_t>(i)] = Tensor::poisoned(s.type, 1).get(0);
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t h = 0; h < s.heads; ++h)
            for (int64_t i = 0; i < s.queries; ++i) {
                int64_t kh = h / (s.heads / s.kvHeads);
                std::vector<double> p(static_cast<size_t>(s.keys));
                double m = -INFINITY, sum = 0;
                for (int64_t j = 0; j < s.keys; ++j) {
                    double x = 0;
                    for (int64_t d = 0; d < s.headDim; ++d)
                        x += q.get(b * s.q.batch + h * s.q.head + i * s.q.row + d) *
                             k.get(b * s.k.batch + kh * s.k.head + j * s.k.row + d);
                    x *= s.scale;
                    if (s.mask) {
                        double mv = mask.get(b * s.maskStrides.batch + h * s.maskStrides.head +
                                             i * s.maskStrides.query + j * s.maskStrides.key);
                        x = *s.mask == DType::kBool ? (mv != 0 ? x : s.hidden) : x + mv;
                    }
                    if (s.causal && j > i + s.causalOffset) x = -INFINITY;
                    p[static_cast<size_t>(j)] = x;
                    m = std::max(m, x);
                }
                for (double& x : p) sum += x = m == -INFINITY ? NAN : std::exp(x - m);
                for (int64_t d = 0; d < s.valueDim; ++d) {
                    double y = 0, magnitude = 0;
                    for (int64_t j = 0; j < s.keys; ++j) {
                        double t =
                            p[static_cast<size_t>(j)] / sum * v.get(b * s.v.batch + kh * s.v.head + j * s.v.row + d);
                        y += t, magnitude += std::abs(t);
                    }
                    size_t at = static_cast<size_t>(b * s.out.batch + h * s.out.head + i * s.out.row + d);
                    if (s.keys == 0) y = NAN;
                    want[at] = y;
                    // Weights are rounded to the type before they meet the values.
                    tolerance[at] =
                        (plain ? 1e-5 : epsilonOf(s.type) + 2e-5) * magnitude + epsilonOf(s.type) * std::abs(y) + 1e-6;
                }
            }
    expectNear(out, want, tolerance, what);
}

AttentionShape attentionShape(DType type, int64_t batch, int64_t heads, int64_t kvHeads, int64_t queries, int64_t keys,
                              int64_t dim) {
    AttentionShape s{.type = type,
                     .batch = batch,
                     .heads = heads,
                     .kvHeads = kvHeads,
                     .queries = queries,
                     .keys = keys,
                     .headDim = dim,
                     .valueDim = dim};
    s.q = {queries * heads * dim, dim, heads * dim};
    s.out = {queries * heads * dim, dim, heads * dim};
    s.k = s.v = {keys * kvHeads * dim, dim, kvHeads * dim};
    s.scale = 1 / std::sqrt(static_cast<float>(dim));
    return s;
}

TEST(GpuAttention, AgainstTheDefinition) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 1;
        for (How how : {How::kMma, How::kPlain, How::kWgmma})
            for (DType type : {DType::kHalf, DType::kBf16, DType::kFloat})
                for (int64_t dim : {32, 40, 64, 96, 128})
                    for (int mode = 0; mode < 9; ++mode) {
                        if (how == How::kPlain && dim != 40 && dim != 128) continue;
                        AttentionShape s = attentionShape(type, 2, 4, mode == 1 ? 2 : 4, mode == 2 ? 1 : 77, 130, dim);
                        if (mode == 1) s.causal = true, s.causalOffset = s.keys - s.queries;
                        if (mode == 3) s.mask = DType::kBool, s.maskStrides = {s.keys, 0, 0, 1};
                        if (mode == 4) s.mask = type, s.maskStrides = {4 * 77 * 130, 77 * 130, 130, 1};
                        if (mode == 5) s.causal = true, s.causalOffset = -10;             // the first ten see nothing
                        if (mode >= 6) s.mask = type, s.maskStrides = {s.keys, 0, 0, 1};  // the same for every query
                        if (mode == 7) s.causal = true, s.causalOffset = 7;
                        if (mode == 8) s.mask = DType::kBool, s.hidden = -2, s.scale = -s.scale;
                        checkAttention(s, how, seed += 10,
                                       fmt::format("attention {} {} dim {} mode {}", static_cast<int>(how),
                                                   toString(type), dim, mode));
                        if (::testing::Test::HasFailure()) return;
                    }
    });
}

}  // namespace
}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pointwise.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cpu/pointwise_table.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

using Ints = std::vector<int64_t>;
constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<std::span<const int64_t>> spans(const std::vector<Ints>& v) { return {v.begin(), v.end()}; }

Result<PointwiseLoop> dense(const PointwiseProgram& p, const Ints& dims, const std::vector<Ints>& inputs) {
    return PointwiseLoop::makeDense(p, dims, spans(inputs));
}

// Runs y = op(x…) on contiguous vectors of one type each.
struct Bytes {
    const void* data;
    size_t size;
    template <class T>
    Bytes(const std::vector<T>& v) : data(v.data()), size(v.size()) {}
};
template <class Y>
std::vector<Y> apply(const PointwiseProgram& p, std::initializer_list<Bytes> xs) {
    size_t count = xs.begin()->size;
    int64_t n = static_cast<int64_t>(count);
    std::vector<Y> y(count);
    auto loop = dense(p, {n}, std::vector<Ints>(xs.size(), Ints{n}));
    EXPECT_TRUE(loop.ok()) << loop.status().toString();
    if (!loop.ok()) return y;
    std::vector<const void*> in;
    for (const auto& x : xs) in.push_back(x.data);
    void* out[] = {y.data()};
    loop->run(in.data(), out);
    return y;
}

PointwiseProgram unaryProgram(PwOp op, float alpha, float beta) {
    PointwiseProgram p;
    int x = p.input(DType::kFloat);
    int y = p.unary(op, x, alpha, beta);
    p.output(y, p.typeOf(y) == PwType::kF32 ? DType::kFloat : DType::kInt32);
    return p;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.) + std::log1p(std::exp(-std::fabs(x))); }

struct UnaryCase {
    PwOp op;
    float alpha, beta, lo, hi;
    std::function<double(double)> ref;
    double relative = 1e-6, absolute = 1e-7;
};

std::vector<UnaryCase> unaryCases() {
    const double g = std::sqrt(2 / M_PI);
    return {
        {PwOp::kAbs, 0, 0, -9, 9, [](double x) { return std::fabs(x); }, 0, 0},
        {PwOp::kNeg, 0, 0, -9, 9, [](double x) { return -x; }, 0, 0},
        {PwOp::kSign, 0, 0, -9, 9, [](double x) { return x > 0   ? 1.
                                                         : x < 0 ? -1.
                                                                 : 0.; }, 0, 0},
        {PwOp::kExp, 0, 0, -80, 80, [](double x) { return std::exp(x); }, 5e-7, 0},
        {PwOp::kExpm1, 0, 0, -5, 5, [](double x) { return std::expm1(x); }, 5e-7, 0},
        {PwOp::kLog, 0, 0, 1e-6f, 1e6f, [](double x) { return std::log(x); }},
        {PwOp::kLog1p, 0, 0, -0.9f, 50, [](double x) { return std::log1p(x); }},
        {PwOp::kSqrt, 0, 0, 0, 90, [](double x) { return std::sqrt(x); }, 1e-7, 0},
        {PwOp::kRsqrt, 0, 0, 0.01f, 90, [](double x) { return 1 / std::sqrt(x); }, 3e-7, 0},
        {PwOp::kRecip, 0, 0, 0.1f, 9, [](double x) { return 1 / x; }, 1e-7, 0},
        {PwOp::kSin, 0, 0, -8000, 8000, [](double x) { return std::sin(x); }, 2e-7, 1e-7},
        {PwOp::kCos, 0, 0, -8000, 8000, [](double x) { return std::cos(x); }, 2e-7, 1e-7},
        {PwOp::kSin, 0, 0, -3e5f, 3e5f, [](double x) { return std::sin(x); }, 2e-7, 1e-7},
        {PwOp::kCos, 0, 0, -4, 4, [](double x) { return std::cos(x); }, 2e-7, 1e-7},
        {PwOp::kTan, 0, 0, -1.5f, 1.5f, [](double x) { return std::tan(x); }},
        {PwOp::kSinh, 0, 0, -8, 8, [](double x) { return std::sinh(x); }},
        {PwOp::kCosh, 0, 0, -8, 8, [](double x) { return std::cosh(x); }},
        {PwOp::kAsin, 0, 0, -1, 1, [](double x) { return std::asin(x); }},
        {PwOp::kAcos, 0, 0, -1, 1, [](double x) { return std::acos(x); }},
        {PwOp::kAtan, 0, 0, -20, 20, [](double x) { return std::atan(x); }},
        {PwOp::kAsinh, 0, 0, -20, 20, [](double x) { return std::asinh(x); }},
        {PwOp::kAcosh, 0, 0, 1, 20, [](double x) { return std::acosh(x); }},
        {PwOp::kAtanh, 0, 0, -0.99f, 0.99f, [](double x) { return std::atanh(x); }},
        {PwOp::kTanh, 0, 0, -12, 12, [](double x) { return std::tanh(x); }},
        {PwOp::kErf, 0, 0, -6, 6, [](double x) { return std::erf(x); }},
        {PwOp::kCeil, 0, 0, -9, 9, [](double x) { return std::ceil(x); }, 0, 0},
        {PwOp::kFloor, 0, 0, -9, 9, [](double x) { return std::floor(x); }, 0, 0},
        {PwOp::kRound, 0, 0, -9, 9, [](double x) { return std::nearbyint(x); }, 0, 0},
        {PwOp::kTrunc, 0, 0, -9, 9, [](double x) { return std::trunc(x); }, 0, 0},
        {PwOp::kRelu, 0, 0, -9, 9, [](double x) { return std::max(x, 0.); }, 0, 0},
        {PwOp::kSigmoid, 0, 0, -20, 20, sigmoid},
        {PwOp::kLeakyRelu, 0.25f, 0, -9, 9, [](double x) { return x < 0 ? 0.25 * x : x; }},
        {PwOp::kElu, 1.5f, 0, -9, 9, [](double x) { return x < 0 ? 1.5 * std::expm1(x) : x; }},
        {PwOp::kSelu, 1.5f, 0.75f, -9, 9, [](double x) { return 0.75 * (x < 0 ? 1.5 * std::expm1(x) : x); }},
        {PwOp::kCelu, 2, 0, -9, 9, [](double x) { return std::max(0., x) + std::min(0., 2 * std::expm1(x / 2)); }},
        {PwOp::kSoftsign, 0, 0, -9, 9, [](double x) { return x / (1 + std::fabs(x)); }},
        {PwOp::kSoftplus, 0.5f, 2, -30, 30, [](double x) { return 0.5 * softplus(2 * x); }, 2e-6},
        {PwOp::kClip, -1, 2, -9, 9, [](double x) { return std::min(2., std::max(-1., x)); }},
        {PwOp::kHardSigmoid, 0.25f, 0.5f, -9, 9, [](double x) { return std::min(1., std::max(0., x / 4 + 0.5)); }},
        {PwOp::kHardSwish, 0, 0, -9, 9, [](double x) { return x * std::min(1., std::max(0., x / 6 + 0.5)); }},
        {PwOp::kScaledTanh, 0.5f, 2, -9, 9, [](double x) { return 0.5 * std::tanh(2 * x); }},
        {PwOp::kThresholdedRelu, 1, 0, -9, 9, [](double x) { return x > 1 ? x : 0; }, 0, 0},
        {PwOp::kGeluErf, 0, 0, -9, 9, [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.)); }, 1e-6, 2e-6},
        {PwOp::kGeluTanh, 0, 0, -9, 9,
         [g](double x) { return 0.5 * x * (1 + std::tanh(g * (x + 0.044715 * x * x * x))); }, 1e-6, 1e-6},
        {PwOp::kSilu, 1.5f, 0, -20, 20, [](double x) { return x * sigmoid(1.5 * x); }, 1e-6, 1e-6},
        {PwOp::kMish, 0, 0, -20, 20, [](double x) { return x * std::tanh(softplus(x)); }, 1e-6, 1e-6},
        {PwOp::kShrink, 1, 0.5f, -9, 9, [](double x) { return x < -1  ? x + 0.5
                                                              : x > 1 ? x - 0.5
                                                                      : 0; }},
        {PwOp::kAffine, 3, -1, -9, 9, [](double x) { return 3 * x - 1; }, 1e-6, 1e-6},
        {PwOp::kRoundF16, 0, 0, -9, 9, [](double x) { return static_cast<float>(Half(static_cast<float>(x))); }, 0, 0},
        {PwOp::kRoundBf16, 0, 0, -9, 9, [](double x) { return static_cast<float>(BFloat16(static_cast<float>(x))); }, 0,
         0},
        {PwOp::kRoundFp8, 0, 0, -9, 9, [](double x) { return static_cast<float>(Fp8(static_cast<float>(x))); }, 0, 0},
        {PwOp::kIsNan, 0, 0, -9, 9, [](double) { return 0.; }, 0, 0},
        {PwOp::kIsInf, 1, 1, -9, 9, [](double) { return 0.; }, 0, 0},
        {PwOp::kToBool, 0, 0, -9, 9, [](double x) { return x != 0; }, 0, 0},
        {PwOp::kF32ToI32, 0, 0, -9, 9, [](double x) { return std::trunc(x); }, 0, 0},
    };
}

TEST(Pointwise, UnaryAgainstDouble) {
    forEachIsa([] {
        for (const UnaryCase& c : unaryCases()) {
            SCOPED_TRACE(toString(c.op));
            const int n = 4099;
            std::vector<float> x(n);
            for (int i = 0; i < n; ++i) x[i] = c.lo + (c.hi - c.lo) * (static_cast<float>(i) / (n - 1));
            PointwiseProgram p = unaryProgram(c.op, c.alpha, c.beta);
            ASSERT_TRUE(p.check().ok()) << p.check().toString();
            std::vector<double> got;
            if (p.typeOf(1) == PwType::kF32)
                for (float v : apply<float>(p, {x})) got.push_back(v);
            else
                for (int32_t v : apply<int32_t>(p, {x})) got.push_back(v);
            for (int i = 0; i < n; ++i) {
                double want = c.ref(x[i]);
                ASSERT_LE(std::fabs(got[i] - want), c.relative * std::fabs(want) + c.absolute) << "x = " << x[i];
            }
        }
    });
}

TEST(Pointwise, SpecialValues) {
    forEachIsa([] {
        const std::vector<float> x = {kNan, kInf, -kInf, 0.f, -0.f, 1e-40f, -1e-40f, 3.4e38f, -3.4e38f, 2147483648.f};
        struct Case {
            PwOp op;
            float (*ref)(float);
        };
        for (Case c : std::vector<Case>{
                 {PwOp::kAbs, [](float v) { return std::fabs(v); }},
                 {PwOp::kNeg, [](float v) { return -v; }},
                 {PwOp::kSqrt, [](float v) { return std::sqrt(v); }},
                 {PwOp::kSin, [](float v) { return std::sin(v); }},
                 {PwOp::kCos, [](float v) { return std::cos(v); }},
                 {PwOp::kFloor, [](float v) { return std::floor(v); }},
                 {PwOp::kCeil, [](float v) { return std::ceil(v); }},
                 {PwOp::kRound, [](float v) { return std::nearbyint(v); }},
                 {PwOp::kTrunc, [](float v) { return std::trunc(v); }},
                 {PwOp::kRelu, [](float v) { return v < 0 ? 0 : v; }},
                 {PwOp::kClip, [](float v) { return v < -1  ? -1
                                                    : v > 2 ? 2
                                                            : v; }},
                 {PwOp::kSign, [](float v) { return v > 0   ? 1.f
                                                    : v < 0 ? -1.f
                                                            : v; }},
                 {PwOp::kTanh, [](float v) { return std::tanh(v); }},
                 {PwOp::kSigmoid, [](float v) { return 1 / (1 + std::exp(-v)); }},
                 {PwOp::kLog, [](float v) { return std::log(v); }},
                 {PwOp::kExp, [](float v) { return std::exp(v); }},
                 {PwOp::kErf, [](float v) { return std::erf(v); }},
             }) {
            SCOPED_TRACE(toString(c.op));
            auto y = apply<float>(unaryProgram(c.op, -1, 2), {x});
            for (size_t i = 0; i < x.size(); ++i) {
                float want = c.ref(x[i]);
                if (std::isnan(want))
                    EXPECT_TRUE(std::isnan(y[i])) << x[i] << " gave " << y[i];
                else if (std::isinf(want) || want == 0)
                    EXPECT_EQ(want, y[i]) << x[i];
                else
                    EXPECT_NEAR(y[i] / want, 1, 1e-6) << x[i];
            }
        }
        EXPECT_EQ(apply<int32_t>(unaryProgram(PwOp::kF32ToI32, 0, 0), {x}),
                  (std::vector<int32_t>{0, INT32_MAX, INT32_MIN, 0, 0, 0, 0, INT32_MAX, INT32_MIN, INT32_MAX}));
        EXPECT_EQ(apply<int32_t>(unaryProgram(PwOp::kIsNan, 0, 0), {x}),
                  (std::vector<int32_t>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        EXPECT_EQ(apply<int32_t>(unaryProgram(PwOp::kIsInf, 1, 0), {x}),
                  (std::vector<int32_t>{0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
        EXPECT_EQ(apply<int32_t>(unaryProgram(PwOp::kToBool, 0, 0), {x}),
                  (std::vector<int32_t>{1, 1, 1, 0, 0, 1, 1, 1, 1, 1}));
    });
}

TEST(Pointwise, BinaryFloat) {
    forEachIsa([] {
        std::vector<float> a, b;
        for (float x : {-7.5f, -2.f, -0.5f, 0.f, 0.25f, 1.f, 3.f, 100.f, kNan})
            for (float y : {-3.f, -1.f, 0.5f, 2.f, 3.f, 0.f, kNan}) a.push_back(x), b.push_back(y);
        struct Case {
            PwOp op;
            float (*ref)(float, float);
        };
        for (Case c : std::vector<Case>{
                 {PwOp::kAdd, [](float x, float y) { return x + y; }},
                 {PwOp::kSub, [](float x, float y) { return x - y; }},
                 {PwOp::kMul, [](float x, float y) { return x * y; }},
                 {PwOp::kDiv, [](float x, float y) { return x / y; }},
                 {PwOp::kMin, [](float x, float y) { return std::isnan(x)   ? x
                                                            : std::isnan(y) ? y
                                                                            : std::min(x, y); }},
                 {PwOp::kMax, [](float x, float y) { return std::isnan(x)   ? x
                                                            : std::isnan(y) ? y
                                                                            : std::max(x, y); }},
                 {PwOp::kPow, [](float x, float y) { return std::pow(x, y); }},
                 {PwOp::kFloorDiv, [](float x, float y) { return std::floor(x / y); }},
                 {PwOp::kFmod, [](float x, float y) { return std::fmod(x, y); }},
                 {PwOp::kMod,
                  [](float x, float y) {
                      float r = std::fmod(x, y);
                      return r != 0 && (r < 0) != (y < 0) ? r + y : r;
                  }},
                 {PwOp::kPrelu, [](float x, float y) { return x < 0 ? x * y : x; }},
             }) {
            SCOPED_TRACE(toString(c.op));
            PointwiseProgram p;
            int left = p.input(DType::kFloat), right = p.input(DType::kFloat);
            p.output(p.binary(c.op, left, right), DType::kFloat);
            auto check = [&](const std::vector<float>& y, auto left, auto right) {
                for (size_t i = 0; i < y.size(); ++i) {
                    float want = c.ref(left(i), right(i));
                    if (std::isnan(want))
                        EXPECT_TRUE(std::isnan(y[i])) << left(i) << ", " << right(i);
                    else if (std::isinf(want))
                        EXPECT_EQ(want, y[i]) << left(i) << ", " << right(i);
                    else
                        EXPECT_NEAR(y[i], want, std::fabs(want) * 3e-7) << left(i) << ", " << right(i);
                }
            };
            check(
                apply<float>(p, {a, b}), [&](size_t i) { return a[i]; }, [&](size_t i) { return b[i]; });
            // Each side in turn as one element for all.
            int64_t n = static_cast<int64_t>(a.size());
            for (float one : {-3.f, 0.5f, 2.f, 3.f, -0.5f, 0.f, 1.f, -1.f, 1.7f, kNan}) {
                std::vector<float> y(a.size());
                void* out[] = {y.data()};
                auto rightOne = dense(p, {n}, {{n}, {1}});
                ASSERT_TRUE(rightOne.ok());
                const void* ab[] = {a.data(), &one};
                rightOne->run(ab, out);
                check(
                    y, [&](size_t i) { return a[i]; }, [&](size_t) { return one; });
                auto leftOne = dense(p, {n}, {{1}, {n}});
                ASSERT_TRUE(leftOne.ok());
                const void* ba[] = {&one, b.data()};
                leftOne->run(ba, out);
                check(
                    y, [&](size_t) { return one; }, [&](size_t i) { return b[i]; });
            }
        }
        for (auto [op, ref] : std::vector<std::pair<PwOp, bool (*)(float, float)>>{
                 {PwOp::kEqual, [](float x, float y) { return x == y; }},
                 {PwOp::kNotEqual, [](float x, float y) { return x != y; }},
                 {PwOp::kLess, [](float x, float y) { return x < y; }},
                 {PwOp::kLessEqual, [](float x, float y) { return x <= y; }},
                 {PwOp::kGreater, [](float x, float y) { return x > y; }},
                 {PwOp::kGreaterEqual, [](float x, float y) { return x >= y; }}}) {
            PointwiseProgram p;
            int left = p.input(DType::kFloat), right = p.input(DType::kFloat);
            p.output(p.binary(op, left, right), DType::kBool);
            auto y = apply<uint8_t>(p, {a, b});
            for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(y[i], ref(a[i], b[i])) << toString(op);
        }
    });
}

template <class T>
void checkIntegers(DType storage) {
    const T lowest = std::numeric_limits<T>::min(), highest = std::numeric_limits<T>::max();
    std::vector<T> a, b;
    for (T x : {T(-7), T(-1), T(0), T(5), T(123), lowest, highest})
        for (T y : {T(-3), T(-1), T(0), T(1), T(2), T(7), lowest, highest}) a.push_back(x), b.push_back(y);
    using W = __int128;
    auto floorDiv = [](W x, W y) -> W { return y == 0 ? 0 : x / y - (x % y != 0 && (x < 0) != (y < 0)); };
    auto power = [](W x, W y) -> W {
        if (y < 0) return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
        uint64_t r = 1, m = static_cast<uint64_t>(x);
        for (uint64_t e = static_cast<uint64_t>(y); e; e >>= 1, m *= m)
            if (e & 1) r *= m;
        return static_cast<W>(r);
    };
    for (auto [op, ref] : std::vector<std::pair<PwOp, std::function<W(W, W)>>>{
             {PwOp::kAdd, [](W x, W y) { return x + y; }},
             {PwOp::kSub, [](W x, W y) { return x - y; }},
             {PwOp::kMul, [](W x, W y) { return static_cast<W>(static_cast<uint64_t>(x) * static_cast<uint64_t>(y)); }},
             {PwOp::kDiv, [](W x, W y) { return y == 0 ? 0 : x / y; }},
             {PwOp::kFmod, [](W x, W y) { return y == 0 ? 0 : x % y; }},
             {PwOp::kMod, [=](W x, W y) { return y == 0 ? 0 : x - y * floorDiv(x, y); }},
             {PwOp::kFloorDiv, floorDiv},
             {PwOp::kMin, [](W x, W y) { return std::min(x, y); }},
             {PwOp::kMax, [](W x, W y) { return std::max(x, y); }},
             {PwOp::kPow, power},
             {PwOp::kAnd, [](W x, W y) { return x & y; }},
             {PwOp::kOr, [](W x, W y) { return x | y; }},
             {PwOp::kXor, [](W x, W y) { return x ^ y; }}}) {
        SCOPED_TRACE(toString(op));
        PointwiseProgram p;
        int left = p.input(storage), right = p.input(storage);
        p.output(p.binary(op, left, right), storage);
        auto y = apply<T>(p, {a, b});
        for (size_t i = 0; i < a.size(); ++i)
            ASSERT_EQ(y[i], static_cast<T>(ref(a[i], b[i]))) << int64_t(a[i]) << ", " << int64_t(b[i]);
        int64_t n = static_cast<int64_t>(a.size());
        for (T one : {T(-3), T(2), T(0)}) {
            auto loop = dense(p, {n}, {{n}, {1}});
            ASSERT_TRUE(loop.ok());
            const void* in[] = {a.data(), &one};
            void* out[] = {y.data()};
            loop->run(in, out);
            for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(y[i], static_cast<T>(ref(a[i], one)));
        }
    }
    for (auto [op, ref] :
         std::vector<std::pair<PwOp, std::function<W(W)>>>{{PwOp::kAbs, [](W x) { return x < 0 ? -x : x; }},
                                                           {PwOp::kNeg, [](W x) { return -x; }},
                                                           {PwOp::kSign, [](W x) { return (x > 0) - (x < 0); }},
                                                           {PwOp::kBitNot, [](W x) { return ~x; }}}) {
        PointwiseProgram p;
        p.output(p.unary(op, p.input(storage)), storage);
        auto y = apply<T>(p, {a});
        for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(y[i], static_cast<T>(ref(a[i]))) << toString(op);
    }
}

TEST(Pointwise, Integers) {
    forEachIsa([] {
        checkIntegers<int32_t>(DType::kInt32);
        checkIntegers<int64_t>(DType::kInt64);
        checkIntegers<int8_t>(DType::kInt8);
    });
}

TEST(Pointwise, CastsAndStorage) {
    forEachIsa([] {
        const int n = 1003;
        std::vector<float> x(n);
        for (int i = 0; i < n; ++i) x[i] = static_cast<float>(i - 500) * 0.37f;
        auto through = [&](DType a) {
            PointwiseProgram p;
            p.output(p.cast(p.input(DType::kFloat), a), a);
            return p;
        };
        auto i8 = apply<int8_t>(through(DType::kInt8), {x});
        auto u8 = apply<uint8_t>(through(DType::kUint8), {x});
        auto i64 = apply<int64_t>(through(DType::kInt64), {x});
        auto b = apply<uint8_t>(through(DType::kBool), {x});
        auto h = apply<Half>(through(DType::kHalf), {x});
        auto bf = apply<BFloat16>(through(DType::kBf16), {x});
        auto f8 = apply<Fp8>(through(DType::kFp8), {x});
        for (int i = 0; i < n; ++i) {
            // What lies outside of the range becomes the nearest end of it (ops/cast.h).
            ASSERT_EQ(i8[i], static_cast<int8_t>(std::clamp(x[i], -128.f, 127.f)));
            ASSERT_EQ(u8[i], static_cast<uint8_t>(std::clamp(x[i], 0.f, 255.f)));
            ASSERT_EQ(i64[i], static_cast<int64_t>(x[i]));
            ASSERT_EQ(b[i], x[i] != 0);
            ASSERT_EQ(h[i].bits, Half(x[i]).bits) << x[i];
            ASSERT_EQ(bf[i].bits, BFloat16(x[i]).bits);
            ASSERT_EQ(f8[i].bits, Fp8(x[i]).bits);
        }
        auto back = [](DType from) {
            PointwiseProgram p;
            p.output(p.cast(p.input(from), DType::kFloat), DType::kFloat);
            return p;
        };
        auto f1 = apply<float>(back(DType::kInt8), {i8});
        auto f2 = apply<float>(back(DType::kInt64), {i64});
        auto f3 = apply<float>(back(DType::kHalf), {h});
        auto f4 = apply<float>(back(DType::kFp8), {f8});
        auto f5 = apply<float>(back(DType::kUint8), {u8});
        for (int i = 0; i < n; ++i) {
            ASSERT_EQ(f1[i], i8[i]);
            ASSERT_EQ(f2[i], static_cast<float>(i64[i]));
            ASSERT_EQ(f3[i], static_cast<float>(h[i]));
            ASSERT_EQ(f4[i], static_cast<float>(f8[i]));
            ASSERT_EQ(f5[i], u8[i]);
        }
    });
}

// A chain with every kind of operand, in random shapes and broadcasts, against one element at a time.
TEST(Pointwise, RandomShapes) {
    std::mt19937 rng(5);
    for (int round = 0; round < 120; ++round) {
        ScopedIsa isa(static_cast<Isa>(round % (static_cast<int>(cpuInfo().detected) + 1)));
        int rank = 1 + static_cast<int>(rng() % 5);
        Ints dims(rank);
        for (auto& d : dims) d = 1 + rng() % (rank == 1 ? 5000 : rank == 2 ? 70 : 9);
        if (round % 10 == 0) dims.back() = 300 + rng() % 500;
        int64_t count = 1;
        for (int64_t d : dims) count *= d;
        auto broadcast = [&] {
            Ints r = dims;
            for (auto& d : r)
                if (rng() % 3 == 0) d = 1;
            if (rng() % 6 == 0) r.erase(r.begin());
            return r;
        };
        // y = select(m, gelu(a * s + h), i8 / 16) ; z = (a * s + h) as half
        PointwiseProgram p;
        int a = p.input(DType::kFloat), s = p.input(DType::kFloat), h = p.input(DType::kHalf),
            q = p.input(DType::kInt8);
        int m = p.input(DType::kBool);
        int t = p.fma(a, s, h);
        int g = p.unary(PwOp::kRelu, p.binary(PwOp::kSub, t, p.constant(0.25f)));
        int d = p.binary(PwOp::kMul, p.cast(q, DType::kFloat), p.constant(1 / 16.f));
        p.output(p.select(m, g, d), DType::kFloat);
        p.output(t, DType::kHalf);
        ASSERT_TRUE(p.check().ok()) << p.check().toString();
        std::vector<Ints> in = {dims, broadcast(), broadcast(), broadcast(), broadcast()};
        if (round % 3 == 0) in[0] = broadcast();
        auto size = [](const Ints& v) {
            int64_t n = 1;
            for (int64_t d : v) n *= d;
            return static_cast<size_t>(n);
        };
        std::uniform_real_distribution<float> uniform(-2, 2);
        std::vector<float> va(size(in[0])), vs(size(in[1]));
        std::vector<Half> vh(size(in[2]));
        std::vector<int8_t> vq(size(in[3]));
        std::vector<uint8_t> vm(size(in[4]));
        for (auto& v : va) v = uniform(rng);
        for (auto& v : vs) v = uniform(rng);
        for (auto& v : vh) v = Half(uniform(rng));
        for (auto& v : vq) v = static_cast<int8_t>(rng());
        for (auto& v : vm) v = rng() % 2 ? 0 : 1;
        // Outputs permuted in memory: strides of the reversed dimensions for y, dense for z.
        Ints ys(rank), zs(rank);
        int64_t step = 1;
        for (int k = 0; k < rank; ++k) ys[k] = step, step *= dims[k];
        denseStrides(dims, zs.data());
        if (round % 2) ys = zs;
        std::vector<Ints> strides;
        for (const Ints& shape : in) {
            Ints dense(shape.size()), full(rank, 0);
            denseStrides(shape, dense.data());
            for (size_t k = 0; k < shape.size(); ++k) full[rank - shape.size() + k] = shape[k] == 1 ? 0 : dense[k];
            strides.push_back(full);
        }
        auto inSpans = spans(strides);
        std::vector<Ints> outs = {ys, zs};
        auto outSpans = spans(outs);
        auto loop = PointwiseLoop::make(p, dims, inSpans, outSpans);
        ASSERT_TRUE(loop.ok()) << loop.status().toString();
        std::vector<float> y(count, -99);
        std::vector<Half> z(count);
        const void* inputs[] = {va.data(), vs.data(), vh.data(), vq.data(), vm.data()};
        void* outputs[] = {y.data(), z.data()};
        loop->run(inputs, outputs);
        for (int64_t i = 0; i < count; ++i) {
            int64_t rest = i, at[5] = {}, yo = 0;
            for (int k = rank - 1; k >= 0; --k) {
                int64_t index = rest % dims[k];
                rest /= dims[k];
                for (int o = 0; o < 5; ++o) at[o] += index * strides[o][k];
                yo += index * ys[k];
            }
            float t = static_cast<float>(static_cast<double>(va[at[0]]) * vs[at[1]] + static_cast<float>(vh[at[2]]));
            float want = vm[at[4]] ? std::max(0.f, t - 0.25f) : vq[at[3]] / 16.f;
            ASSERT_NEAR(y[yo], want, 1e-6) << loop->describe() << " element " << i;
            ASSERT_NEAR(static_cast<float>(z[i]), t, 4e-3) << loop->describe();
        }
    }
}

TEST(Pointwise, InPlaceAndUnchangedOutputs) {
    forEachIsa([] {
        const int64_t n = 10000;
        std::vector<float> x(n), copy(n);
        for (int64_t i = 0; i < n; ++i) x[i] = static_cast<float>(i);
        PointwiseProgram p;
        int a = p.input(DType::kFloat);
        p.output(p.binary(PwOp::kMul, p.binary(PwOp::kAdd, a, p.constant(1.f)), a), DType::kFloat);
        p.output(a, DType::kFloat);
        auto loop = dense(p, {n}, {{n}});
        ASSERT_TRUE(loop.ok());
        const void* in[] = {x.data()};
        void* out[] = {x.data(), copy.data()};
        loop->run(in, out);
        for (int64_t i = 0; i < n; ++i) {
            ASSERT_EQ(copy[i], static_cast<float>(i));
            ASSERT_FLOAT_EQ(x[i], (static_cast<float>(i) + 1) * static_cast<float>(i));
        }
    });
}

TEST(Pointwise, ConstantsOnlyAndEmpty) {
    PointwiseProgram p;
    p.output(p.binary(PwOp::kAdd, p.constant(PwType::kI64, 40), p.constant(PwType::kI64, 2)), DType::kInt64);
    auto loop = dense(p, {3, 1000}, {});
    ASSERT_TRUE(loop.ok()) << loop.status().toString();
    std::vector<int64_t> y(3000);
    void* out[] = {y.data()};
    loop->run(nullptr, out);
    EXPECT_EQ(y, std::vector<int64_t>(3000, 42));
    auto none = dense(p, {3, 0}, {});
    ASSERT_TRUE(none.ok());
    none->run(nullptr, out);
    auto scalar = dense(p, {}, {});
    ASSERT_TRUE(scalar.ok());
    y[0] = 0;
    scalar->run(nullptr, out);
    EXPECT_EQ(y[0], 42);
}

TEST(Pointwise, LongProgramsFitTheRegisterFile) {
    const int64_t n = 5000;
    PointwiseProgram p;
    int a = p.input(DType::kInt64);
    std::vector<int> parts;
    for (int i = 0; i < 40; ++i) parts.push_back(p.binary(PwOp::kAdd, a, p.constant(PwType::kI64, i)));
    int sum = parts[0];
    for (int i = 1; i < 13; ++i) sum = p.binary(PwOp::kXor, sum, parts[i]);
    for (int i = 39; i >= 37; --i) sum = p.binary(PwOp::kAdd, sum, parts[i]);
    p.output(sum, DType::kInt64);
    ASSERT_TRUE(p.check().ok()) << p.check().toString();
    std::vector<int64_t> x(n);
    for (int64_t i = 0; i < n; ++i) x[i] = i * 7;
    auto y = apply<int64_t>(p, {x});
    for (int64_t i = 0; i < n; ++i) {
        int64_t want = 0;
        for (int k = 0; k < 13; ++k) want ^= x[i] + k;
        for (int k = 39; k >= 37; --k) want += x[i] + k;
        ASSERT_EQ(y[i], want);
    }
}

TEST(Pointwise, EveryOperationHasItsKernels) {
    forEachIsa([] {
        for (int o = 1; o < kPwOpCount; ++o)
            for (int t = 0; t < kPwTypeCount; ++t) {
                PwInstr in;
                in.op = static_cast<PwOp>(o);
                in.type = static_cast<PwType>(t);
                in.args[1] = 1;
                in.args[2] = 1;
                DType storage = t == 0 ? DType::kFloat : t == 1 ? DType::kInt32 : DType::kInt64;
                std::vector<DType> inputs = {in.op == PwOp::kSelect ? DType::kInt32 : storage, storage};
                PwType r = pwResultType(in);
                DType result = r == PwType::kF32 ? DType::kFloat : r == PwType::kI32 ? DType::kInt32 : DType::kInt64;
                auto p = PointwiseProgram::fromParts(inputs, {in}, {{2, result}});
                if (!p.ok()) continue;
                for (unsigned mask = 0; mask < 8; ++mask)
                    EXPECT_NE(pointwiseKernels().op(in.op, in.type, mask), nullptr) << toString(in.op);
            }
    });
}

TEST(Pointwise, BadPrograms) {
    auto check = [](std::vector<DType> in, std::vector<PwInstr> code, std::vector<PwOutput> out) {
        return PointwiseProgram::fromParts(std::move(in), std::move(code), std::move(out)).status().toString();
    };
    PwInstr add;
    add.op = PwOp::kAdd;
    add.args[1] = 1;
    EXPECT_NE(check({DType::kFloat}, {add}, {{1, DType::kFloat}}), "OK");                 // uses itself
    EXPECT_NE(check({DType::kFloat, DType::kInt32}, {add}, {{2, DType::kFloat}}), "OK");  // mixed types
    EXPECT_NE(check({DType::kFloat, DType::kFloat}, {add}, {{2, DType::kInt32}}), "OK");  // stored as another type
    EXPECT_NE(check({DType::kFloat, DType::kFloat}, {add}, {{3, DType::kFloat}}), "OK");  // no such value
    EXPECT_NE(check({DType::kInt4, DType::kFloat}, {add}, {{2, DType::kFloat}}), "OK");
    EXPECT_NE(check({DType::kFloat, DType::kFloat}, {add}, {}), "OK");
    add.op = static_cast<PwOp>(200);
    EXPECT_NE(check({DType::kFloat, DType::kFloat}, {add}, {{2, DType::kFloat}}), "OK");
    add.op = PwOp::kAdd;
    EXPECT_EQ(check({DType::kFloat, DType::kFloat}, {add}, {{2, DType::kFloat}}), "OK");
    PointwiseProgram p;
    int left = p.input(DType::kFloat), right = p.input(DType::kFloat);
    p.output(p.binary(PwOp::kAdd, left, right), DType::kFloat);
    EXPECT_EQ(p.toString(), "v0 = in f32; v1 = in f32; v2 = add.f32 v0 v1; out f32 v2");
    EXPECT_FALSE(dense(p, {4}, {{4}}).ok());
    EXPECT_FALSE(dense(p, {4}, {{4}, {3}}).ok());
    EXPECT_FALSE(dense(p, Ints(9, 1), {{1}, {1}}).ok());
}

}  // namespace
}  // namespace lathe::cpu

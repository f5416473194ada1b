// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/reduce.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

using Ints = std::vector<int64_t>;

const ReduceOp kOps[] = {ReduceOp::kSum,    ReduceOp::kMean,      ReduceOp::kProd, ReduceOp::kMax,
                         ReduceOp::kMin,    ReduceOp::kSumSquare, ReduceOp::kL1,   ReduceOp::kL2,
                         ReduceOp::kLogSum, ReduceOp::kLogSumExp};

void check(ReduceOp op, DType type, const Ints& dims, uint32_t axes) {
    int64_t count = 1, outputs = 1;
    for (size_t d = 0; d < dims.size(); ++d) {
        count *= dims[d];
        if (!(axes >> d & 1)) outputs *= dims[d];
    }
    bool integer = !isFloating(type);
    float lo = op == ReduceOp::kLogSum ? 0.1f : op == ReduceOp::kProd && !integer ? 0.9f : integer ? 0 : -2;
    float hi = op == ReduceOp::kProd && !integer ? 1.1f : integer ? 100 : 2;
    FloatBuffer x = FloatBuffer::random(type, count, 7, lo, hi), y(type, outputs);
    auto r = Reduction::make(op, type, dims, axes);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    r->run(x.data(), y.data());
    int64_t n = outputs ? count / outputs : 0;
    std::vector<double> sum(outputs, op == ReduceOp::kProd  ? 1
                                     : op == ReduceOp::kMax ? -1e300
                                     : op == ReduceOp::kMin ? 1e300
                                                            : 0);
    std::vector<double> size(outputs, 0);
    std::vector<uint64_t> wrapped(outputs, 1);
    for (int64_t i = 0; i < count; ++i) {
        int64_t rest = i, o = 0, step = 1;
        for (size_t d = dims.size(); d-- > 0;) {
            if (!(axes >> d & 1)) o += rest % dims[d] * step, step *= dims[d];
            rest /= dims[d];
        }
        double v = x[i];
        double& s = sum[o];
        size[o] += std::fabs(v);
        wrapped[o] *= static_cast<uint64_t>(static_cast<int64_t>(v));
        switch (op) {
            case ReduceOp::kProd: s *= v; break;
            case ReduceOp::kMax: s = std::max(s, v); break;
            case ReduceOp::kMin: s = std::min(s, v); break;
            case ReduceOp::kSumSquare:
            case ReduceOp::kL2: s += v * v; break;
            case ReduceOp::kL1: s += std::fabs(v); break;
            case ReduceOp::kLogSumExp: s += std::exp(v); break;
            default: s += v; break;
        }
    }
    for (int64_t o = 0; o < outputs; ++o) {
        double want = sum[o];
        if (op == ReduceOp::kMean) want /= static_cast<double>(n), size[o] /= static_cast<double>(n);
        if (op == ReduceOp::kL2) want = std::sqrt(want);
        if (op == ReduceOp::kLogSum || op == ReduceOp::kLogSumExp) want = std::log(want);
        if (integer) {
            int64_t exact = op == ReduceOp::kProd ? static_cast<int64_t>(wrapped[o]) : static_cast<int64_t>(want);
            if (type == DType::kInt8) exact = static_cast<int8_t>(exact);
            if (type == DType::kUint8) exact = static_cast<uint8_t>(exact);
            if (type == DType::kInt32) exact = static_cast<int32_t>(exact);
            ASSERT_EQ(y[o], static_cast<double>(exact)) << static_cast<int>(op);
            continue;
        }
        double allowed = x.relativeError() * std::fabs(want) + 4e-7 * std::max(size[o], std::fabs(want)) + 3e-7;
        if (op == ReduceOp::kProd) allowed += 2e-7 * std::fabs(want) * std::sqrt(static_cast<double>(n));
        if (type == DType::kHalf) allowed += 6e-8;
        ASSERT_NEAR(y[o], want, allowed) << "op " << static_cast<int>(op) << " axes " << axes << " output " << o;
    }
}

TEST(Reduce, AllAxesOfFour) {
    forEachIsa([] {
        for (ReduceOp op : kOps)
            for (uint32_t axes = 0; axes < 16; ++axes) {
                check(op, DType::kFloat, {3, 5, 7, 11}, axes);
                if (axes % 3 == 0) check(op, DType::kHalf, {3, 5, 7, 11}, axes);
                if (axes % 3 == 1) check(op, DType::kBf16, {3, 5, 7, 11}, axes);
            }
    });
}

TEST(Reduce, LongAndWide) {
    forEachIsa([] {
        for (ReduceOp op : kOps) {
            check(op, DType::kFloat, {70000}, 1);
            check(op, DType::kFloat, {2, 3, 50000}, 4 | 1);
            check(op, DType::kFloat, {200, 1000}, 1);
            check(op, DType::kFloat, {2, 49, 600}, 2);
            check(op, DType::kFloat, {5, 4099}, 2);
            check(op, DType::kFloat, {1, 5, 1}, 7);
            check(op, DType::kFloat, {}, 0);
        }
    });
}

TEST(Reduce, Integers) {
    for (DType type : {DType::kInt8, DType::kUint8, DType::kInt32, DType::kInt64})
        for (ReduceOp op : {ReduceOp::kSum, ReduceOp::kMean, ReduceOp::kProd, ReduceOp::kMax, ReduceOp::kMin,
                            ReduceOp::kSumSquare, ReduceOp::kL1})
            for (uint32_t axes = 0; axes < 8; ++axes) check(op, type, {4, 5, 6}, axes);
    EXPECT_FALSE(Reduction::make(ReduceOp::kL2, DType::kInt32, Ints{3}, 1).ok());
    EXPECT_FALSE(Reduction::make(ReduceOp::kSum, DType::kBool, Ints{3}, 1).ok());
    std::vector<uint8_t> x = {0, 0, 5, 0, 1, 1}, y(2);
    auto any = Reduction::make(ReduceOp::kMax, DType::kBool, Ints{2, 3}, 2);
    any->run(x.data(), y.data());
    EXPECT_EQ(y, (std::vector<uint8_t>{1, 1}));
    auto all = Reduction::make(ReduceOp::kMin, DType::kBool, Ints{2, 3}, 2);
    all->run(x.data(), y.data());
    EXPECT_EQ(y, (std::vector<uint8_t>{0, 0}));
}

TEST(Reduce, EmptyAndSpecial) {
    forEachIsa([] {
        float y[2] = {7, 7};
        auto run = [&](ReduceOp op, Ints dims, uint32_t axes, std::vector<float> x) {
            auto r = Reduction::make(op, DType::kFloat, dims, axes);
            ASSERT_TRUE(r.ok());
            r->run(x.data(), y);
        };
        const float inf = INFINITY, nan = NAN;
        run(ReduceOp::kSum, {2, 0}, 2, {});
        EXPECT_EQ(y[1], 0);
        run(ReduceOp::kProd, {2, 0}, 2, {});
        EXPECT_EQ(y[1], 1);
        run(ReduceOp::kMax, {2, 0}, 2, {});
        EXPECT_EQ(y[1], -inf);
        run(ReduceOp::kMean, {2, 0}, 2, {});
        EXPECT_TRUE(std::isnan(y[1]));
        run(ReduceOp::kLogSumExp, {2, 2}, 2, {-inf, -inf, 500, 500});
        EXPECT_EQ(y[0], -inf);
        EXPECT_FLOAT_EQ(y[1], 500 + std::log(2.f));
        run(ReduceOp::kLogSumExp, {2, 2}, 1, {-inf, 500, -inf, inf});
        EXPECT_EQ(y[0], -inf);
        EXPECT_EQ(y[1], inf);
        std::vector<float> x(40, 1);
        x[3] = nan;
        run(ReduceOp::kMax, {2, 20}, 2, x);
        EXPECT_TRUE(std::isnan(y[0]));
        EXPECT_EQ(y[1], 1);
        run(ReduceOp::kMin, {20, 2}, 1, x);
        EXPECT_TRUE(std::isnan(y[1]));
        EXPECT_EQ(y[0], 1);
    });
}

}  // namespace
}  // namespace lathe::cpu

// SPDX-License-Identifier: Apache-2.0
// Generated elementwise kernels and copies on a GPU, against the operations' definitions in double or 64-bit integers.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "cuda/cuda_testing.h"
#include "kernels/cuda/pointwise.h"

namespace lathe::cuda {
namespace {

using kernels::PointwiseProgram;
using kernels::PwInstr;
using kernels::PwOp;
using kernels::PwType;

double sigmoidOf(double x) { return 1 / (1 + std::exp(-x)); }
double softplusOf(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double floatOp(PwOp op, double a, double b, double alpha, double beta) {
    switch (op) {
        case PwOp::kAbs: return std::abs(a);
        case PwOp::kNeg: return -a;
        case PwOp::kSign: return std::isnan(a) ? a : (a > 0) - (a < 0);
        case PwOp::kToBool: return a != 0;
        case PwOp::kF32ToI32:
        case PwOp::kF32ToI64: return std::trunc(a);
        case PwOp::kRoundF16: return static_cast<float>(Half(static_cast<float>(a)));
        case PwOp::kRoundBf16: return static_cast<float>(BFloat16(static_cast<float>(a)));
        case PwOp::kRoundFp8: return static_cast<float>(Fp8(static_cast<float>(a)));
        case PwOp::kExp: return std::exp(a);
        case PwOp::kExpm1: return std::expm1(a);
        case PwOp::kLog: return std::log(a);
        case PwOp::kLog1p: return std::log1p(a);
        case PwOp::kSqrt: return std::sqrt(a);
        case PwOp::kRsqrt: return 1 / std::sqrt(a);
        case PwOp::kRecip: return 1 / a;
        case PwOp::kSin: return std::sin(a);
        case PwOp::kCos: return std::cos(a);
        case PwOp::kTan: return std::tan(a);
        case PwOp::kSinh: return std::sinh(a);
        case PwOp::kCosh: return std::cosh(a);
        case PwOp::kAsin: return std::asin(a);
        case PwOp::kAcos: return std::acos(a);
        case PwOp::kAtan: return std::atan(a);
        case PwOp::kAsinh: return std::asinh(a);
        case PwOp::kAcosh: return std::acosh(a);
        case PwOp::kAtanh: return std::atanh(a);
        case PwOp::kTanh: return std::tanh(a);
        case PwOp::kErf: return std::erf(a);
        case PwOp::kCeil: return std::ceil(a);
        case PwOp::kFloor: return std::floor(a);
        case PwOp::kRound: return std::nearbyint(a);
        case PwOp::kTrunc: return std::trunc(a);
        case PwOp::kIsInf: return std::isinf(a) && (a > 0 ? alpha != 0 : beta != 0);
        case PwOp::kIsNan: return std::isnan(a);
        case PwOp::kRelu: return std::isnan(a) ? a : std::max(a, 0.0);
        case PwOp::kSigmoid: return sigmoidOf(a);
        case PwOp::kLeakyRelu: return a < 0 ? alpha * a : a;
        case PwOp::kElu: return a < 0 ? alpha * std::expm1(a) : a;
        case PwOp::kSelu: return beta * (a < 0 ? alpha * std::expm1(a) : a);
        case PwOp::kCelu: return std::isnan(a) ? a : std::max(0.0, a) + std::min(0.0, alpha * std::expm1(a / alpha));
        case PwOp::kSoftsign: return a / (1 + std::abs(a));
        case PwOp::kSoftplus: return alpha * softplusOf(beta * a);
        case PwOp::kClip: return std::isnan(a) ? a : std::min(beta, std::max(alpha, a));
        case PwOp::kHardSigmoid: return std::isnan(a) ? a : std::min(1.0, std::max(0.0, alpha * a + beta));
        case PwOp::kHardSwish: return std::isnan(a) ? a : a * std::min(1.0, std::max(0.0, a / 6 + 0.5));
        case PwOp::kScaledTanh: return alpha * std::tanh(beta * a);
        case PwOp::kThresholdedRelu: return a > alpha || std::isnan(a) ? a : 0;
        case PwOp::kGeluErf: return 0.5 * a * (1 + std::erf(a / std::sqrt(2.0)));
        case PwOp::kGeluTanh: return 0.5 * a * (1 + std::tanh(std::sqrt(2 / M_PI) * (a + 0.044715 * a * a * a)));
        case PwOp::kSilu: return a * sigmoidOf(alpha * a);
        case PwOp::kMish: return a * std::tanh(softplusOf(a));
        case PwOp::kShrink: return std::isnan(a) ? a : a < -alpha ? a + beta : a > alpha ? a - beta : 0;
        case PwOp::kAffine: return alpha * a + beta;
        case PwOp::kAdd: return a + b;
        case PwOp::kSub: return a - b;
        case PwOp::kMul: return a * b;
        case PwOp::kDiv: return a / b;
        case PwOp::kMin: return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
        case PwOp::kMax: return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
        case PwOp::kPow: return std::pow(a, b);
        case PwOp::kFloorDiv: return std::floor(static_cast<float>(a) / static_cast<float>(b));
        case PwOp::kFmod: return std::fmod(a, b);
        case PwOp::kMod: {
            double r = std::fmod(a, b);
            return r != 0 && (r < 0) != (b < 0) ? r + b : r;
        }
        case PwOp::kPrelu: return a < 0 ? a * b : a;
        case PwOp::kEqual: return a == b;
        case PwOp::kNotEqual: return a != b;
        case PwOp::kLess: return a < b;
        case PwOp::kLessEqual: return a <= b;
        case PwOp::kGreater: return a > b;
        case PwOp::kGreaterEqual: return a >= b;
        default: return NAN;
    }
}

int64_t intOp(PwOp op, int64_t a, int64_t b, int bits) {
    auto wrap = [&](__int128 v) {
        return bits == 32 ? static_cast<int64_t>(static_cast<int32_t>(v)) : static_cast<int64_t>(v);
    };
    auto rem = [&] { return b == 0 || b == -1 ? 0 : a % b; };
    switch (op) {
        case PwOp::kAbs: return wrap(a < 0 ? -static_cast<__int128>(a) : a);
        case PwOp::kNeg: return wrap(-static_cast<__int128>(a));
        case PwOp::kSign: return (a > 0) - (a < 0);
        case PwOp::kToBool: return a != 0;
        case PwOp::kNot: return a == 0;
        case PwOp::kBitNot: return ~a;
        case PwOp::kWrapI8: return static_cast<int8_t>(a);
        case PwOp::kWrapU8: return static_cast<uint8_t>(a);
        case PwOp::kI32ToI64: return a;
        case PwOp::kI64ToI32: return static_cast<int32_t>(a);
        case PwOp::kAdd: return wrap(static_cast<__int128>(a) + b);
        case PwOp::kSub: return wrap(static_cast<__int128>(a) - b);
        case PwOp::kMul: return wrap(static_cast<__int128>(a) * b);
        case PwOp::kDiv: return b == 0 ? 0 : wrap(static_cast<__int128>(a) / b);
        case PwOp::kMin: return std::min(a, b);
        case PwOp::kMax: return std::max(a, b);
        case PwOp::kFmod: return rem();
        case PwOp::kMod: return rem() != 0 && (rem() < 0) != (b < 0) ? rem() + b : rem();
        case PwOp::kFloorDiv:
            return b == 0 ? 0 : wrap(static_cast<__int128>(a) / b - (rem() != 0 && (a < 0) != (b < 0)));
        case PwOp::kPow: {
            if (b < 0) return a == 1 ? 1 : a == -1 ? ((b & 1) ? -1 : 1) : 0;
            int64_t r = 1;
            for (int64_t i = 0; i < b; ++i) r = wrap(static_cast<__int128>(r) * a);
            return r;
        }
        case PwOp::kEqual: return a == b;
        case PwOp::kNotEqual: return a != b;
        case PwOp::kLess: return a < b;
        case PwOp::kLessEqual: return a <= b;
        case PwOp::kGreater: return a > b;
        case PwOp::kGreaterEqual: return a >= b;
        case PwOp::kAnd: return a & b;
        case PwOp::kOr: return a | b;
        case PwOp::kXor: return a ^ b;
        case PwOp::kShiftLeft: return b < 0 || b >= bits ? 0 : wrap(static_cast<__int128>(a) << b);
        case PwOp::kShiftRight: return b < 0 || b >= bits ? 0 : a >> b;
        default: return a;
    }
}

DType storageOf(PwType t) {
    return t == PwType::kF32 ? DType::kFloat : t == PwType::kI32 ? DType::kInt32 : DType::kInt64;
}

TEST(GpuPointwise, EveryOperation) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (PwType type : {PwType::kF32, PwType::kI32, PwType::kI64})
            for (int o = 1; o < kernels::kPwOpCount; ++o) {
                PwOp op = static_cast<PwOp>(o);
                if (kernels::pwArity(op) > 2) continue;
                PointwiseProgram p;
                int a = p.input(storageOf(type)), b = p.input(storageOf(type));
                int r = kernels::pwArity(op) == 1 ? p.unary(op, a, 0.5f, 2.0f) : p.binary(op, a, b);
                DType stored = storageOf(p.typeOf(r));
                p.output(r, stored);
                if (!p.check().ok()) continue;
                constexpr int64_t kN = 1003;
                bool floats = type == PwType::kF32;
                bool unit = op == PwOp::kAsin || op == PwOp::kAcos || op == PwOp::kAtanh,
                     positive = op == PwOp::kLog || op == PwOp::kSqrt || op == PwOp::kRsqrt || op == PwOp::kLog1p ||
                                op == PwOp::kPow;
                double low = unit ? -1 : positive && floats ? 0.01 : op == PwOp::kAcosh ? 1 : -9, high = unit ? 1 : 9;
                Tensor x = Tensor::random(storageOf(type), kN, 1, low, high),
                       y = Tensor::random(storageOf(type), kN, 2, -6, 6), z = Tensor::poisoned(stored, kN);
                if (floats) {
                    double special[] = {0, -0.0, INFINITY, -INFINITY, NAN, 0.5, -0.5, 1, 1.5, 2.5, -2.5};
                    if (op != PwOp::kF32ToI32 && op != PwOp::kF32ToI64 && op != PwOp::kFmod && op != PwOp::kMod &&
                        op != PwOp::kFloorDiv && op != PwOp::kPow)
                        for (size_t i = 0; i < std::size(special); ++i) x.set(static_cast<int64_t>(i), special[i]);
                    if (op == PwOp::kIsInf) y = x;
                } else {
                    int64_t lowest = type == PwType::kI32 ? INT32_MIN : INT64_MIN;
                    if (type == PwType::kI32) {
                        int32_t v = INT32_MIN;
                        std::memcpy(x.bytes.data(), &v, 4);
                        v = -1;
                        std::memcpy(y.bytes.data(), &v, 4);
                    } else {
                        int64_t v = -1;
                        std::memcpy(x.bytes.data(), &lowest, 8);
                        std::memcpy(y.bytes.data(), &v, 8);
                    }
                }
                int64_t dims[] = {kN};
                std::vector<std::span<const int64_t>> inputs(2, std::span<const int64_t>(dims));
                runPlan(pointwiseDense(p, dims, inputs), {{0, &x}, {1, &y}, {kOutput, &z}});
                std::vector<double> want, tolerance;
                bool steep = op == PwOp::kTan || op == PwOp::kPow || op == PwOp::kMod || op == PwOp::kFmod;
                for (int64_t i = 0; i < kN; ++i) {
                    double w;
                    if (floats) {
                        w = floatOp(op, x.get(i), y.get(i), 0.5, 2.0);
                    } else {
                        auto read = [&](const Tensor& t) {
                            int64_t v64 = 0;
                            int32_t v32 = 0;
                            if (type == PwType::kI64) return std::memcpy(&v64, t.bytes.data() + i * 8, 8), v64;
                            return std::memcpy(&v32, t.bytes.data() + i * 4, 4), static_cast<int64_t>(v32);
                        };
                        w = static_cast<double>(intOp(op, read(x), read(y), type == PwType::kI32 ? 32 : 64));
                    }
                    want.push_back(w);
                    // A few units in the last place of the result, and of the largest number on the way.
                    tolerance.push_back(floats && std::isfinite(w) ? std::abs(w) * (steep ? 2e-5 : 4e-6) + 2e-6 : 0);
                }
                expectNear(z, want, tolerance, fmt::format("{} of {}", kernels::toString(op), kernels::toString(type)));
            }
    });
}

TEST(GpuPointwise, CastsBetweenAllTypes) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        DType types[] = {DType::kFloat, DType::kHalf,  DType::kBf16,  DType::kFp8, DType::kInt8,
                         DType::kUint8, DType::kInt32, DType::kInt64, DType::kBool};
        for (DType from : types)
            for (DType to : types) {
                PointwiseProgram p;
                p.output(p.cast(p.input(from), to), to);
                constexpr int64_t kN = 517;
                Tensor x = Tensor::random(from, kN, 7, 0, 100), y = Tensor::poisoned(to, kN);
                int64_t dims[] = {kN};
                std::span<const int64_t> in[] = {dims};
                runPlan(pointwiseDense(p, dims, in), {{0, &x}, {kOutput, &y}});
                std::vector<double> want;
                Tensor w(to, kN);
                for (int64_t i = 0; i < kN; ++i) {
                    w.set(i, to == DType::kBool ? x.get(i) != 0 : x.get(i));
                    want.push_back(w.get(i));
                }
                expectNear(y, want, 0, 0, fmt::format("{} to {}", toString(from), toString(to)));
            }
    });
}

TEST(GpuPointwise, BroadcastsAndStrides) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        PointwiseProgram p;
        int a = p.input(DType::kHalf), b = p.input(DType::kFloat), c = p.input(DType::kHalf);
        p.output(p.unary(PwOp::kRelu, p.fma(a, b, c)), DType::kHalf);
        p.output(p.binary(PwOp::kAdd, a, b), DType::kFloat);
        struct {
            std::vector<int64_t> dims;
            std::vector<std::vector<int64_t>> strides;  // three inputs, two outputs
        } cases[] = {
            {{3, 5, 16}, {{80, 16, 1}, {0, 0, 1}, {0, 1, 0}, {80, 16, 1}, {80, 16, 1}}},
            {{3, 5, 7}, {{35, 7, 1}, {0, 1, 0}, {0, 0, 0}, {35, 7, 1}, {35, 7, 1}}},
            {{4, 6, 8}, {{1, 4, 24}, {48, 8, 1}, {0, 8, 1}, {48, 8, 1}, {1, 4, 24}}},
            {{2, 3, 4, 5}, {{60, 20, 5, 1}, {1, 2, 6, 24}, {0, 0, 0, 1}, {60, 20, 5, 1}, {60, 20, 5, 1}}},
            {{1000}, {{1}, {1}, {0}, {1}, {1}}},
            {{8, 100}, {{128, 1}, {100, 1}, {0, 1}, {112, 1}, {100, 1}}},
        };
        for (auto& test : cases) {
            size_t rank = test.dims.size();
            auto extent = [&](const std::vector<int64_t>& s) {
                int64_t n = 1;
                for (size_t d = 0; d < rank; ++d) n += (test.dims[d] - 1) * s[d];
                return n;
            };
            DType types[] = {DType::kHalf, DType::kFloat, DType::kHalf, DType::kHalf, DType::kFloat};
            std::vector<Tensor> t;
            for (size_t k = 0; k < 5; ++k)
                t.push_back(k < 3 ? Tensor::random(types[k], extent(test.strides[k]), static_cast<uint32_t>(k))
                                  : Tensor::poisoned(types[k], extent(test.strides[k])));
            std::vector<std::span<const int64_t>> in(test.strides.begin(), test.strides.begin() + 3),
                out(test.strides.begin() + 3, test.strides.end());
            std::vector<double> want0, want1;
            for (int64_t i = 0; i < t[3].count; ++i) want0.push_back(t[3].get(i));
            for (int64_t i = 0; i < t[4].count; ++i) want1.push_back(t[4].get(i));
            runPlan(pointwise(p, test.dims, in, out),
                    {{0, &t[0]}, {1, &t[1]}, {2, &t[2]}, {kOutput, &t[3]}, {kOutput + 1, &t[4]}});
            int64_t count = 1;
            for (int64_t d : test.dims) count *= d;
            for (int64_t e = 0; e < count; ++e) {
                int64_t rest = e, at[5] = {};
                for (size_t d = rank; d-- > 0; rest /= test.dims[d])
                    for (size_t k = 0; k < 5; ++k) at[k] += rest % test.dims[d] * test.strides[k][d];
                want0[static_cast<size_t>(at[3])] = std::max(0.0, t[0].get(at[0]) * t[1].get(at[1]) + t[2].get(at[2]));
                want1[static_cast<size_t>(at[4])] = t[0].get(at[0]) + t[1].get(at[1]);
            }
            expectNear(t[3], want0, 0x1p-11 + 1e-6, 1e-6, "first output");
            expectNear(t[4], want1, 1e-6, 1e-6, "second output");
        }
    });
}

TEST(GpuCopy, TransposesAndStrides) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        struct {
            std::vector<int64_t> dims;
            std::vector<int> perm;
        } cases[] = {{{64, 48}, {1, 0}},
                     {{3, 65, 33}, {0, 2, 1}},
                     {{2, 30, 20, 17}, {0, 2, 3, 1}},
                     {{2, 3, 40, 50}, {3, 1, 2, 0}},
                     {{5, 7}, {0, 1}},
                     {{4, 12, 100, 64}, {0, 2, 1, 3}},
                     {{2, 16, 3, 16, 16}, {0, 2, 1, 4, 3}}};
        for (auto& test : cases)
            for (DType type : {DType::kUint8, DType::kHalf, DType::kFloat, DType::kInt64}) {
                int64_t count = 1;
                for (int64_t d : test.dims) count *= d;
                Tensor x = Tensor::random(type, count, 3, 0, 200), y = Tensor::poisoned(type, count);
                runPlan(transpose(test.dims, test.perm, bitsOf(type) / 8), {{0, &x}, {kOutput, &y}});
                size_t rank = test.dims.size();
                std::vector<int64_t> strides(rank);
                int64_t step = 1;
                for (size_t d = rank; d-- > 0; step *= test.dims[d]) strides[d] = step;
                std::vector<double> want;
                for (int64_t e = 0; e < count; ++e) {
                    int64_t rest = e, at = 0;
                    for (size_t d = rank; d-- > 0;) {
                        size_t s = static_cast<size_t>(test.perm[d]);
                        at += rest % test.dims[s] * strides[s];
                        rest /= test.dims[s];
                    }
                    want.push_back(x.get(at));
                }
                expectNear(y, want, 0, 0, fmt::format("transpose of {} dims, {}", rank, toString(type)));
            }
    });
}

}  // namespace
}  // namespace lathe::cuda

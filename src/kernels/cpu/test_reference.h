// SPDX-License-Identifier: Apache-2.0
// For kernel tests: seeded data, the epilogue in double precision, and the comparison with an error bound that follows
// from the length of the sums.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "kernels/cpu/epilogue.h"

namespace lathe::cpu {

inline std::vector<float> randomFloats(int64_t n, uint32_t seed, float lo = -1, float hi = 1) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> dist(lo, hi);
    std::vector<float> v(static_cast<size_t>(n));
    for (float& x : v) x = dist(engine);
    return v;
}

inline double activationReference(Activation a, double x, double alpha, double beta) {
    switch (a) {
        case Activation::kNone: return x;
        case Activation::kRelu: return std::max(0.0, x);
        case Activation::kLeakyRelu: return x < 0 ? alpha * x : x;
        case Activation::kClip: return std::min(std::max(x, alpha), beta);
        case Activation::kHardSigmoid: return std::min(std::max(alpha * x + beta, 0.0), 1.0);
        case Activation::kHardSwish: return x * std::min(std::max(alpha * x + beta, 0.0), 1.0);
        case Activation::kSigmoid: return 1 / (1 + std::exp(-x));
        case Activation::kSilu: return x / (1 + std::exp(-x));
        case Activation::kTanh: return alpha * std::tanh(beta * x);
        case Activation::kGeluErf: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
        case Activation::kGeluTanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
        case Activation::kElu: return x < 0 ? alpha * std::expm1(x) : x;
        case Activation::kSelu: return beta * (x < 0 ? alpha * std::expm1(x) : x);
        case Activation::kSoftplus: return alpha * std::log1p(std::exp(beta * x));
        case Activation::kMish: return x * std::tanh(std::log1p(std::exp(x)));
        case Activation::kSoftsign: return x / (1 + std::abs(x));
        case Activation::kThresholdedRelu: return x > alpha ? x : 0;
    }
    return NAN;
}

// A sum and the sum of its terms' magnitudes, which scales its rounding error.
struct ReferenceSum {
    double value = 0, magnitude = 0;
    void add(double a, double b) {
        value += a * b;
        magnitude += std::abs(a * b);
    }
};

struct Expected {
    double value = 0, tolerance = 0;
};

// The epilogue on an exact sum of `length` products. Each addition of a float sum errs by at most eps/2 of the
// magnitude so far, so `length` of them by less than eps * length * magnitude / 2; `slack` scales that for algorithms
// which trade accuracy. Activations here have slope below 2 and an error of a few units in the last place of their own.
inline Expected expectedOf(const ReferenceSum& sum, int64_t length, const Epilogue& e, int64_t channel, int64_t row,
                           float residual, double slack = 1) {
    const double eps = 1.1920929e-7;
    double scale = e.accScale * (e.scale ? static_cast<double>(e.scale[e.perRow ? row : channel]) : 1.0);
    double bias = e.bias ? e.bias[e.perRow ? row : channel] : 0.0;
    double x = sum.value * scale + bias, magnitude = sum.magnitude * std::abs(scale) + std::abs(bias);
    if (e.residual && !e.residualAfter) {
        x += residual;
        magnitude += std::abs(residual);
    }
    double error = slack * eps * (static_cast<double>(length) / 2 + 3) * magnitude;
    double slope = 1;
    switch (e.activation) {
        case Activation::kNone:
        case Activation::kRelu:
        case Activation::kClip: break;
        case Activation::kThresholdedRelu: break;
        default:
            slope = 2 * std::max({1.0, std::abs(static_cast<double>(e.alpha)),
                                  std::abs(static_cast<double>(e.alpha * e.beta))});
    }
    Expected r;
    r.value = activationReference(e.activation, x, e.alpha, e.beta);
    r.tolerance = error * slope + (slope > 1 ? 8 * eps * (1e-2 + std::abs(r.value)) : 0);
    // At a threshold the error may decide either way.
    if (e.activation == Activation::kThresholdedRelu && std::abs(x - e.alpha) <= error) r.tolerance += std::abs(x);
    if (e.residual && e.residualAfter) {
        r.value += residual;
        r.tolerance += eps * std::abs(r.value) + eps * std::abs(residual);
    }
    r.tolerance += eps * std::abs(r.value);
    return r;
}

inline bool closeTo(float got, const Expected& want) {
    return std::abs(static_cast<double>(got) - want.value) <= want.tolerance;
}

}  // namespace lathe::cpu

// SPDX-License-Identifier: Apache-2.0
// Activations that a kernel applies to a result before it stores it; the same for every backend.
#pragma once

#include <cstdint>

namespace lathe::kernels {

// Values may be written to plans: never renumber.
enum class Activation : int32_t {
    kNone = 0,
    kRelu = 1,         // max(0, x)
    kLeakyRelu = 2,    // x < 0 ? alpha x : x
    kClip = 3,         // clamp(x, alpha, beta); ReLU6 is alpha 0, beta 6
    kHardSigmoid = 4,  // clamp(alpha x + beta, 0, 1)
    kHardSwish = 5,    // x clamp(alpha x + beta, 0, 1); the usual one is alpha 1/6, beta 1/2
    kSigmoid = 6,
    kSilu = 7,  // x sigmoid(x)
    kTanh = 8,  // alpha tanh(beta x)
    kGeluErf = 9,
    kGeluTanh = 10,
    kElu = 11,              // x < 0 ? alpha (exp(x) - 1) : x
    kSelu = 12,             // beta * (x < 0 ? alpha (exp(x) - 1) : x)
    kSoftplus = 13,         // alpha log(1 + exp(beta x))
    kMish = 14,             // x tanh(log(1 + exp(x)))
    kSoftsign = 15,         // x / (1 + |x|)
    kThresholdedRelu = 16,  // x > alpha ? x : 0
};
inline constexpr int kActivationCount = 17;

}  // namespace lathe::kernels

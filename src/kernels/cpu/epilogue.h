// SPDX-License-Identifier: Apache-2.0
// What a kernel does to a result before it stores it; the same for GEMM, convolution and every other kernel that takes
// one.
#pragma once

#include <cstdint>

namespace lathe::cpu {

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

// y = act(accScale * scale[n] * x + bias + r) with r the residual, or act(…) + r where residualAfter.
// n counts columns of C in a GEMM and output channels in a convolution.
struct Epilogue {
    float accScale = 1.0f;
    const float* scale = nullptr;  // one a column of C (output channel), or null for 1
    const float* bias = nullptr;   // one a column of C (output channel), or null for 0
    bool perRow = false;           // GEMM only: scale and bias have one a row of C instead
    // It may be the output itself (C += …). A convolution's residual has exactly the output's layout; a GEMM's has its
    // own leading dimension here and batch strides in GemmShape.
    const float* residual = nullptr;
    int64_t ldResidual = 0;
    bool residualAfter = false;
    Activation activation = Activation::kNone;
    float alpha = 1.0f;
    float beta = 1.0f;
};

}  // namespace lathe::cpu

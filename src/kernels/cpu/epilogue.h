// SPDX-License-Identifier: Apache-2.0
// What a kernel does to a result before it stores it; the same for GEMM, convolution and every other kernel that takes
// one.
#pragma once

#include <cstdint>

#include "kernels/activation.h"

namespace lathe::cpu {

using kernels::Activation;
using kernels::kActivationCount;

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

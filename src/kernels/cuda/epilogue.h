// SPDX-License-Identifier: Apache-2.0
// What a GEMM or convolution does to a result before it stores it: the same description as on the CPU
// (kernels/cpu/epilogue.h), with types instead of addresses, since it becomes part of the kernel's text.
#pragma once

#include <optional>

#include "kernels/activation.h"
#include "kernels/cuda/launch.h"

namespace lathe::cuda {

// y = act(accScale * scale[c] * x + bias[c] + r), or act(…) + r where residualAfter; c is the column of C (the output
// channel), or its row where perRow.
struct Epilogue {
    float accScale = 1.0f;
    std::optional<DType> scale = {}, bias = {}, residual = {};  // their types: f32, f16 or bf16
    bool perRow = false;
    bool residualAfter = false;
    kernels::Activation activation = kernels::Activation::kNone;
    float alpha = 1.0f, beta = 1.0f;
};
// Operands of a plan with an epilogue.
inline constexpr int kOperandA = 0, kOperandB = 1, kOperandScale = 2, kOperandBias = 3, kOperandResidual = 4;

// An expression of the activation over `x`.
std::string activationText(kernels::Activation activation, float alpha, float beta, std::string_view x);
// `DEV float activate(float x)` and the macros HAS_SCALE, SCALE_T, HAS_BIAS, BIAS_T, HAS_RESIDUAL, RESIDUAL_T,
// RESIDUAL_AFTER, PER_ROW.
std::string epilogueText(const Epilogue& e);
// kUnsupported when a type is not one of f32, f16 and bf16.
Status checkEpilogue(const Epilogue& e);

}  // namespace lathe::cuda

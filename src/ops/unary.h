// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// What it computes from x, with a = alpha and b = beta. No defaults: who makes the node sets those that the kind reads.
enum class UnaryKind : int64_t {
    kExp,
    kLog,
    kSqrt,
    kReciprocal,
    kAbs,
    kNeg,
    kSign,  // sign: -1, 0 or 1; NaN stays NaN
    kSin,
    kCos,
    kTan,
    kSinh,
    kCosh,
    kAsin,
    kAcos,
    kAtan,
    kAsinh,
    kAcosh,
    kAtanh,
    kCeil,
    kFloor,
    kRound,  // round: halves to the even neighbour
    kErf,
    kNot,     // of bool
    kBitNot,  // of integers
    kIsInf,   // a != 0: finds +inf; b != 0: finds -inf
    kIsNan,
    kRelu,
    kSigmoid,
    kTanh,
    kLeakyRelu,        // x < 0 ? a*x : x
    kElu,              // x < 0 ? a*(e^x - 1) : x
    kSelu,             // b * (x > 0 ? x : a*(e^x - 1))
    kSoftsign,         // x / (1 + |x|)
    kSoftplus,         // a * log(e^(b*x) + 1)
    kClip,             // min(max(x, a), b)
    kHardSigmoid,      // max(0, min(1, a*x + b))
    kScaledTanh,       // a * tanh(b*x)
    kThresholdedRelu,  // x > a ? x : 0
    kGeluErf,
    kGeluTanh,
    kHardSwish,  // x * max(0, min(1, x/6 + 1/2))
    kSilu,       // x * sigmoid(a*x); a = 0 means 1
    kMish,       // x * tanh(log(1 + e^x))
    kCelu,       // max(0, x) + min(0, a*(e^(x/a) - 1))
    kShrink,     // x < -a ? x + b : x > a ? x - b : 0
    kLogSigmoid,
};
inline constexpr const char* kUnaryNames[] = {"exp",         "log",
                                              "sqrt",        "reciprocal",
                                              "abs",         "neg",
                                              "sign",        "sin",
                                              "cos",         "tan",
                                              "sinh",        "cosh",
                                              "asin",        "acos",
                                              "atan",        "asinh",
                                              "acosh",       "atanh",
                                              "ceil",        "floor",
                                              "round",       "erf",
                                              "not",         "bit_not",
                                              "is_inf",      "is_nan",
                                              "relu",        "sigmoid",
                                              "tanh",        "leaky_relu",
                                              "elu",         "selu",
                                              "softsign",    "softplus",
                                              "clip",        "hard_sigmoid",
                                              "scaled_tanh", "thresholded_relu",
                                              "gelu_erf",    "gelu_tanh",
                                              "hard_swish",  "silu",
                                              "mish",        "celu",
                                              "shrink",      "log_sigmoid"};
inline constexpr int kUnaryCount = 46;
static_assert(std::size(kUnaryNames) == kUnaryCount && static_cast<int>(UnaryKind::kLogSigmoid) == kUnaryCount - 1);

// unary: one function of every element of x; the output has x's shape and type (is_inf and is_nan: bool).
// Types: f32, f16, bf16; abs, sign and clip also i8, u8, i32, i64; neg and relu also the signed ones (the smallest
// integer is its own negative); bit_not only integers; not only bool. NaN goes through wherever x itself can be the
// result.
struct UnaryAttrs : ir::AttrsOf<UnaryAttrs> {
    UnaryKind kind = UnaryKind::kRelu;
    double alpha = 0, beta = 0;
    void fields(ir::AttrVisitor& f) {
        f("kind", kind, kUnaryNames);
        f("alpha", alpha);
        f("beta", beta);
    }
};

extern const ir::Op* const op_unary;

}  // namespace lathe::ops

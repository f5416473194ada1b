// SPDX-License-Identifier: Apache-2.0
// Activations of epilogue.h on vectors. Included by isa/*.cc only.
#pragma once

#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/isa/simd.h"

namespace lathe::cpu::LATHE_ISA {

template <Activation kAct>
LATHE_INLINE F activate(F x, F alpha, F beta) {
    F nought = set(0.0f), one = set(1.0f);
    if constexpr (kAct == Activation::kRelu) return max(nought, x);
    if constexpr (kAct == Activation::kLeakyRelu) return select(lessThan(x, nought), x * alpha, x);
    if constexpr (kAct == Activation::kClip) return clamp(x, alpha, beta);
    if constexpr (kAct == Activation::kHardSigmoid) return clamp(fma(x, alpha, beta), nought, one);
    if constexpr (kAct == Activation::kHardSwish) return x * clamp(fma(x, alpha, beta), nought, one);
    if constexpr (kAct == Activation::kSigmoid) return sigmoid(x);
    if constexpr (kAct == Activation::kSilu) return silu(x);
    if constexpr (kAct == Activation::kTanh) return alpha * tanh(beta * x);
    if constexpr (kAct == Activation::kGeluErf) return geluErf(x);
    if constexpr (kAct == Activation::kGeluTanh) return geluTanh(x);
    if constexpr (kAct == Activation::kElu) return select(lessThan(x, nought), alpha * expm1(x), x);
    if constexpr (kAct == Activation::kSelu) return beta * select(lessThan(x, nought), alpha * expm1(x), x);
    if constexpr (kAct == Activation::kSoftplus) return alpha * softplus(beta * x);
    if constexpr (kAct == Activation::kMish) return mish(x);
    if constexpr (kAct == Activation::kSoftsign) return x / (one + abs(x));
    if constexpr (kAct == Activation::kThresholdedRelu)
        return select(lessThan(alpha, x), x, select(equal(x, x), nought, x));
    return x;
}

// Whether a clamp to [lo, hi] is all of it.
LATHE_INLINE bool isClamp(Activation a) {
    return a == Activation::kNone || a == Activation::kRelu || a == Activation::kClip;
}
LATHE_INLINE float clampLow(const Epilogue& e) {
    return e.activation == Activation::kNone ? -__builtin_inff() : e.activation == Activation::kRelu ? 0.0f : e.alpha;
}
LATHE_INLINE float clampHigh(const Epilogue& e) {
    return e.activation == Activation::kClip ? e.beta : __builtin_inff();
}

// Calls fn.template operator()<kAct>() for the activation's constant.
template <class Fn>
LATHE_INLINE void withActivation(Activation a, Fn&& fn) {
    switch (a) {
        case Activation::kNone: return fn.template operator()<Activation::kNone>();
        case Activation::kRelu: return fn.template operator()<Activation::kRelu>();
        case Activation::kLeakyRelu: return fn.template operator()<Activation::kLeakyRelu>();
        case Activation::kClip: return fn.template operator()<Activation::kClip>();
        case Activation::kHardSigmoid: return fn.template operator()<Activation::kHardSigmoid>();
        case Activation::kHardSwish: return fn.template operator()<Activation::kHardSwish>();
        case Activation::kSigmoid: return fn.template operator()<Activation::kSigmoid>();
        case Activation::kSilu: return fn.template operator()<Activation::kSilu>();
        case Activation::kTanh: return fn.template operator()<Activation::kTanh>();
        case Activation::kGeluErf: return fn.template operator()<Activation::kGeluErf>();
        case Activation::kGeluTanh: return fn.template operator()<Activation::kGeluTanh>();
        case Activation::kElu: return fn.template operator()<Activation::kElu>();
        case Activation::kSelu: return fn.template operator()<Activation::kSelu>();
        case Activation::kSoftplus: return fn.template operator()<Activation::kSoftplus>();
        case Activation::kMish: return fn.template operator()<Activation::kMish>();
        case Activation::kSoftsign: return fn.template operator()<Activation::kSoftsign>();
        case Activation::kThresholdedRelu: return fn.template operator()<Activation::kThresholdedRelu>();
    }
}

}  // namespace lathe::cpu::LATHE_ISA

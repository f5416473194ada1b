// SPDX-License-Identifier: Apache-2.0
// Floating-point tile kernels; the integer ones are in pointwise_int.cc, loads and stores in pointwise_storage.cc.
#include "kernels/cpu/pointwise_table.h"

#include "kernels/cpu/isa/pointwise_parts.h"
#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// ---- one argument: fn(x, alpha, beta) ---------------------------------------------------------------------------

using Unary = F (*)(F, F, F);
template <Unary fn>
void unary(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    float* d = static_cast<float*>(t.d);
    F alpha = set(t.alpha), beta = set(t.beta);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) store(d + i, fn(load(a + i), alpha, beta));
    if (int rest = static_cast<int>(t.n - i)) storeN(d + i, fn(loadN(a + i, rest), alpha, beta), rest);
}

using Scalar = float (*)(float);
template <Scalar fn>
void perElement(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    float* d = static_cast<float*>(t.d);
    for (int64_t i = 0; i < t.n; ++i) d[i] = fn(a[i]);
}

LATHE_INLINE void storeMask(int32_t* d, M m, int n) {
    I v = select(m, broadcastI(1), broadcastI(0));
    if (n == kLanes)
        store(d, v);
    else
        storeN(d, v, n);
}

using UnaryMask = M (*)(F, F, F);
template <UnaryMask fn>
void unaryMask(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    int32_t* d = static_cast<int32_t*>(t.d);
    F alpha = set(t.alpha), beta = set(t.beta);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) storeMask(d + i, fn(load(a + i), alpha, beta), kLanes);
    if (int rest = static_cast<int>(t.n - i)) storeMask(d + i, fn(loadN(a + i, rest), alpha, beta), rest);
}

LATHE_INLINE M isTrue(F x) { return lessThan(x, zero()) | lessThan(zero(), x); }
LATHE_INLINE M notM(M m) { return equal(select(m, broadcastI(1), broadcastI(0)), broadcastI(0)); }

F opAbs(F x, F, F) { return abs(x); }
F opNeg(F x, F, F) { return negate(x); }
F opSign(F x, F, F) {
    F r = select(lessThan(x, zero()), set(-1.0f), x);
    return select(lessThan(zero(), x), set(1.0f), r);  // zero and NaN stay
}
M opToBool(F x, F, F) { return notM(equal(x, zero())); }
M opIsNan(F x, F, F) { return notM(equal(x, x)); }
M opIsInf(F x, F alpha, F beta) {
    F inf = set(__builtin_inff());
    return (equal(x, inf) & isTrue(alpha)) | (equal(x, negate(inf)) & isTrue(beta));
}
F opRoundF16(F x, F, F) {
    uint16_t bits[kLanes];
    storeF16(bits, x);
    return loadF16(bits);
}
F opRoundBf16(F x, F, F) {
    uint16_t bits[kLanes];
    storeBf16(bits, x);
    return loadBf16(bits);
}
F opExp(F x, F, F) { return exp(x); }
F opExpm1(F x, F, F) { return expm1(x); }
F opLog(F x, F, F) { return log(x); }
F opLog1p(F x, F, F) { return log1p(x); }
F opSqrt(F x, F, F) { return sqrt(x); }
F opRsqrt(F x, F, F) { return set(1.0f) / sqrt(x); }
F opRecip(F x, F, F) { return set(1.0f) / x; }
F opTanh(F x, F, F) { return tanh(x); }
F opErf(F x, F, F) { return erf(x); }
F opCeil(F x, F, F) { return ceil(x); }
F opFloor(F x, F, F) { return floor(x); }
F opRound(F x, F, F) { return round(x); }
F opTrunc(F x, F, F) { return trunc(x); }
F opRelu(F x, F, F) { return max(zero(), x); }
F opSigmoid(F x, F, F) { return sigmoid(x); }
F opLeakyRelu(F x, F alpha, F) { return select(lessThan(x, zero()), x * alpha, x); }
F opElu(F x, F alpha, F) { return select(lessThan(x, zero()), alpha * expm1(x), x); }
F opSelu(F x, F alpha, F beta) { return beta * opElu(x, alpha, beta); }
F opCelu(F x, F alpha, F) { return select(lessThan(x, zero()), alpha * expm1(x / alpha), x); }
F opSoftsign(F x, F, F) { return x / (set(1.0f) + abs(x)); }
F opSoftplus(F x, F alpha, F beta) { return alpha * softplus(beta * x); }
F opClip(F x, F alpha, F beta) { return clamp(x, alpha, beta); }
F opHardSigmoid(F x, F alpha, F beta) { return clamp(fma(alpha, x, beta), zero(), set(1.0f)); }
F opHardSwish(F x, F, F) { return x * clamp(fma(x, set(1.0f / 6), set(0.5f)), zero(), set(1.0f)); }
F opScaledTanh(F x, F alpha, F beta) { return alpha * tanh(beta * x); }
F opThresholdedRelu(F x, F alpha, F) { return select(lessEqual(x, alpha), zero(), x); }
F opGeluErf(F x, F, F) { return geluErf(x); }
F opGeluTanh(F x, F, F) { return geluTanh(x); }
F opSilu(F x, F alpha, F) { return x * sigmoid(alpha * x); }
F opMish(F x, F, F) { return mish(x); }
F opShrink(F x, F alpha, F beta) {
    F inside = select(equal(x, x), zero(), x);
    F r = select(lessThan(x, negate(alpha)), x + beta, inside);
    return select(lessThan(alpha, x), x - beta, r);
}
F opAffine(F x, F alpha, F beta) { return fma(alpha, x, beta); }

float opTan(float x) { return __builtin_tanf(x); }
float opSinh(float x) { return __builtin_sinhf(x); }
float opCosh(float x) { return __builtin_coshf(x); }
float opAsin(float x) { return __builtin_asinf(x); }
float opAcos(float x) { return __builtin_acosf(x); }
float opAtan(float x) { return __builtin_atanf(x); }
float opAsinh(float x) { return __builtin_asinhf(x); }
float opAcosh(float x) { return __builtin_acoshf(x); }
float opAtanh(float x) { return __builtin_atanhf(x); }

template <bool kCos>
LATHE_INLINE F trig(F x) {
    SinCos r = sinCos(x);
    F v = kCos ? r.cos : r.sin;
    uint32_t far = bits(lessThan(set(kTrigLimit), abs(x)));
    if (far) [[unlikely]] {
        float in[kLanes], out[kLanes];
        store(in, x);
        store(out, v);
        for (int i = 0; i < kLanes; ++i)
            if (far >> i & 1) out[i] = kCos ? __builtin_cosf(in[i]) : __builtin_sinf(in[i]);
        v = load(out);
    }
    return v;
}
F opSin(F x, F, F) { return trig<false>(x); }
F opCos(F x, F, F) { return trig<true>(x); }

// ---- two arguments ------------------------------------------------------------------------------------------------

template <bool kUniform>
LATHE_INLINE F operand(const float* p, int64_t i) {
    return kUniform ? broadcastAt(p) : load(p + i);
}
template <bool kUniform>
LATHE_INLINE F operandN(const float* p, int64_t i, int n) {
    return kUniform ? broadcastAt(p) : loadN(p + i, n);
}

using Binary = F (*)(F, F);
template <Binary fn, bool kA, bool kB>
void binary(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    const float* b = static_cast<const float*>(t.b);
    float* d = static_cast<float*>(t.d);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) store(d + i, fn(operand<kA>(a, i), operand<kB>(b, i)));
    if (int rest = static_cast<int>(t.n - i))
        storeN(d + i, fn(operandN<kA>(a, i, rest), operandN<kB>(b, i, rest)), rest);
}
template <Binary fn>
TileFn binaryFor(unsigned uniform) {
    return uniform & 1 ? binary<fn, true, false> : uniform & 2 ? binary<fn, false, true> : binary<fn, false, false>;
}

using Compare = M (*)(F, F);
template <Compare fn, bool kA, bool kB>
void compare(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    const float* b = static_cast<const float*>(t.b);
    int32_t* d = static_cast<int32_t*>(t.d);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) storeMask(d + i, fn(operand<kA>(a, i), operand<kB>(b, i)), kLanes);
    if (int rest = static_cast<int>(t.n - i))
        storeMask(d + i, fn(operandN<kA>(a, i, rest), operandN<kB>(b, i, rest)), rest);
}
template <Compare fn>
TileFn compareFor(unsigned uniform) {
    return uniform & 1 ? compare<fn, true, false> : uniform & 2 ? compare<fn, false, true> : compare<fn, false, false>;
}

F opAdd(F a, F b) { return a + b; }
F opSub(F a, F b) { return a - b; }
F opMul(F a, F b) { return a * b; }
F opDiv(F a, F b) { return a / b; }
F opMin(F a, F b) { return minNan(a, b); }
F opMax(F a, F b) { return maxNan(a, b); }
F opFloorDiv(F a, F b) { return floor(a / b); }
F opPrelu(F a, F b) { return select(lessThan(a, zero()), a * b, a); }
M opEqual(F a, F b) { return equal(a, b); }
M opNotEqual(F a, F b) { return notM(equal(a, b)); }
M opLess(F a, F b) { return lessThan(a, b); }
M opLessEqual(F a, F b) { return lessEqual(a, b); }
M opGreater(F a, F b) { return lessThan(b, a); }
M opGreaterEqual(F a, F b) { return lessEqual(b, a); }

using BinaryScalar = float (*)(float, float);
template <BinaryScalar fn>
void binaryPerElement(const TileArgs& t, bool uniformA, bool uniformB) {
    const float* a = static_cast<const float*>(t.a);
    const float* b = static_cast<const float*>(t.b);
    float* d = static_cast<float*>(t.d);
    float firstA = *a, firstB = *b;  // d may be a or b
    for (int64_t i = 0; i < t.n; ++i) d[i] = fn(uniformA ? firstA : a[i], uniformB ? firstB : b[i]);
}
template <BinaryScalar fn, bool kA, bool kB>
void binaryPerElement(const TileArgs& t) {
    binaryPerElement<fn>(t, kA, kB);
}
template <BinaryScalar fn>
TileFn perElementFor(unsigned uniform) {
    return uniform & 1   ? binaryPerElement<fn, true, false>
           : uniform & 2 ? binaryPerElement<fn, false, true>
                         : binaryPerElement<fn, false, false>;
}
float opFmod(float a, float b) { return __builtin_fmodf(a, b); }
float opMod(float a, float b) {
    float r = __builtin_fmodf(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
float opPow(float a, float b) { return __builtin_powf(a, b); }

F power2(F x, F, F) { return x * x; }
F power3(F x, F, F) { return x * x * x; }
F power1(F x, F, F) { return x; }
F power0(F, F, F) { return set(1.0f); }
F powerHalf(F x, F, F) {
    // pow, unlike sqrt, takes -0 to 0 and -infinity to infinity.
    return select(equal(x, set(-__builtin_inff())), set(__builtin_inff()), sqrt(x + zero()));
}
F powerMinusHalf(F x, F a, F b) { return set(1.0f) / powerHalf(x, a, b); }
void powUniform(const TileArgs& t) {
    float e = *static_cast<const float*>(t.b);
    if (e == 2) return unary<power2>(t);
    if (e == 3) return unary<power3>(t);
    if (e == 0.5f) return unary<powerHalf>(t);
    if (e == -0.5f) return unary<powerMinusHalf>(t);
    if (e == 1) return unary<power1>(t);
    if (e == -1) return unary<opRecip>(t);
    if (e == 0) return unary<power0>(t);
    binaryPerElement<opPow>(t, false, true);
}

// ---- three arguments ----------------------------------------------------------------------------------------------

template <bool kA, bool kB, bool kC>
void fusedMultiplyAdd(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    const float* b = static_cast<const float*>(t.b);
    const float* c = static_cast<const float*>(t.c);
    float* d = static_cast<float*>(t.d);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) store(d + i, fma(operand<kA>(a, i), operand<kB>(b, i), operand<kC>(c, i)));
    if (int rest = static_cast<int>(t.n - i))
        storeN(d + i, fma(operandN<kA>(a, i, rest), operandN<kB>(b, i, rest), operandN<kC>(c, i, rest)), rest);
}
TileFn fmaFor(unsigned uniform) {
    switch (uniform & 7) {
        case 1: return fusedMultiplyAdd<true, false, false>;
        case 2: return fusedMultiplyAdd<false, true, false>;
        case 3: return fusedMultiplyAdd<true, true, false>;
        case 4: return fusedMultiplyAdd<false, false, true>;
        case 5: return fusedMultiplyAdd<true, false, true>;
        case 6: return fusedMultiplyAdd<false, true, true>;
        default: return fusedMultiplyAdd<false, false, false>;
    }
}

void f32ToI32(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    int32_t* d = static_cast<int32_t*>(t.d);
    auto convert = [](F x) {
        F whole = max(set(-2147483648.0f), select(equal(x, x), x, zero()));
        return select(lessThan(x, set(2147483648.0f)), toIntTruncate(whole),
                      select(equal(x, x), broadcastI(INT32_MAX), broadcastI(0)));
    };
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) store(d + i, convert(load(a + i)));
    if (int rest = static_cast<int>(t.n - i)) storeN(d + i, convert(loadN(a + i, rest)), rest);
}
void i32ToF32(const TileArgs& t) {
    const int32_t* a = static_cast<const int32_t*>(t.a);
    float* d = static_cast<float*>(t.d);
    int64_t i = 0;
    for (; i + kLanes <= t.n; i += kLanes) store(d + i, toFloat(load(a + i)));
    if (int rest = static_cast<int>(t.n - i)) storeN(d + i, toFloat(loadN(a + i, rest)), rest);
}

TileFn floatOp(PwOp op, unsigned uniform) {
    switch (op) {
        case PwOp::kAbs: return unary<opAbs>;
        case PwOp::kNeg: return unary<opNeg>;
        case PwOp::kSign: return unary<opSign>;
        case PwOp::kToBool: return unaryMask<opToBool>;
        case PwOp::kF32ToI32: return f32ToI32;
        case PwOp::kF32ToI64: return f32ToI64Tile();
        case PwOp::kRoundF16: return unary<opRoundF16>;
        case PwOp::kRoundBf16: return unary<opRoundBf16>;
        case PwOp::kRoundFp8: return roundFp8Tile();
        case PwOp::kExp: return unary<opExp>;
        case PwOp::kExpm1: return unary<opExpm1>;
        case PwOp::kLog: return unary<opLog>;
        case PwOp::kLog1p: return unary<opLog1p>;
        case PwOp::kSqrt: return unary<opSqrt>;
        case PwOp::kRsqrt: return unary<opRsqrt>;
        case PwOp::kRecip: return unary<opRecip>;
        case PwOp::kSin: return unary<opSin>;
        case PwOp::kCos: return unary<opCos>;
        case PwOp::kTan: return perElement<opTan>;
        case PwOp::kSinh: return perElement<opSinh>;
        case PwOp::kCosh: return perElement<opCosh>;
        case PwOp::kAsin: return perElement<opAsin>;
        case PwOp::kAcos: return perElement<opAcos>;
        case PwOp::kAtan: return perElement<opAtan>;
        case PwOp::kAsinh: return perElement<opAsinh>;
        case PwOp::kAcosh: return perElement<opAcosh>;
        case PwOp::kAtanh: return perElement<opAtanh>;
        case PwOp::kTanh: return unary<opTanh>;
        case PwOp::kErf: return unary<opErf>;
        case PwOp::kCeil: return unary<opCeil>;
        case PwOp::kFloor: return unary<opFloor>;
        case PwOp::kRound: return unary<opRound>;
        case PwOp::kTrunc: return unary<opTrunc>;
        case PwOp::kIsInf: return unaryMask<opIsInf>;
        case PwOp::kIsNan: return unaryMask<opIsNan>;
        case PwOp::kRelu: return unary<opRelu>;
        case PwOp::kSigmoid: return unary<opSigmoid>;
        case PwOp::kLeakyRelu: return unary<opLeakyRelu>;
        case PwOp::kElu: return unary<opElu>;
        case PwOp::kSelu: return unary<opSelu>;
        case PwOp::kCelu: return unary<opCelu>;
        case PwOp::kSoftsign: return unary<opSoftsign>;
        case PwOp::kSoftplus: return unary<opSoftplus>;
        case PwOp::kClip: return unary<opClip>;
        case PwOp::kHardSigmoid: return unary<opHardSigmoid>;
        case PwOp::kHardSwish: return unary<opHardSwish>;
        case PwOp::kScaledTanh: return unary<opScaledTanh>;
        case PwOp::kThresholdedRelu: return unary<opThresholdedRelu>;
        case PwOp::kGeluErf: return unary<opGeluErf>;
        case PwOp::kGeluTanh: return unary<opGeluTanh>;
        case PwOp::kSilu: return unary<opSilu>;
        case PwOp::kMish: return unary<opMish>;
        case PwOp::kShrink: return unary<opShrink>;
        case PwOp::kAffine: return unary<opAffine>;
        case PwOp::kAdd: return binaryFor<opAdd>(uniform);
        case PwOp::kSub: return binaryFor<opSub>(uniform);
        case PwOp::kMul: return binaryFor<opMul>(uniform);
        case PwOp::kDiv: return binaryFor<opDiv>(uniform);
        case PwOp::kMin: return binaryFor<opMin>(uniform);
        case PwOp::kMax: return binaryFor<opMax>(uniform);
        case PwOp::kPow: return uniform & 2 ? powUniform : perElementFor<opPow>(uniform);
        case PwOp::kFloorDiv: return binaryFor<opFloorDiv>(uniform);
        case PwOp::kMod: return perElementFor<opMod>(uniform);
        case PwOp::kFmod: return perElementFor<opFmod>(uniform);
        case PwOp::kPrelu: return binaryFor<opPrelu>(uniform);
        case PwOp::kEqual: return compareFor<opEqual>(uniform);
        case PwOp::kNotEqual: return compareFor<opNotEqual>(uniform);
        case PwOp::kLess: return compareFor<opLess>(uniform);
        case PwOp::kLessEqual: return compareFor<opLessEqual>(uniform);
        case PwOp::kGreater: return compareFor<opGreater>(uniform);
        case PwOp::kGreaterEqual: return compareFor<opGreaterEqual>(uniform);
        case PwOp::kFma: return fmaFor(uniform);
        default: return nullptr;
    }
}

TileFn findOp(PwOp op, PwType type, unsigned uniform) {
    if (op == PwOp::kSelect) return selectTile(type, uniform);
    if (op == PwOp::kI32ToF32) return type == PwType::kI32 ? i32ToF32 : nullptr;
    if (type == PwType::kF32) return floatOp(op, uniform);
    return intTile(op, type, uniform);
}

}  // namespace

extern const PointwiseTable pointwiseTable;
constinit const PointwiseTable pointwiseTable = {&findOp, &findLoad, &findStore};

}  // namespace lathe::cpu::LATHE_ISA

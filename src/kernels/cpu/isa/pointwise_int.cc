// SPDX-License-Identifier: Apache-2.0
// Integer tile kernels and select: plain loops, vectorized by the compiler. d may equal an operand exactly, never
// overlap it partly, hence the ivdep pragmas.
#include "kernels/cpu/isa/pointwise_parts.h"

#include "base/dtype.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

template <class T>
struct UnsignedOf;
template <>
struct UnsignedOf<int32_t> {
    using type = uint32_t;
    static constexpr int kBits = 32;
    static constexpr int32_t kLowest = INT32_MIN;
};
template <>
struct UnsignedOf<int64_t> {
    using type = uint64_t;
    static constexpr int kBits = 64;
    static constexpr int64_t kLowest = INT64_MIN;
};
template <class T>
using U = typename UnsignedOf<T>::type;

template <class D, class A, D (*fn)(A)>
void unary(const TileArgs& t) {
    const A* a = static_cast<const A*>(t.a);
    D* d = static_cast<D*>(t.d);
#pragma GCC ivdep
    for (int64_t i = 0; i < t.n; ++i) d[i] = fn(a[i]);
}

template <class D, class A, D (*fn)(A, A), bool kA, bool kB>
void binary(const TileArgs& t) {
    const A* a = static_cast<const A*>(t.a);
    const A* b = static_cast<const A*>(t.b);
    D* d = static_cast<D*>(t.d);
    A firstA = *a, firstB = *b;
#pragma GCC ivdep
    for (int64_t i = 0; i < t.n; ++i) d[i] = fn(kA ? firstA : a[i], kB ? firstB : b[i]);
}
template <class D, class A, D (*fn)(A, A)>
TileFn binaryFor(unsigned uniform) {
    return uniform & 1   ? binary<D, A, fn, true, false>
           : uniform & 2 ? binary<D, A, fn, false, true>
                         : binary<D, A, fn, false, false>;
}

template <class T>
T opAbs(T x) {
    return x < 0 ? static_cast<T>(U<T>(0) - static_cast<U<T>>(x)) : x;
}
template <class T>
T opNeg(T x) {
    return static_cast<T>(U<T>(0) - static_cast<U<T>>(x));
}
template <class T>
T opSign(T x) {
    return (x > 0) - (x < 0);
}
template <class T>
T opBitNot(T x) {
    return ~x;
}
template <class T>
int32_t opNot(T x) {
    return x == 0;
}
template <class T>
int32_t opToBool(T x) {
    return x != 0;
}
int32_t opWrapI8(int32_t x) { return static_cast<int8_t>(x); }
int32_t opWrapU8(int32_t x) { return static_cast<uint8_t>(x); }
int64_t opWiden(int32_t x) { return x; }
int32_t opNarrow(int64_t x) { return static_cast<int32_t>(x); }
float opToFloat(int64_t x) { return static_cast<float>(x); }

template <class T>
T opAdd(T a, T b) {
    return static_cast<T>(static_cast<U<T>>(a) + static_cast<U<T>>(b));
}
template <class T>
T opSub(T a, T b) {
    return static_cast<T>(static_cast<U<T>>(a) - static_cast<U<T>>(b));
}
template <class T>
T opMul(T a, T b) {
    return static_cast<T>(static_cast<U<T>>(a) * static_cast<U<T>>(b));
}
// The lowest number divided by -1 wraps to itself; the processor would trap on it.
template <class T>
T opDiv(T a, T b) {
    return b == 0 ? 0 : b == -1 ? opNeg(a) : a / b;
}
template <class T>
T opFmod(T a, T b) {
    return b == 0 || b == -1 ? 0 : a % b;
}
template <class T>
T opMod(T a, T b) {
    T r = opFmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
template <class T>
T opFloorDiv(T a, T b) {
    if (b == 0) return 0;
    T q = opDiv(a, b);
    return opFmod(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
template <class T>
T opMin(T a, T b) {
    return a < b ? a : b;
}
template <class T>
T opMax(T a, T b) {
    return a > b ? a : b;
}
template <class T>
T opPow(T a, T b) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? ((b & 1) ? -1 : 1) : 0;
    U<T> r = 1, x = static_cast<U<T>>(a);
    for (U<T> e = static_cast<U<T>>(b); e != 0; e >>= 1, x *= x)
        if (e & 1) r *= x;
    return static_cast<T>(r);
}
template <class T>
T opAnd(T a, T b) {
    return a & b;
}
template <class T>
T opOr(T a, T b) {
    return a | b;
}
template <class T>
T opXor(T a, T b) {
    return a ^ b;
}
template <class T>
T opShl(T a, T b) {
    return b < 0 || b >= UnsignedOf<T>::kBits ? 0 : static_cast<T>(static_cast<U<T>>(a) << b);
}
template <class T>
T opShr(T a, T b) {
    return b < 0 || b >= UnsignedOf<T>::kBits ? 0 : a >> b;
}
template <class T>
int32_t opEqual(T a, T b) {
    return a == b;
}
template <class T>
int32_t opNotEqual(T a, T b) {
    return a != b;
}
template <class T>
int32_t opLess(T a, T b) {
    return a < b;
}
template <class T>
int32_t opLessEqual(T a, T b) {
    return a <= b;
}
template <class T>
int32_t opGreater(T a, T b) {
    return a > b;
}
template <class T>
int32_t opGreaterEqual(T a, T b) {
    return a >= b;
}

template <class T>
TileFn anyInt(PwOp op, unsigned uniform) {
    switch (op) {
        case PwOp::kAbs: return unary<T, T, opAbs<T>>;
        case PwOp::kNeg: return unary<T, T, opNeg<T>>;
        case PwOp::kSign: return unary<T, T, opSign<T>>;
        case PwOp::kToBool: return unary<int32_t, T, opToBool<T>>;
        case PwOp::kNot: return unary<int32_t, T, opNot<T>>;
        case PwOp::kBitNot: return unary<T, T, opBitNot<T>>;
        case PwOp::kAdd: return binaryFor<T, T, opAdd<T>>(uniform);
        case PwOp::kSub: return binaryFor<T, T, opSub<T>>(uniform);
        case PwOp::kMul: return binaryFor<T, T, opMul<T>>(uniform);
        case PwOp::kDiv: return binaryFor<T, T, opDiv<T>>(uniform);
        case PwOp::kMin: return binaryFor<T, T, opMin<T>>(uniform);
        case PwOp::kMax: return binaryFor<T, T, opMax<T>>(uniform);
        case PwOp::kPow: return binaryFor<T, T, opPow<T>>(uniform);
        case PwOp::kFloorDiv: return binaryFor<T, T, opFloorDiv<T>>(uniform);
        case PwOp::kMod: return binaryFor<T, T, opMod<T>>(uniform);
        case PwOp::kFmod: return binaryFor<T, T, opFmod<T>>(uniform);
        case PwOp::kEqual: return binaryFor<int32_t, T, opEqual<T>>(uniform);
        case PwOp::kNotEqual: return binaryFor<int32_t, T, opNotEqual<T>>(uniform);
        case PwOp::kLess: return binaryFor<int32_t, T, opLess<T>>(uniform);
        case PwOp::kLessEqual: return binaryFor<int32_t, T, opLessEqual<T>>(uniform);
        case PwOp::kGreater: return binaryFor<int32_t, T, opGreater<T>>(uniform);
        case PwOp::kGreaterEqual: return binaryFor<int32_t, T, opGreaterEqual<T>>(uniform);
        case PwOp::kAnd: return binaryFor<T, T, opAnd<T>>(uniform);
        case PwOp::kOr: return binaryFor<T, T, opOr<T>>(uniform);
        case PwOp::kXor: return binaryFor<T, T, opXor<T>>(uniform);
        case PwOp::kShiftLeft: return binaryFor<T, T, opShl<T>>(uniform);
        case PwOp::kShiftRight: return binaryFor<T, T, opShr<T>>(uniform);
        default: return nullptr;
    }
}

template <class T, bool kC, bool kA, bool kB>
void select(const TileArgs& t) {
    const int32_t* c = static_cast<const int32_t*>(t.a);
    const T* a = static_cast<const T*>(t.b);
    const T* b = static_cast<const T*>(t.c);
    T* d = static_cast<T*>(t.d);
    int32_t firstC = *c;
    T firstA = *a, firstB = *b;
#pragma GCC ivdep
    for (int64_t i = 0; i < t.n; ++i) {
        T x = kA ? firstA : a[i], y = kB ? firstB : b[i];
        d[i] = (kC ? firstC : c[i]) != 0 ? x : y;
    }
}
// Values move by their bits, so f32 shares the i32 kernel.
template <class T>
TileFn selectFor(unsigned uniform) {
    switch (uniform & 7) {
        case 1: return select<T, true, false, false>;
        case 2: return select<T, false, true, false>;
        case 3: return select<T, true, true, false>;
        case 4: return select<T, false, false, true>;
        case 5: return select<T, true, false, true>;
        case 6: return select<T, false, true, true>;
        default: return select<T, false, false, false>;
    }
}

void f32ToI64(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    int64_t* d = static_cast<int64_t*>(t.d);
    constexpr float kLimit = 9223372036854775808.0f;
    for (int64_t i = 0; i < t.n; ++i) {
        float x = a[i];
        d[i] = x >= kLimit ? INT64_MAX : x >= -kLimit ? static_cast<int64_t>(x) : x == x ? INT64_MIN : 0;
    }
}

void roundFp8(const TileArgs& t) {
    const float* a = static_cast<const float*>(t.a);
    float* d = static_cast<float*>(t.d);
    for (int64_t i = 0; i < t.n; ++i) {
        Fp8 x(a[i]);
        d[i] = x.operator float();
    }
}

}  // namespace

TileFn intTile(PwOp op, PwType type, unsigned uniform) {
    if (type == PwType::kI32) {
        switch (op) {
            case PwOp::kWrapI8: return unary<int32_t, int32_t, opWrapI8>;
            case PwOp::kWrapU8: return unary<int32_t, int32_t, opWrapU8>;
            case PwOp::kI32ToI64: return unary<int64_t, int32_t, opWiden>;
            default: return anyInt<int32_t>(op, uniform);
        }
    }
    switch (op) {
        case PwOp::kI64ToI32: return unary<int32_t, int64_t, opNarrow>;
        case PwOp::kI64ToF32: return unary<float, int64_t, opToFloat>;
        default: return anyInt<int64_t>(op, uniform);
    }
}

TileFn selectTile(PwType type, unsigned uniform) {
    return type == PwType::kI64 ? selectFor<int64_t>(uniform) : selectFor<int32_t>(uniform);
}
TileFn f32ToI64Tile() { return f32ToI64; }
TileFn roundFp8Tile() { return roundFp8; }

}  // namespace lathe::cpu::LATHE_ISA

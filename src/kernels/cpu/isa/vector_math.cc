// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/vector_math.h"

#include "kernels/cpu/isa/simd.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// Applies kFn to whole vectors, then to the rest through a masked one.
#define LATHE_MAP(name, kFn)                                                 \
    void name(const float* x, float* y, int64_t n) {                         \
        int64_t i = 0;                                                       \
        for (; i + kLanes <= n; i += kLanes) store(y + i, kFn(load(x + i))); \
        int rest = static_cast<int>(n - i);                                  \
        if (rest > 0) storeN(y + i, kFn(loadN(x + i, rest)), rest);          \
    }
LATHE_MAP(mapExp, exp)
LATHE_MAP(mapExpm1, expm1)
LATHE_MAP(mapLog, log)
LATHE_MAP(mapLog1p, log1p)
LATHE_MAP(mapTanh, tanh)
LATHE_MAP(mapErf, erf)
LATHE_MAP(mapSigmoid, sigmoid)
LATHE_MAP(mapSilu, silu)
LATHE_MAP(mapGeluErf, geluErf)
LATHE_MAP(mapGeluTanh, geluTanh)
LATHE_MAP(mapSoftplus, softplus)
LATHE_MAP(mapMish, mish)
#undef LATHE_MAP

// Conversions between element sizes: whole vectors in place, the rest through a padded copy.
template <class From, class To, class Step>
LATHE_INLINE void convert(const From* x, To* y, int64_t n, Step step) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) step(x + i, y + i);
    if (i == n) return;
    From in[kLanes] = {};
    To out[kLanes];
    for (int64_t j = i; j < n; ++j) in[j - i] = x[j];
    step(in, out);
    for (int64_t j = i; j < n; ++j) y[j] = out[j - i];
}

void f16ToF32(const uint16_t* x, float* y, int64_t n) {
    convert(x, y, n, [](const uint16_t* a, float* b) LATHE_LAMBDA { store(b, loadF16(a)); });
}
void f32ToF16(const float* x, uint16_t* y, int64_t n) {
    convert(x, y, n, [](const float* a, uint16_t* b) LATHE_LAMBDA { storeF16(b, load(a)); });
}
void bf16ToF32(const uint16_t* x, float* y, int64_t n) {
    convert(x, y, n, [](const uint16_t* a, float* b) LATHE_LAMBDA { store(b, loadBf16(a)); });
}
void f32ToBf16(const float* x, uint16_t* y, int64_t n) {
    convert(x, y, n, [](const float* a, uint16_t* b) LATHE_LAMBDA { storeBf16(b, load(a)); });
}
// The clamp keeps toInt inside int32, where it would wrap.
void f32ToI8(const float* x, int8_t* y, int64_t n) {
    convert(x, y, n, [](const float* a, int8_t* b) LATHE_LAMBDA {
        storeI8(b, toInt(clamp(load(a), set(-128.0f), set(127.0f))));
    });
}
void f32ToU8(const float* x, uint8_t* y, int64_t n) {
    convert(x, y, n,
            [](const float* a, uint8_t* b) LATHE_LAMBDA { storeU8(b, toInt(clamp(load(a), set(0.0f), set(255.0f)))); });
}

}  // namespace

extern const VectorMathTable vectorMathTable;
constinit const VectorMathTable vectorMathTable = {
    &mapExp,      &mapExpm1,    &mapLog,  &mapLog1p, &mapTanh,  &mapErf,    &mapSigmoid, &mapSilu, &mapGeluErf,
    &mapGeluTanh, &mapSoftplus, &mapMish, &f16ToF32, &f32ToF16, &bf16ToF32, &f32ToBf16,  &f32ToI8, &f32ToU8,
};

}  // namespace lathe::cpu::LATHE_ISA

// SPDX-License-Identifier: Apache-2.0
// Between storage types and tiles. Strided storage goes through a short contiguous buffer.
#include "kernels/cpu/isa/pointwise_parts.h"

#include "base/dtype.h"
#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

template <class To, class From>
using Convert = void (*)(const From* from, To* to, int64_t n);

template <class T>
void toFloats(const T* s, float* d, int64_t n) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(d + i, loadAs(s + i));
    if (int rest = static_cast<int>(n - i)) storeN(d + i, loadAsN(s + i, rest), rest);
}
template <class T>
void fromFloats(const float* s, T* d, int64_t n) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) storeAs(d + i, load(s + i));
    if (int rest = static_cast<int>(n - i)) storeAsN(d + i, loadN(s + i, rest), rest);
}
template <class From, class To>
void integers(const From* s, To* d, int64_t n) {
    for (int64_t i = 0; i < n; ++i) d[i] = static_cast<To>(s[i]);
}
void boolToInt(const uint8_t* s, int32_t* d, int64_t n) {
    for (int64_t i = 0; i < n; ++i) d[i] = s[i] != 0;
}
void intToBool(const int32_t* s, uint8_t* d, int64_t n) {
    for (int64_t i = 0; i < n; ++i) d[i] = s[i] != 0;
}
void fp8ToFloat(const uint8_t* s, float* d, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        Fp8 x;
        x.bits = s[i];
        d[i] = x.operator float();
    }
}
void floatToFp8(const float* s, uint8_t* d, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        Fp8 x(s[i]);
        d[i] = x.bits;
    }
}

constexpr int kBuffer = 256;

template <class From, class To, void (*convert)(const From*, To*, int64_t)>
void loadTile(const void* storage, int64_t stride, void* tile, int64_t n) {
    const From* s = static_cast<const From*>(storage);
    To* d = static_cast<To*>(tile);
    if (stride == 1) return convert(s, d, n);
    if (stride == 0) {
        convert(s, d, 1);
        To value = *d;
        for (int64_t i = 1; i < n; ++i) d[i] = value;
        return;
    }
    From buffer[kBuffer];
    for (int64_t at = 0; at < n; at += kBuffer) {
        int64_t m = n - at < kBuffer ? n - at : kBuffer;
        for (int64_t i = 0; i < m; ++i) buffer[i] = s[(at + i) * stride];
        convert(buffer, d + at, m);
    }
}

template <class From, class To, void (*convert)(const From*, To*, int64_t)>
void storeTile(const void* tile, void* storage, int64_t stride, int64_t n) {
    const From* s = static_cast<const From*>(tile);
    To* d = static_cast<To*>(storage);
    if (stride == 1) return convert(s, d, n);
    To buffer[kBuffer];
    for (int64_t at = 0; at < n; at += kBuffer) {
        int64_t m = n - at < kBuffer ? n - at : kBuffer;
        convert(s + at, buffer, m);
        for (int64_t i = 0; i < m; ++i) d[(at + i) * stride] = buffer[i];
    }
}

}  // namespace

TileLoadFn findLoad(DType storage) {
    switch (storage) {
        case DType::kFloat: return loadTile<float, float, toFloats<float>>;
        case DType::kHalf: return loadTile<F16Bits, float, toFloats<F16Bits>>;
        case DType::kBf16: return loadTile<Bf16Bits, float, toFloats<Bf16Bits>>;
        case DType::kFp8: return loadTile<uint8_t, float, fp8ToFloat>;
        case DType::kInt8: return loadTile<int8_t, int32_t, integers<int8_t, int32_t>>;
        case DType::kUint8: return loadTile<uint8_t, int32_t, integers<uint8_t, int32_t>>;
        case DType::kBool: return loadTile<uint8_t, int32_t, boolToInt>;
        case DType::kInt32: return loadTile<int32_t, int32_t, integers<int32_t, int32_t>>;
        case DType::kInt64: return loadTile<int64_t, int64_t, integers<int64_t, int64_t>>;
        default: return nullptr;
    }
}

TileStoreFn findStore(DType storage) {
    switch (storage) {
        case DType::kFloat: return storeTile<float, float, fromFloats<float>>;
        case DType::kHalf: return storeTile<float, F16Bits, fromFloats<F16Bits>>;
        case DType::kBf16: return storeTile<float, Bf16Bits, fromFloats<Bf16Bits>>;
        case DType::kFp8: return storeTile<float, uint8_t, floatToFp8>;
        case DType::kInt8: return storeTile<int32_t, int8_t, integers<int32_t, int8_t>>;
        case DType::kUint8: return storeTile<int32_t, uint8_t, integers<int32_t, uint8_t>>;
        case DType::kBool: return storeTile<int32_t, uint8_t, intToBool>;
        case DType::kInt32: return storeTile<int32_t, int32_t, integers<int32_t, int32_t>>;
        case DType::kInt64: return storeTile<int64_t, int64_t, integers<int64_t, int64_t>>;
        default: return nullptr;
    }
}

}  // namespace lathe::cpu::LATHE_ISA

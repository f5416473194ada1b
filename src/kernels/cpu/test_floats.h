// SPDX-License-Identifier: Apache-2.0
// For kernel tests: random tensors of any storage type of a byte or more, readable as doubles.
#pragma once

#include <cstring>
#include <random>
#include <vector>

#include "base/dtype.h"

namespace lathe::cpu {

class FloatBuffer {
  public:
    FloatBuffer(DType type, int64_t n) : type_(type), n_(n), bytes_(static_cast<size_t>(n * bitsOf(type) / 8)) {}

    static FloatBuffer random(DType type, int64_t n, unsigned seed, float lo = -2, float hi = 2) {
        FloatBuffer b(type, n);
        std::mt19937 rng(seed);
        std::uniform_real_distribution<float> uniform(lo, hi);
        for (int64_t i = 0; i < n; ++i) b.set(i, uniform(rng));
        return b;
    }

    double operator[](int64_t i) const {
        switch (type_) {
            case DType::kHalf: return static_cast<float>(at<Half>(i));
            case DType::kBf16: return static_cast<float>(at<BFloat16>(i));
            case DType::kInt8: return at<int8_t>(i);
            case DType::kUint8:
            case DType::kBool: return at<uint8_t>(i);
            case DType::kInt32: return at<int32_t>(i);
            case DType::kInt64: return static_cast<double>(at<int64_t>(i));
            default: return at<float>(i);
        }
    }
    void set(int64_t i, float v) {
        switch (type_) {
            case DType::kHalf: put(i, Half(v)); break;
            case DType::kBf16: put(i, BFloat16(v)); break;
            case DType::kInt8: put(i, static_cast<int8_t>(v)); break;
            case DType::kUint8:
            case DType::kBool: put(i, static_cast<uint8_t>(v)); break;
            case DType::kInt32: put(i, static_cast<int32_t>(v)); break;
            case DType::kInt64: put(i, static_cast<int64_t>(v)); break;
            default: put(i, v); break;
        }
    }
    void* data() { return bytes_.data(); }
    const void* data() const { return bytes_.data(); }
    int64_t size() const { return n_; }
    // Error that rounding to the type alone may cause.
    double relativeError() const { return type_ == DType::kHalf ? 0x1p-11 : type_ == DType::kBf16 ? 0x1p-8 : 0x1p-24; }

  private:
    template <class T>
    T at(int64_t i) const {
        T v;
        std::memcpy(static_cast<void*>(&v), bytes_.data() + i * sizeof(T), sizeof(T));
        return v;
    }
    template <class T>
    void put(int64_t i, T v) {
        std::memcpy(bytes_.data() + i * sizeof(T), &v, sizeof(T));
    }

    DType type_;
    int64_t n_;
    std::vector<uint8_t> bytes_;
};

}  // namespace lathe::cpu

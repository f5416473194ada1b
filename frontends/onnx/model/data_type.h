// SPDX-License-Identifier: Apache-2.0
// Element types of ONNX tensors. Values are those of the file format, up to IR version 14.
#pragma once

#include <cstdint>
#include <string_view>

namespace lathe::onnx {

enum class DataType : int32_t {
    kUndefined = 0,
    kFloat = 1,
    kUint8 = 2,
    kInt8 = 3,
    kUint16 = 4,
    kInt16 = 5,
    kInt32 = 6,
    kInt64 = 7,
    kString = 8,
    kBool = 9,
    kFloat16 = 10,
    kDouble = 11,
    kUint32 = 12,
    kUint64 = 13,
    kComplex64 = 14,
    kComplex128 = 15,
    kBfloat16 = 16,
    kFloat8E4M3FN = 17,
    kFloat8E4M3FNUZ = 18,
    kFloat8E5M2 = 19,
    kFloat8E5M2FNUZ = 20,
    kUint4 = 21,
    kInt4 = 22,
    kFloat4E2M1 = 23,
    kFloat8E8M0 = 24,
    kUint2 = 25,
    kInt2 = 26,
    kFloat6E2M3 = 27,
    kFloat6E3M2 = 28,
};
inline constexpr int32_t kDataTypeLast = 28;

// True for every value above but kUndefined.
constexpr bool isKnown(DataType t) { return static_cast<int32_t>(t) > 0 && static_cast<int32_t>(t) <= kDataTypeLast; }

// Bits of one element where elements lie one after another, sub-byte ones from the lowest bit up; 0 for strings and
// for types that are not known.
int bitsOf(DataType t);

// The name in the format's own spelling: "FLOAT", "FLOAT8E4M3FN"; "data type 99" cannot be named and gives "?".
std::string_view toString(DataType t);

}  // namespace lathe::onnx

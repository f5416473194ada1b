// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/data_type.h"

namespace lathe::onnx {
namespace {

struct Entry {
    std::string_view name;
    int bits;
};

constexpr Entry kEntries[kDataTypeLast + 1] = {
    {"UNDEFINED", 0},      {"FLOAT", 32},    {"UINT8", 8},        {"INT8", 8},           {"UINT16", 16},
    {"INT16", 16},         {"INT32", 32},    {"INT64", 64},       {"STRING", 0},         {"BOOL", 8},
    {"FLOAT16", 16},       {"DOUBLE", 64},   {"UINT32", 32},      {"UINT64", 64},        {"COMPLEX64", 64},
    {"COMPLEX128", 128},   {"BFLOAT16", 16}, {"FLOAT8E4M3FN", 8}, {"FLOAT8E4M3FNUZ", 8}, {"FLOAT8E5M2", 8},
    {"FLOAT8E5M2FNUZ", 8}, {"UINT4", 4},     {"INT4", 4},         {"FLOAT4E2M1", 4},     {"FLOAT8E8M0", 8},
    {"UINT2", 2},          {"INT2", 2},      {"FLOAT6E2M3", 6},   {"FLOAT6E3M2", 6},
};

bool inTable(DataType t) { return t == DataType::kUndefined || isKnown(t); }

}  // namespace

int bitsOf(DataType t) { return inTable(t) ? kEntries[static_cast<int32_t>(t)].bits : 0; }

std::string_view toString(DataType t) { return inTable(t) ? kEntries[static_cast<int32_t>(t)].name : "?"; }

}  // namespace lathe::onnx

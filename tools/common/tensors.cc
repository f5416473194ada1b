// SPDX-License-Identifier: Apache-2.0
#include "common/tensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "common/files.h"

namespace lathe::tool {

using namespace nvinfer1;

Dims parseDims(const std::string& text, const char* option) {
    Dims d{};
    if (text.empty() || text == "scalar") return d;
    for (const std::string& part : split(text, 'x')) {
        char* rest = nullptr;
        long long v = std::strtoll(part.c_str(), &rest, 10);
        if (part.empty() || *rest || v < 0 || d.nbDims == Dims::MAX_DIMS)
            throw Failure(fmt::format("'{}' is no shape", text), option, "write it as 1x3x224x224");
        d.d[d.nbDims++] = v;
    }
    return d;
}

std::string toString(const Dims& dims) {
    std::string s;
    for (int i = 0; i < dims.nbDims; ++i) s += (i ? "x" : "") + std::to_string(dims.d[i]);
    return s;
}

int64_t volume(const Dims& dims) {
    int64_t v = 1;
    for (int i = 0; i < dims.nbDims; ++i) v *= dims.d[i];
    return v;
}

bool isDynamic(const Dims& dims) {
    return dims.nbDims < 0 || std::any_of(dims.d, dims.d + dims.nbDims, [](int64_t x) { return x < 0; });
}

Shapes parseShapes(const std::vector<std::string>& list, const char* option) {
    Shapes out;
    for (const std::string& item : list) {
        size_t colon = item.rfind(':');
        if (colon == std::string::npos || colon == 0)
            throw Failure(fmt::format("'{}' names no input", item), option, "write it as input:1x3x224x224");
        out[item.substr(0, colon)] = parseDims(item.substr(colon + 1), option);
    }
    return out;
}

int elementBytes(DataType type) {
    switch (type) {
        case DataType::kFLOAT:
        case DataType::kINT32: return 4;
        case DataType::kHALF:
        case DataType::kBF16: return 2;
        case DataType::kINT64: return 8;
        case DataType::kINT4:
        case DataType::kFP4: return 0;
        default: return 1;
    }
}

int64_t bytesOf(DataType type, const Dims& dims) {
    if (isDynamic(dims)) return -1;
    int each = elementBytes(type);
    return each ? volume(dims) * each : (volume(dims) + 1) / 2;
}

const char* nameOf(DataType type) {
    static constexpr const char* names[] = {"fp32", "fp16", "int8",  "int32", "bool", "uint8",
                                            "fp8",  "bf16", "int64", "int4",  "fp4",  "e8m0"};
    auto i = static_cast<size_t>(type);
    return i < std::size(names) ? names[i] : "?";
}

namespace {

uint16_t toHalf(float x) {
    // Of small normal numbers only: that is what random data is.
    uint32_t bits = std::bit_cast<uint32_t>(x);
    uint32_t sign = bits >> 16 & 0x8000, exponent = bits >> 23 & 255, mantissa = bits >> 13 & 1023;
    if (exponent < 113) return static_cast<uint16_t>(sign);
    return static_cast<uint16_t>(sign | (exponent - 112) << 10 | mantissa);
}

double fromHalf(uint16_t h) {
    int exponent = h >> 10 & 31;
    double mantissa = h & 1023, sign = h & 0x8000 ? -1 : 1;
    if (exponent == 31) return mantissa ? NAN : sign * INFINITY;
    return sign * (exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24));
}

template <class T>
void read(const void* data, int64_t count, std::vector<double>& out) {
    for (int64_t i = 0; i < count; ++i) {
        T v;
        std::memcpy(&v, static_cast<const char*>(data) + i * static_cast<int64_t>(sizeof v), sizeof v);
        out[static_cast<size_t>(i)] = static_cast<double>(v);
    }
}

}  // namespace

void fillRandom(DataType type, void* data, size_t bytes, uint32_t seed) {
    uint32_t state = seed * 2654435761u + 1;
    auto next = [&] { return state = state * 1664525u + 1013904223u; };
    auto real = [&] { return static_cast<float>(next() >> 8) * 0x1p-23f - 1.f; };
    auto each = [&](auto make) {
        using T = decltype(make());
        for (size_t i = 0; i + sizeof(T) <= bytes; i += sizeof(T)) {
            T v = make();
            std::memcpy(static_cast<char*>(data) + i, &v, sizeof v);
        }
    };
    switch (type) {
        case DataType::kFLOAT: each(real); break;
        case DataType::kHALF: each([&] { return toHalf(real()); }); break;
        case DataType::kBF16: each([&] { return static_cast<uint16_t>(std::bit_cast<uint32_t>(real()) >> 16); }); break;
        case DataType::kINT32: each([&] { return static_cast<int32_t>(next() >> 31); }); break;
        case DataType::kINT64: each([&] { return static_cast<int64_t>(next() >> 31); }); break;
        default: each([&] { return static_cast<uint8_t>(next() >> 31); });
    }
}

std::vector<double> toNumbers(DataType type, const void* data, int64_t count) {
    std::vector<double> out(static_cast<size_t>(count));
    switch (type) {
        case DataType::kFLOAT: read<float>(data, count, out); break;
        case DataType::kINT32: read<int32_t>(data, count, out); break;
        case DataType::kINT64: read<int64_t>(data, count, out); break;
        case DataType::kINT8: read<int8_t>(data, count, out); break;
        case DataType::kHALF:
            read<uint16_t>(data, count, out);
            for (double& v : out) v = fromHalf(static_cast<uint16_t>(v));
            break;
        case DataType::kBF16:
            read<uint16_t>(data, count, out);
            for (double& v : out) v = std::bit_cast<float>(static_cast<uint32_t>(v) << 16);
            break;
        case DataType::kINT4:
        case DataType::kFP4:
            for (int64_t i = 0; i < count; ++i) {
                int v = static_cast<const uint8_t*>(data)[i / 2] >> (i % 2 * 4) & 15;
                out[static_cast<size_t>(i)] = type == DataType::kINT4 && v > 7 ? v - 16 : v;
            }
            break;
        default: read<uint8_t>(data, count, out);
    }
    return out;
}

}  // namespace lathe::tool

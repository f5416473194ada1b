// SPDX-License-Identifier: Apache-2.0
#include "lathe/npy.h"

#include <cstring>

#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

namespace {

struct Known {
    const char* descr;
    DataType type;
};
// bf16 and fp8 have no numpy code of their own; they are written as bytes of that width.
constexpr Known kTypes[] = {{"<f4", DataType::kFLOAT}, {"<f2", DataType::kHALF}, {"|i1", DataType::kINT8},
                            {"<i4", DataType::kINT32}, {"|b1", DataType::kBOOL}, {"|u1", DataType::kUINT8},
                            {"<i8", DataType::kINT64}, {"<u2", DataType::kBF16}, {"|V1", DataType::kFP8}};

std::string field(const std::string& header, const std::string& name) {
    size_t at = header.find("'" + name + "'");
    if (at == std::string::npos) return {};
    at = header.find(':', at);
    return at == std::string::npos ? std::string() : header.substr(at + 1);
}

}  // namespace

Array readNpy(const std::string& path) {
    std::vector<char> file = readFile(path);
    if (file.size() < 10 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0) throw Failure("this is no .npy file", path);
    size_t start = file[6] == 1 ? 10 : 12;
    size_t length = static_cast<unsigned char>(file[8]) | static_cast<size_t>(static_cast<unsigned char>(file[9])) << 8;
    if (file[6] != 1) {
        if (file.size() < 12) throw Failure("the header is cut off", path);
        length |= static_cast<size_t>(static_cast<unsigned char>(file[10])) << 16 |
                  static_cast<size_t>(static_cast<unsigned char>(file[11])) << 24;
    }
    if (length > file.size() - start) throw Failure("the header is cut off", path);
    std::string header(file.data() + start, length);
    Array a;
    std::string descr = field(header, "descr");
    bool found = false;
    for (const Known& k : kTypes) {
        // The first quoted string is the type's code.
        size_t open = descr.find('\''), close = open == std::string::npos ? open : descr.find('\'', open + 1);
        if (close == std::string::npos || descr.substr(open + 1, close - open - 1) != k.descr) continue;
        a.type = k.type;
        found = true;
    }
    if (!found) throw Failure("its element type cannot be an input", path);
    if (field(header, "fortran_order").compare(0, 5, " True") == 0)
        throw Failure("Fortran order; save it with numpy.ascontiguousarray", path);
    std::string shape = field(header, "shape");
    size_t at = shape.find('('), end = shape.find(')');
    if (at == std::string::npos || end == std::string::npos) throw Failure("the header has no shape", path);
    int64_t count = 1;
    for (++at; at < end;) {
        char* rest = nullptr;
        long long v = std::strtoll(shape.c_str() + at, &rest, 10);
        size_t next = static_cast<size_t>(rest - shape.c_str());
        if (next == at) break;
        if (v < 0 || a.dims.nbDims == Dims::MAX_DIMS || __builtin_mul_overflow(count, static_cast<int64_t>(v), &count))
            throw Failure("an impossible shape", path);
        a.dims.d[a.dims.nbDims++] = v;
        at = shape.find_first_not_of(", ", next);
        if (at == std::string::npos) break;
    }
    size_t bytes = static_cast<size_t>(count) * static_cast<size_t>(elementBytes(a.type));
    if (file.size() - start - length != bytes)
        throw Failure(fmt::format("{} bytes of data where the shape {} needs {}", file.size() - start - length,
                                  toString(a.dims), bytes),
                      path);
    a.bytes.assign(file.end() - static_cast<long>(bytes), file.end());
    return a;
}

void writeNpy(const std::string& path, const Array& a) {
    const char* descr = nullptr;
    for (const Known& k : kTypes)
        if (k.type == a.type) descr = k.descr;
    if (!descr) throw Failure("its element type has no form in numpy", path);
    std::string shape;
    for (int i = 0; i < a.dims.nbDims; ++i) shape += std::to_string(a.dims.d[i]) + ", ";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
    header += std::string(63 - (10 + header.size()) % 64, ' ') + '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 255);
    out += static_cast<char>(header.size() >> 8);
    out += header;
    out.append(a.bytes.data(), a.bytes.size());
    writeFile(path, out.data(), out.size());
}

}  // namespace lathe::tool

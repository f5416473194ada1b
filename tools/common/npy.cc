// SPDX-License-Identifier: Apache-2.0
#include "common/npy.h"

#include <algorithm>
#include <cstring>

#include "common/files.h"
#include "common/tensors.h"

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

Array readNpy(const std::string& path) { return parseNpy(readFile(path), path); }

Array parseNpy(const std::vector<char>& file, const std::string& path) {
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

// A zip archive, read through its central directory at the end of the file.
std::map<std::string, Array> readNpz(const std::string& path) {
    std::vector<char> file = readFile(path);
    auto number = [&](size_t at, int bytes) {
        uint64_t v = 0;
        if (at + static_cast<size_t>(bytes) > file.size()) throw Failure("the archive is cut off", path);
        for (int i = bytes; i-- > 0;) v = v << 8 | static_cast<unsigned char>(file[at + static_cast<size_t>(i)]);
        return v;
    };
    size_t end = file.size();
    for (size_t back = 22; back <= std::min<size_t>(file.size(), 22 + 65535) && end == file.size(); ++back)
        if (number(file.size() - back, 4) == 0x06054b50) end = file.size() - back;
    if (end == file.size()) throw Failure("this is no .npz file", path, "save it with numpy.savez");
    uint64_t count = number(end + 10, 2), at = number(end + 16, 4);
    std::map<std::string, Array> arrays;
    for (uint64_t i = 0; i < count; ++i) {
        if (number(at, 4) != 0x02014b50) throw Failure("the archive's directory is damaged", path);
        uint64_t method = number(at + 10, 2), size = number(at + 20, 4), nameLength = number(at + 28, 2);
        uint64_t extra = number(at + 30, 2), comment = number(at + 32, 2), local = number(at + 42, 4);
        if (at + 46 + nameLength > file.size()) throw Failure("the archive is cut off", path);
        std::string name(file.data() + at + 46, nameLength);
        at += 46 + nameLength + extra + comment;
        if (method != 0) throw Failure(fmt::format("array '{}' is compressed", name), path, "save it with numpy.savez");
        if (size == 0xffffffff || local == 0xffffffff)
            throw Failure("arrays of 4 GiB and more", path, "use .npy files");
        uint64_t data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        if (number(local, 4) != 0x04034b50 || data + size > file.size()) throw Failure("the archive is damaged", path);
        auto from = file.begin() + static_cast<std::ptrdiff_t>(data);
        Array array = parseNpy({from, from + static_cast<std::ptrdiff_t>(size)}, path + ":" + name);
        if (name.size() > 4 && name.substr(name.size() - 4) == ".npy") name.resize(name.size() - 4);
        arrays[name] = std::move(array);
    }
    return arrays;
}

}  // namespace lathe::tool

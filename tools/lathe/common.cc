// SPDX-License-Identifier: Apache-2.0
#include "lathe/common.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace lathe::tool {

using namespace nvinfer1;

void Logger::log(Severity severity, char const* message) noexcept {
    try {
        if (severity <= Severity::kERROR) lastError_ = message;
        if (verbose_ || severity == Severity::kWARNING) fmt::print(stderr, "{}\n", message);
    } catch (...) {
    }
}

std::vector<char> readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) throw Failure(fmt::format("cannot open the file: {}", std::strerror(errno)), path);
    std::streamoff size = in.tellg();
    if (size < 0) throw Failure("cannot read the file; is it a folder?", path);
    std::vector<char> bytes(static_cast<size_t>(size));
    in.seekg(0);
    if (size && !in.read(bytes.data(), size)) throw Failure("cannot read the whole file", path);
    return bytes;
}

void writeFile(const std::string& path, const void* data, size_t size) {
    std::string temporary = fmt::format("{}.{}.part", path, getpid());
    {
        std::ofstream out(temporary, std::ios::binary);
        if (!out.write(static_cast<const char*>(data), static_cast<std::streamsize>(size)).flush()) {
            int why = errno;
            std::remove(temporary.c_str());
            throw Failure(fmt::format("cannot write the file: {}", std::strerror(why)), path);
        }
    }
    std::error_code error;
    std::filesystem::rename(temporary, path, error);
    if (error) {
        std::remove(temporary.c_str());
        throw Failure(fmt::format("cannot write the file: {}", error.message()), path);
    }
}

bool isPlan(const std::vector<char>& bytes) {
    return bytes.size() >= 8 && std::memcmp(bytes.data(), "LATHEPLN", 8) == 0;
}

Engine loadEngine(const std::vector<char>& plan, const std::string& where, Logger& logger) {
    Engine e;
    e.runtime.reset(createInferRuntime(logger));
    if (!e.runtime) throw Failure(logger.lastError(), "creating the runtime");
    e.engine.reset(e.runtime->deserializeCudaEngine(plan.data(), plan.size()));
    if (!e.engine) throw Failure(logger.lastError(), where, "build the plan again with this version on this machine");
    return e;
}

Dims parseDims(const std::string& text) {
    Dims d{};
    if (text.empty()) return d;
    size_t at = 0;
    for (;;) {
        size_t end = text.find('x', at);
        std::string part = text.substr(at, end == std::string::npos ? std::string::npos : end - at);
        char* rest = nullptr;
        long long v = std::strtoll(part.c_str(), &rest, 10);
        if (part.empty() || *rest || v < 0 || d.nbDims == Dims::MAX_DIMS)
            throw Failure(fmt::format("'{}' is no shape", text), "--shapes", "write it as 1x3x224x224");
        d.d[d.nbDims++] = v;
        if (end == std::string::npos) return d;
        at = end + 1;
    }
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

}  // namespace lathe::tool

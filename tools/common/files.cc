// SPDX-License-Identifier: Apache-2.0
#include "common/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace lathe::tool {

std::vector<char> readFile(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw Failure("this is a folder, not a file", path);
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) throw Failure(fmt::format("cannot open the file: {}", std::strerror(errno)), path);
    std::streamoff size = in.tellg();
    if (size < 0) throw Failure("cannot read the file", path);
    std::vector<char> bytes(static_cast<size_t>(size));
    in.seekg(0);
    if (size && !in.read(bytes.data(), size)) throw Failure("cannot read the whole file", path);
    return bytes;
}

void writeFile(const std::string& path, const void* data, size_t size) {
    std::error_code error;
    bool plain = !std::filesystem::exists(path, error) || std::filesystem::is_regular_file(path, error);
    std::string target = plain ? fmt::format("{}.{}.part", path, getpid()) : path;
    {
        std::ofstream out(target, std::ios::binary);
        if (!out.write(static_cast<const char*>(data), static_cast<std::streamsize>(size)).flush()) {
            int why = errno;
            if (plain) std::remove(target.c_str());
            throw Failure(fmt::format("cannot write the file: {}", std::strerror(why)), path);
        }
    }
    if (!plain) return;
    std::filesystem::rename(target, path, error);
    if (error) {
        std::remove(target.c_str());
        throw Failure(fmt::format("cannot write the file: {}", error.message()), path);
    }
}

bool isPlan(const std::vector<char>& bytes) {
    return bytes.size() >= 8 && std::memcmp(bytes.data(), "LATHEPLN", 8) == 0;
}

size_t parseBytes(const std::string& text, const char* option, size_t unit) {
    char* rest = nullptr;
    double v = std::strtod(text.c_str(), &rest);
    double scale = static_cast<double>(unit);
    if (rest != text.c_str() && *rest) {
        switch (*rest) {
            case 'B':
            case 'b': scale = 1; break;
            case 'K':
            case 'k': scale = 1 << 10; break;
            case 'M':
            case 'm': scale = 1 << 20; break;
            case 'G':
            case 'g': scale = 1 << 30; break;
            default: scale = -1;
        }
        ++rest;
        if (*rest == 'i') ++rest;  // MiB
        if (*rest == 'B') ++rest;
    }
    if (rest == text.c_str() || *rest || scale < 0 || !(v >= 0) || v * scale >= 9.2e18)
        throw Failure(fmt::format("'{}' is no size", text), option, "write it as 512M or 2G");
    return static_cast<size_t>(v * scale);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    if (text.empty()) return parts;
    parts.emplace_back();
    bool inQuotes = false;
    for (char c : text) {
        if (c == '\'')
            inQuotes = !inQuotes;
        else if (c == separator && !inQuotes)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (unsigned char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c < 32) {
            out += fmt::format("\\u{:04x}", c);
        } else {
            out += static_cast<char>(c);
        }
    }
    return out + '"';
}

}  // namespace lathe::tool

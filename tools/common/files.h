// SPDX-License-Identifier: Apache-2.0
// What the tools share: failures that a user reads, and files.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace lathe::tool {

// A failure to tell the user: what, where, and a hint.
struct Failure : std::runtime_error {
    Failure(const std::string& what, std::string where, std::string hint = {})
        : std::runtime_error(what), where(std::move(where)), hint(std::move(hint)) {}
    std::string where, hint;
};

// Errors: Failure naming the file.
std::vector<char> readFile(const std::string& path);
// Written beside the target and renamed, so that a half-written file never has its name. A path that is no regular file
// (/dev/stdout) is written directly.
void writeFile(const std::string& path, const void* data, size_t size);
inline void writeFile(const std::string& path, const std::string& text) { writeFile(path, text.data(), text.size()); }

// Whether these are the bytes of a plan.
bool isPlan(const std::vector<char>& bytes);

// "512", "512K", "1.5M", "2G" in bytes; a bare number is in units of `unit`. Errors: Failure about `option`.
size_t parseBytes(const std::string& text, const char* option, size_t unit = 1);

// Splits at `separator` outside of single quotes, which are dropped; empty text gives no parts.
std::vector<std::string> split(const std::string& text, char separator);

// A JSON string literal.
std::string quoted(const std::string& text);

}  // namespace lathe::tool

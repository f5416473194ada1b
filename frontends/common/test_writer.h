// SPDX-License-Identifier: Apache-2.0
// Writes the protobuf wire format, for tests.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stdlib.h>

namespace lathe::frontends::testing {

class Message {
  public:
    Message() = default;
    Message(std::string bytes) : out_(std::move(bytes)) {}

    Message& varint(uint32_t field, int64_t value) {
        tag(field, 0);
        raw(static_cast<uint64_t>(value));
        return *this;
    }
    Message& fixed32(uint32_t field, uint32_t value) { return fixed(field, 5, &value, 4); }
    Message& fixed64(uint32_t field, uint64_t value) { return fixed(field, 1, &value, 8); }
    Message& real(uint32_t field, float value) { return fixed32(field, std::bit_cast<uint32_t>(value)); }
    Message& bytes(uint32_t field, std::string_view value) {
        tag(field, 2);
        raw(value.size());
        out_ += value;
        return *this;
    }
    Message& message(uint32_t field, const Message& value) { return bytes(field, value.out_); }
    Message& packed(uint32_t field, const std::vector<int64_t>& values) {
        Message run;
        for (const int64_t value : values) run.raw(static_cast<uint64_t>(value));
        return bytes(field, run.out_);
    }
    template <class T>
    Message& packedFixed(uint32_t field, const std::vector<T>& values) {
        return bytes(field, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
    }
    // Bytes that are no field.
    Message& junk(std::string_view bytes) {
        out_ += bytes;
        return *this;
    }

    const std::string& str() const { return out_; }
    std::span<const std::byte> view() const { return std::as_bytes(std::span(out_)); }

  private:
    void raw(uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void tag(uint32_t field, uint32_t type) { raw(uint64_t{field} << 3 | type); }
    Message& fixed(uint32_t field, uint32_t type, const void* value, size_t size) {
        tag(field, type);
        out_.append(static_cast<const char*>(value), size);
        return *this;
    }

    std::string out_;
};

// A fresh folder, removed with all in it.
class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lathe_frontend_XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace lathe::frontends::testing

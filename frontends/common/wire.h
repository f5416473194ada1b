// SPDX-License-Identifier: Apache-2.0
// Reads the protobuf wire format. A message is a row of fields; each starts with a varint tag (field number × 8 + wire
// type) and holds a varint, 4 or 8 bytes, or a varint length followed by so many bytes. Lengths are 64 bits wide here,
// so that files beyond 4 GiB are read rightly and none is taken modulo something. Groups (wire types 3 and 4) are
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lathe::frontends {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string_view toString(WireType t);

struct Field {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    uint64_t value = 0;                // kVarint, kFixed32, kFixed64
    std::span<const std::byte> bytes;  // kBytes: the payload, inside the message
    const std::byte* start = nullptr;  // of the tag
};

// Reads a varint at p and moves p behind it; false, with p unmoved, if it does not end before `end` or has more than
// 64 bits.
bool readVarint(const std::byte*& p, const std::byte* end, uint64_t& value);

class WireReader {
  public:
    explicit WireReader(std::span<const std::byte> message) : p_(message.data()), end_(p_ + message.size()) {}

    // False at the end of the message and at malformed bytes; error() tells them apart.
    bool next(Field& field);

    // Empty when all is well.
    const std::string& error() const { return error_; }
    // The first byte that is not yet read; after an error the start of the malformed field.
    const std::byte* position() const { return p_; }

  private:
    bool fail(std::string message);

    const std::byte* p_;
    const std::byte* end_;
    std::string error_;
};

}  // namespace lathe::frontends

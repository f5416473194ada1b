// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/wire.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace lathe::frontends {

static_assert(std::endian::native == std::endian::little, "file bytes are used in place");

std::string_view toString(WireType t) {
    switch (t) {
        case WireType::kVarint: return "varint";
        case WireType::kFixed64: return "64 bit";
        case WireType::kBytes: return "length-delimited";
        case WireType::kFixed32: return "32 bit";
    }
    return "?";
}

bool readVarint(const std::byte*& p, const std::byte* end, uint64_t& value) {
    uint64_t result = 0;
    const std::byte* q = p;
    for (int shift = 0; shift < 70 && q != end; shift += 7) {
        const uint64_t byte = static_cast<uint8_t>(*q++);
        if (shift == 63 && byte > 1) return false;
        result |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            p = q;
            value = result;
            return true;
        }
    }
    return false;
}

bool WireReader::fail(std::string message) {
    error_ = std::move(message);
    return false;
}

bool WireReader::next(Field& field) {
    if (p_ == end_ || !error_.empty()) return false;
    const std::byte* p = p_;
    uint64_t tag = 0;
    if (!readVarint(p, end_, tag)) return fail("malformed or truncated field tag");
    if (tag > UINT32_MAX || (tag >> 3) == 0) return fail(fmt::format("{} is no field number", tag >> 3));
    field.number = static_cast<uint32_t>(tag >> 3);
    field.start = p_;
    field.value = 0;
    field.bytes = {};
    const size_t left = static_cast<size_t>(end_ - p);
    switch (tag & 7) {
        case 0:
            field.type = WireType::kVarint;
            if (!readVarint(p, end_, field.value)) return fail("malformed or truncated varint");
            break;
        case 1:
            field.type = WireType::kFixed64;
            if (left < 8) return fail(fmt::format("a 64-bit value is cut off: {} bytes are left", left));
            std::memcpy(&field.value, p, 8);
            p += 8;
            break;
        case 2: {
            field.type = WireType::kBytes;
            uint64_t length = 0;
            if (!readVarint(p, end_, length)) return fail("malformed or truncated length");
            const size_t rest = static_cast<size_t>(end_ - p);
            if (length > rest)
                return fail(fmt::format("length {} goes beyond the message: {} bytes are left", length, rest));
            field.bytes = {p, static_cast<size_t>(length)};
            p += length;
            break;
        }
        case 5: {
            field.type = WireType::kFixed32;
            if (left < 4) return fail(fmt::format("a 32-bit value is cut off: {} bytes are left", left));
            uint32_t bits = 0;
            std::memcpy(&bits, p, 4);
            field.value = bits;
            p += 4;
            break;
        }
        default: return fail(fmt::format("wire type {} is not used in these files", tag & 7));
    }
    p_ = p;
    return true;
}

}  // namespace lathe::frontends

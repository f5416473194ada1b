// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/wire.h"

#include <gtest/gtest.h>

#include "frontends/common/test_writer.h"

namespace lathe::frontends {
namespace {

using testing::Message;

std::string errorOf(std::string_view bytes) {
    WireReader reader(std::as_bytes(std::span(bytes)));
    for (Field field; reader.next(field);) {
    }
    return reader.error();
}

TEST(Wire, ReadsEveryWireType) {
    const Message message = Message().varint(1, -1).fixed32(2, 7).fixed64(536870911, 8).bytes(4, "abc").bytes(5, "");
    WireReader reader(message.view());
    Field field;
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.number, 1u);
    EXPECT_EQ(field.value, UINT64_MAX);
    EXPECT_EQ(field.start, message.view().data());
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.type, WireType::kFixed32);
    EXPECT_EQ(field.value, 7u);
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.number, 536870911u);
    EXPECT_EQ(field.value, 8u);
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.bytes.size(), 3u);
    EXPECT_EQ(static_cast<char>(field.bytes[2]), 'c');
    ASSERT_TRUE(reader.next(field));
    EXPECT_TRUE(field.bytes.empty());
    EXPECT_FALSE(reader.next(field));
    EXPECT_EQ(reader.error(), "");
}

TEST(Wire, VarintsOfEveryLength) {
    for (int bit = 0; bit < 64; ++bit) {
        const Message message = Message().varint(1, static_cast<int64_t>(uint64_t{1} << bit));
        WireReader reader(message.view());
        Field field;
        ASSERT_TRUE(reader.next(field)) << bit;
        EXPECT_EQ(field.value, uint64_t{1} << bit);
    }
    // Longer than needed, but valid.
    const std::string padded("\x80\x80\x00", 3);
    const std::byte* p = std::as_bytes(std::span(padded)).data();
    uint64_t value = 1;
    EXPECT_TRUE(readVarint(p, p + 3, value));
    EXPECT_EQ(value, 0u);
}

TEST(Wire, RefusesMalformedFields) {
    EXPECT_EQ(errorOf("\x08"), "malformed or truncated varint");
    EXPECT_EQ(errorOf("\x80"), "malformed or truncated field tag");
    EXPECT_EQ(errorOf(std::string_view("\x00\x01", 2)), "0 is no field number");
    EXPECT_EQ(errorOf(std::string("\x08") + std::string(9, '\xff') + "\x02"), "malformed or truncated varint");
    EXPECT_EQ(errorOf(std::string("\x08") + std::string(10, '\xff') + "\x01"), "malformed or truncated varint");
    EXPECT_EQ(errorOf("\x09"
                      "1234567"),
              "a 64-bit value is cut off: 7 bytes are left");
    EXPECT_EQ(errorOf("\x0d"
                      "123"),
              "a 32-bit value is cut off: 3 bytes are left");
    EXPECT_EQ(errorOf("\x0a\x05"
                      "1234"),
              "length 5 goes beyond the message: 4 bytes are left");
    EXPECT_EQ(errorOf("\x0b"), "wire type 3 is not used in these files");
    EXPECT_EQ(errorOf("\x0e"), "wire type 6 is not used in these files");
    // Tags are 32 bits wide.
    EXPECT_EQ(errorOf("\x80\x80\x80\x80\x10"
                      "1"),
              "536870912 is no field number");
}

TEST(Wire, LengthsAreNotTakenModulo32Bits) {
    // 2^32 + 1 bytes announced, one there.
    EXPECT_EQ(errorOf("\x0a\x81\x80\x80\x80\x10"
                      "x"),
              "length 4294967297 goes beyond the message: 1 bytes are left");
    EXPECT_EQ(errorOf("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                      "x"),
              "length 18446744073709551615 goes beyond the message: 1 bytes are left");
}

TEST(Wire, StopsAtTheMalformedField) {
    const Message message = Message().varint(1, 5).junk("\x0a\x09");
    WireReader reader(message.view());
    Field field;
    EXPECT_TRUE(reader.next(field));
    EXPECT_FALSE(reader.next(field));
    EXPECT_EQ(reader.position() - message.view().data(), 2);
    EXPECT_FALSE(reader.next(field));
}

}  // namespace
}  // namespace lathe::frontends

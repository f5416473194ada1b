// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "frontends/onnx/model/parse.h"
#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

using testing::Message;
using testing::modelOf;
using testing::parse;
using testing::tensorHead;

enum : uint32_t {
    kFloatData = 4,
    kInt32Data = 5,
    kStringData = 6,
    kInt64Data = 7,
    kRawData = 9,
    kDoubleData = 10,
    kUint64Data = 11
};

Result<Tensor> read(const Message& tensor) {
    Model model = TRY(parse(modelOf(tensor)));
    return std::move(model.graph.initializers[0]);
}

std::string bytesOf(const Message& tensor) {
    const Result<Tensor> read_ = read(tensor);
    if (!read_.ok()) return read_.status().message();
    const Result<std::span<const std::byte>> bytes = read_->bytes();
    if (!bytes.ok()) return bytes.status().message();
    std::string text;
    for (const std::byte b : *bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(b));
    return text;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ParseTensor, RawDataIsViewedInPlace) {
    const Message file = modelOf(tensorHead("w", DataType::kFloat, {2}).bytes(kRawData, "12345678"));
    const Blob blob = copyOf(file.view());
    const Model model = parseModel(blob).take();
    const std::span<const std::byte> bytes = model.graph.initializers[0].bytes().take();
    EXPECT_EQ(bytes.size(), 8u);
    EXPECT_GE(bytes.data(), blob.bytes.data());
    EXPECT_LT(bytes.data(), blob.bytes.data() + blob.bytes.size());
}

TEST(ParseTensor, TensorsOutliveTheModel) {
    Tensor tensor;
    {
        Model model =
            parse(modelOf(tensorHead("w", DataType::kFloat, {2}).packedFixed<float>(kFloatData, {1.5f, -2}))).take();
        tensor = model.graph.initializers[0];
    }
    EXPECT_EQ(tensor.toDoubles().take(), (std::vector<double>{1.5, -2}));
}

TEST(ParseTensor, FloatDataPackedAndNot) {
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {2}).packedFixed<float>(kFloatData, {1, 2})),
              "0000803f00000040");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {2}).real(kFloatData, 1).real(kFloatData, 2)),
              "0000803f00000040");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {3})
                          .packedFixed<float>(kFloatData, {1})
                          .real(kFloatData, 2)
                          .packedFixed<float>(kFloatData, {-1})),
              "0000803f00000040000080bf");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kComplex64, {1}).packedFixed<float>(kFloatData, {1, 2})),
              "0000803f00000040");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kDouble, {1}).packedFixed<double>(kDoubleData, {1})),
              "000000000000f03f");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kDouble, {1}).fixed64(kDoubleData, 1)), "0100000000000000");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kComplex128, {1}).packedFixed<double>(kDoubleData, {0, 1})),
              "0000000000000000000000000000f03f");
}

// The data type may come after the data.
TEST(ParseTensor, FieldsInAnyOrder) {
    const Message late =
        Message().packed(kInt32Data, {0x3c00, 0xbc00}).varint(2, 10).varint(1, 1).varint(1, 2).bytes(8, "w");
    EXPECT_EQ(bytesOf(late), "003c00bc");
}

TEST(ParseTensor, Int32DataOfEveryWidth) {
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt32, {2}).packed(kInt32Data, {-2, 7})), "feffffff07000000");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt32, {2}).varint(kInt32Data, -2).varint(kInt32Data, 7)),
              "feffffff07000000");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt16, {2}).packed(kInt32Data, {-2, 258})), "feff0201");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint16, {1}).packed(kInt32Data, {65535})), "ffff");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat16, {1}).packed(kInt32Data, {0xfc00})), "00fc");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kBfloat16, {1}).packed(kInt32Data, {0x3f80})), "803f");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt8, {3}).packed(kInt32Data, {-128, 127, 255})), "807fff");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint8, {1}).packed(kInt32Data, {255})), "ff");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kBool, {3}).packed(kInt32Data, {1, 0, 1})), "010001");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat8E4M3FN, {1}).packed(kInt32Data, {0x7e})), "7e");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat8E8M0, {1}).packed(kInt32Data, {127})), "7f");
    // Two 4-bit or four 2-bit elements to an entry, the first in the lowest bits; the last byte is padded.
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt4, {3}).packed(kInt32Data, {0x21, 0x0f})), "210f");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint4, {4}).packed(kInt32Data, {0x21, 0xff})), "21ff");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat4E2M1, {2}).packed(kInt32Data, {0x73})), "73");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint2, {5}).packed(kInt32Data, {0xe4, 1})), "e401");
    // 6-bit elements come one to an entry and go four to three bytes.
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat6E2M3, {5}).packed(kInt32Data, {1, 2, 3, 63, 0x2a})), "8130fc2a");
}

TEST(ParseTensor, Int32DataOutOfRangeIsRefused) {
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kUint8, {1}).packed(kInt32Data, {256})),
                      "256 in int32_data of a UINT8 tensor"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kInt8, {1}).packed(kInt32Data, {-129})), "-129 in int32_data"));
    EXPECT_TRUE(
        holds(bytesOf(tensorHead("w", DataType::kBool, {1}).packed(kInt32Data, {2})), "2 in int32_data of a BOOL"));
    EXPECT_TRUE(
        holds(bytesOf(tensorHead("w", DataType::kFloat16, {1}).packed(kInt32Data, {65536})), "65536 in int32_data"));
    EXPECT_TRUE(
        holds(bytesOf(tensorHead("w", DataType::kFloat6E2M3, {1}).packed(kInt32Data, {64})), "64 in int32_data"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kUint32, {1}).packed(kUint64Data, {1ll << 32})),
                      "4294967296 in a UINT32"));
}

TEST(ParseTensor, Int64AndUint64Data) {
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt64, {2}).packed(kInt64Data, {-1, 2})),
              "ffffffffffffffff0200000000000000");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint64, {1}).packed(kUint64Data, {-1})), "ffffffffffffffff");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kUint32, {1}).varint(kUint64Data, UINT32_MAX)), "ffffffff");
}

TEST(ParseTensor, Strings) {
    const Tensor tensor =
        read(tensorHead("s", DataType::kString, {2}).bytes(kStringData, "a").bytes(kStringData, "\xff\xfe")).take();
    EXPECT_EQ(tensor.strings, (std::vector<std::string>{"a", "\xff\xfe"}));
    EXPECT_TRUE(tensor.checkStrings().ok());
    EXPECT_FALSE(tensor.bytes().ok());
    const Tensor few = read(tensorHead("s", DataType::kString, {2}).bytes(kStringData, "a")).take();
    EXPECT_EQ(few.checkStrings().message(), "tensor 's' STRING[2] needs 2 strings, but has 1");
}

TEST(ParseTensor, CountsAreChecked) {
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {3}).bytes(kRawData, "12345678")),
              "tensor 'w' FLOAT[3] needs 12 bytes of data, but has 8");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kInt4, {3}).bytes(kRawData, "123")),
              "tensor 'w' INT4[3] needs 2 bytes of data, but has 3");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {3})), "tensor 'w' FLOAT[3] has no data");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {-1})), "tensor 'w' FLOAT[-1]: dimension -1 is negative");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {1ll << 32, 1ll << 31})),
              "tensor 'w' FLOAT[4294967296,2147483648]: the number of elements overflows 64 bits");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {1ll << 60})),
              "tensor 'w' FLOAT[1152921504606846976]: the number of bytes overflows 64 bits");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {1ll << 62, 1ll << 62, 0})), "");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {0}).bytes(kRawData, "")), "");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {0}).bytes(kRawData, "1234")),
              "tensor 'w' FLOAT[0] needs 0 bytes of data, but has 4");
    EXPECT_EQ(bytesOf(tensorHead("w", DataType::kFloat, {}).bytes(kRawData, "1234")), "31323334");
}

TEST(ParseTensor, RefusesMixedAndMisplacedData) {
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).bytes(kRawData, "1234").real(kFloatData, 1)),
                      "graph.initializer[0] 'w': data in both raw_data and float_data (at byte "));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kInt64, {1}).real(kFloatData, 1)),
                      "INT64 elements in float_data, where int64_data belongs"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kString, {1}).bytes(kRawData, "1")), "strings in raw_data"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).bytes(kFloatData, "12345")),
                      "5 bytes in packed float_data"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).varint(kFloatData, 1)),
                      "field 4 has wire type varint, not 32 bit"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kInt64, {1}).bytes(kInt64Data, "\xff")),
                      "malformed varint in field 7"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).message(3, Message().varint(1, 0))), "segments"));
    EXPECT_TRUE(holds(bytesOf(Message().bytes(8, "w")), "no data type"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", static_cast<DataType>(29), {1})), "data type 29 is not known"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).varint(14, 2)), "data location 2 is not known"));
    EXPECT_TRUE(holds(bytesOf(tensorHead("w", DataType::kFloat, {1}).bytes(kRawData, "12").bytes(kRawData, "34")),
                      "field 9 is there twice"));
    // Empty typed fields beside raw data are no second source.
    EXPECT_EQ(
        bytesOf(tensorHead("w", DataType::kInt8, {1}).bytes(kRawData, "1").bytes(kFloatData, "").bytes(kInt32Data, "")),
        "31");
}

TEST(ParseTensor, WidensNumbers) {
    const auto ints = [](const Message& m) { return read(m).take().toInts(); };
    const auto doubles = [](const Message& m) { return read(m).take().toDoubles(); };
    EXPECT_EQ(ints(tensorHead("w", DataType::kInt8, {2}).packed(kInt32Data, {-3, 3})).take(),
              (std::vector<int64_t>{-3, 3}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kUint8, {1}).packed(kInt32Data, {200})).take(),
              (std::vector<int64_t>{200}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kInt16, {1}).packed(kInt32Data, {-300})).take(),
              (std::vector<int64_t>{-300}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kUint16, {1}).packed(kInt32Data, {60000})).take(),
              (std::vector<int64_t>{60000}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kInt32, {1}).packed(kInt32Data, {-70000})).take(),
              (std::vector<int64_t>{-70000}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kUint32, {1}).packed(kUint64Data, {4000000000})).take(),
              (std::vector<int64_t>{4000000000}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kBool, {2}).packed(kInt32Data, {1, 0})).take(),
              (std::vector<int64_t>{1, 0}));
    EXPECT_EQ(ints(tensorHead("w", DataType::kUint64, {1}).packed(kUint64Data, {5})).take(), (std::vector<int64_t>{5}));
    EXPECT_FALSE(ints(tensorHead("w", DataType::kUint64, {1}).packed(kUint64Data, {-5})).ok());
    EXPECT_FALSE(ints(tensorHead("w", DataType::kFloat, {1}).real(kFloatData, 1)).ok());
    EXPECT_EQ(doubles(tensorHead("w", DataType::kFloat16, {2}).packed(kInt32Data, {0x3c00, 0xc100})).take(),
              (std::vector<double>{1, -2.5}));
    EXPECT_EQ(doubles(tensorHead("w", DataType::kBfloat16, {1}).packed(kInt32Data, {0x4020})).take(),
              (std::vector<double>{2.5}));
    EXPECT_EQ(doubles(tensorHead("w", DataType::kDouble, {1}).packedFixed<double>(kDoubleData, {0.1})).take(),
              (std::vector<double>{0.1}));
    EXPECT_FALSE(doubles(tensorHead("w", DataType::kInt8, {1}).packed(kInt32Data, {1})).ok());
}

}  // namespace
}  // namespace lathe::onnx

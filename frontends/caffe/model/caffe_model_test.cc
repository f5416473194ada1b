// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/model/caffe_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontends/common/test_writer.h"

namespace lathe::caffe {
namespace {

using frontends::testing::Message;
using ::testing::HasSubstr;

Result<CaffeModel> parsed(const Message& message) { return parseModel(frontends::borrow(message.view())); }
std::string errorOf(const Message& message) {
    const auto result = parsed(message);
    return result.ok() ? "no error" : result.status().message();
}
Message layer(const char* name, const Message& blob) { return Message().bytes(1, name).bytes(2, "T").message(7, blob); }
Message net(const Message& blob) { return Message().bytes(1, "net").message(100, layer("l", blob)); }
Message shape(const std::vector<int64_t>& dims) { return Message().packed(1, dims); }
std::vector<float> valuesOf(const ModelBlob& blob) {
    std::vector<float> out(static_cast<size_t>(blob.count()));
    blob.copyTo(out.data());
    return out;
}

TEST(CaffeModel, Blobs) {
    const std::vector<float> values = {1, -2, 3, 0.5f, 0, 7};
    const Message message = net(Message().message(7, shape({2, 3})).packedFixed(5, values));
    const CaffeModel model = parsed(message).take();
    ASSERT_TRUE(model.find("l"));
    EXPECT_EQ(model.find("m"), nullptr);
    const ModelBlob& packed = model.find("l")->blobs.at(0);
    EXPECT_EQ(packed.shape, (Ints{2, 3}));
    EXPECT_TRUE(packed.hasShape);
    EXPECT_EQ(valuesOf(packed), values);
    // One run stays where it is.
    EXPECT_GE(packed.elements.bytes.data(), message.view().data());
    EXPECT_LT(packed.elements.bytes.data(), message.view().data() + message.view().size());

    Message single, legacy, mixed;
    for (const float v : values) single.real(5, v);
    for (const uint32_t i : {1, 2, 3, 4}) legacy.varint(i, i == 3 ? 2 : i == 4 ? 3 : 1);
    mixed.packedFixed<float>(5, {1, -2}).real(5, 3).packedFixed<float>(5, {0.5f, 0}).real(5, 7);
    // Elements that lie outside of runs live in the blob itself.
    const Message holders[] = {
        net(single),
        net(legacy.packedFixed(5, values)),
        net(mixed),
        net(Message().packedFixed<double>(8, {1, -2, 3, 0.5, 0, 7})),
        net(Message().varint(10, 2).packedFixed<uint16_t>(12, {0x3c00, 0xc000, 0x4200, 0x3800, 0, 0x4700})),
        net(Message().varint(10, 1).packedFixed(12, values))};
    for (const Message& holder : holders) {
        const CaffeModel m = parsed(holder).take();
        EXPECT_EQ(valuesOf(m.layers[0].blobs[0]), values);
    }
    EXPECT_EQ(parsed(holders[1]).take().layers[0].blobs[0].shape, (Ints{1, 1, 2, 3}));
    EXPECT_FALSE(parsed(holders[0]).take().layers[0].blobs[0].hasShape);
    const Message empty = Message().message(7, Message());
    EXPECT_THAT(errorOf(net(empty)), HasSubstr("the shape [] has 1 elements, but the data 0"));
}

TEST(CaffeModel, LayersOfBothFormats) {
    const Message m = Message()
                          .message(2, Message().bytes(4, "old").varint(5, 4).message(6, Message().real(5, 1)))
                          .message(100, layer("new", Message().real(5, 2)))
                          .message(100, Message().bytes(1, "new"));
    const CaffeModel model = parsed(m).take();
    ASSERT_EQ(model.layers.size(), 3u);
    EXPECT_EQ(valuesOf(model.find("old")->blobs[0]), (std::vector<float>{1}));
    EXPECT_EQ(valuesOf(model.find("new")->blobs[0]), (std::vector<float>{2}));
    EXPECT_EQ(model.find("new")->type, "T");
}

TEST(CaffeModel, MalformedFiles) {
    EXPECT_EQ(errorOf(Message()), "there are no layers in it; is it a caffemodel?");
    EXPECT_EQ(errorOf(Message().bytes(1, "name")), "there are no layers in it; is it a caffemodel?");
    EXPECT_EQ(errorOf(Message().varint(100, 1)),
              "layer 0: at byte 0: field 100 is of wire type varint; expected length-delimited");
    EXPECT_THAT(errorOf(Message().junk("\x0a\x09")), HasSubstr("the network: at byte 0: length 9 goes beyond"));
    EXPECT_THAT(errorOf(Message().message(100, Message().varint(1, 3))),
                HasSubstr("layer 0: at byte 3: field 1 is of"));
    EXPECT_THAT(errorOf(Message().message(100, Message().bytes(1, "x").varint(7, 3))),
                HasSubstr("layer 0 'x': at byte 6: field 7 is of wire type varint"));
    EXPECT_THAT(errorOf(net(Message().varint(5, 3))), HasSubstr("layer 0 'l': blob 0: at byte "));
    EXPECT_THAT(errorOf(net(Message().bytes(5, "abc"))), HasSubstr("3 bytes are no whole number of elements of 4"));
    EXPECT_THAT(errorOf(net(Message().bytes(8, "abcd"))), HasSubstr("4 bytes are no whole number of elements of 8"));
    EXPECT_THAT(errorOf(net(Message().fixed64(5, 3))), HasSubstr("64 bit"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).message(7, shape({2})))),
                HasSubstr("layer 0 'l': blob 0: the shape [2] has 2 elements, but the data 1"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).message(7, shape({-1})))),
                HasSubstr("the shape [-1] is not possible"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).message(7, shape({1L << 40, 1L << 40})))),
                HasSubstr("is not possible"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).message(7, shape(std::vector<int64_t>(33, 1))))),
                HasSubstr("more than 32 dimensions"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).varint(7, 2))), HasSubstr("field 7 is of wire type varint"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).message(7, Message().bytes(1, "\xff")))), HasSubstr("dimension"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).bytes(1, "x"))), HasSubstr("field 1 is of wire type"));
    EXPECT_THAT(errorOf(net(Message().real(5, 1).fixed64(8, 0))), HasSubstr("data in more than one of the fields"));
    EXPECT_THAT(errorOf(net(Message().bytes(12, "ab"))), HasSubstr("raw_data of type unknown"));
    EXPECT_THAT(errorOf(net(Message().varint(10, 3).bytes(12, "abcd"))), HasSubstr("raw_data of type 3"));
    EXPECT_THAT(errorOf(net(Message().varint(10, 2).bytes(12, "abc"))), HasSubstr("3 bytes are no whole number"));
    EXPECT_THAT(errorOf(Message().message(2, Message().message(1, Message().bytes(1, "conv")))),
                HasSubstr("upgrade_net_proto_binary"));
}

// No prefix of a file, and no file with a changed bit, may do worse than an error.
TEST(CaffeModel, TruncatedAndDamagedFiles) {
    const Message whole =
        Message()
            .bytes(1, "net")
            .message(100, layer("a", Message().message(7, shape({2, 2})).packedFixed<float>(5, {1, 2, 3, 4})))
            .message(2, Message().bytes(4, "b").message(6, Message().varint(1, 1).real(5, 1)));
    ASSERT_TRUE(parsed(whole).ok());
    const std::string& bytes = whole.str();
    for (size_t size = 0; size < bytes.size(); ++size) static_cast<void>(parsed(Message(bytes.substr(0, size))));
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const Message message(damaged);
        const auto result = parsed(message);
        if (!result.ok()) continue;
        for (const ModelLayer& l : (*result).layers)
            for (const ModelBlob& b : l.blobs) valuesOf(b);
    }
}

}  // namespace
}  // namespace lathe::caffe

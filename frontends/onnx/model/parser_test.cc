// SPDX-License-Identifier: Apache-2.0
// The parser, the checks and the expansion of functions on broken files: an error or a sound model, never a crash. Most
// worth running with sanitizers; the seeds are fixed.
#include "frontends/onnx/model/parser.h"

#include <random>

#include <gtest/gtest.h>

#include "frontends/onnx/model/test_pipeline.h"
#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

using testing::attribute;
using testing::graph;
using testing::Message;
using testing::node;
using testing::runPipeline;
using testing::tensorHead;

// A sound model with something of everything.
Message everything() {
    using enum DataType;
    const std::vector<Message> tensors = {
        tensorHead("raw", kFloat, {2}).bytes(9, "12345678"),
        tensorHead("f", kFloat, {2}).packedFixed<float>(4, {1, 2}),
        tensorHead("d", kDouble, {1}).fixed64(10, 1),
        tensorHead("i32", kInt32, {2}).packed(5, {-1, 300}),
        tensorHead("i8", kInt8, {2}).packed(5, {-1, 3}),
        tensorHead("i4", kInt4, {3}).packed(5, {0x12, 0x3}),
        tensorHead("f6", kFloat6E2M3, {3}).packed(5, {1, 2, 3}),
        tensorHead("h", kFloat16, {1}).packed(5, {0x3c00}),
        tensorHead("i64", kInt64, {2}).packed(7, {1, -1}),
        tensorHead("u64", kUint64, {1}).packed(11, {1}),
        tensorHead("s", kString, {2}).bytes(6, "ab").bytes(6, ""),
        tensorHead("none", kFloat, {2, 0, 3}),
    };
    const Message branch = graph({.nodes = {node("Add", {"x", "raw"}, {"r"})},
                                  .outputs = {"r"},
                                  .initializers = {tensorHead("c", kFloat, {1}).real(4, 1)}});
    const Message constant = testing::attributeHead("value", AttributeType::kTensor).message(5, tensors[1]);
    Message main =
        graph({.nodes = {node("Constant", {}, {"k"}, {constant}, "constant"),
                         node("If", {"x"}, {"y"},
                              {testing::graphAttribute("then_branch", branch),
                               testing::graphAttribute("else_branch", branch)},
                              "if"),
                         node("f", {"y", "k"}, {"z"}, {attribute("alpha", 0.5f)}, "call", "local"),
                         node("Op", {"z", ""}, {"w", ""},
                              {attribute("a", std::vector<int64_t>{1, 2}),
                               testing::attributeHead("b", AttributeType::kStrings).bytes(9, "q"),
                               testing::attributeHead("t", AttributeType::kType)
                                   .message(14, Message().message(4, Message().message(1, testing::floatType({1}))))})},
               .inputs = {"x"},
               .outputs = {"w"},
               .initializers = tensors});
    main.message(13, testing::value("y"))
        .message(14, Message().bytes(1, "x").message(2, Message().bytes(1, "SCALE_TENSOR").bytes(2, "f")));
    main.message(15, Message()
                         .message(1, tensorHead("sparse", kFloat, {1}).real(4, 2))
                         .message(2, tensorHead("", kInt64, {1}).packed(7, {3}))
                         .packed(3, {2, 2}));
    const Message inner = testing::function(
        {.name = "inner",
         .inputs = {"a"},
         .outputs = {"b"},
         .nodes = {node("Elu", {"a"}, {"b"}, {testing::referenceAttribute("alpha", "k", AttributeType::kFloat)})},
         .attributes = {"k"}});
    const Message outer = testing::function(
        {.name = "f",
         .inputs = {"a", "c"},
         .outputs = {"b"},
         .nodes = {node("inner", {"a"}, {"t"}, {testing::referenceAttribute("k", "alpha", AttributeType::kFloat)}, "",
                        "local"),
                   node("Add", {"t", "c"}, {"b"})},
         .attributes = {"alpha"},
         .defaults = {attribute("beta", int64_t{1})}});
    return testing::model(main, {inner, outer}).message(14, Message().bytes(1, "key").bytes(2, "value"));
}

TEST(BrokenFiles, TheModelItselfIsSound) { EXPECT_EQ(runPipeline(everything().view()).message(), ""); }

TEST(BrokenFiles, TruncatedAnywhere) {
    const Message whole = everything();
    size_t sound = 0;
    for (size_t size = 0; size < whole.str().size(); ++size) sound += runPipeline(whole.view().first(size)).ok();
    // A cut between two fields of the model itself leaves a smaller model. It is sound once the graph and the import of
    // the functions' domain are there: before the first function, the second one, and the metadata.
    EXPECT_EQ(sound, 3u);
}

// One or several bytes changed at random, or a piece left out or doubled.
TEST(BrokenFiles, RandomDamage) {
    const std::string whole = everything().str();
    std::mt19937 random(20240607);
    const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
    size_t sound = 0;
    constexpr int kRounds = 10000;
    for (int round = 0; round < kRounds; ++round) {
        std::string bytes = whole;
        if (round % 8 == 7) {
            const size_t at = below(bytes.size());
            const size_t length = below(20);
            if (round % 16 == 15) {
                bytes.insert(at, bytes.substr(at, length));
            } else {
                bytes.erase(at, length);
            }
        } else {
            for (size_t flips = 1 + below(3); flips > 0; --flips)
                bytes[below(bytes.size())] ^= static_cast<char>(1 + below(255));
        }
        const Status status = runPipeline(std::as_bytes(std::span(bytes)));
        sound += status.ok();
        EXPECT_NE(status.code(), Code::kInternal) << status.message();
        EXPECT_EQ(status.message().find("after inlineFunctions"), std::string::npos)
            << "round " << round << ": " << status.message();
    }
    // Damage in a name or a weight leaves a sound model.
    EXPECT_GT(sound, 100u);
    EXPECT_LT(sound, static_cast<size_t>(kRounds) / 2);
}

TEST(BrokenFiles, Noise) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 300, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        EXPECT_FALSE(runPipeline(std::as_bytes(std::span(bytes))).ok());
    }
}

// Where a length is announced, every value that a varint can have.
TEST(BrokenFiles, HugeLengths) {
    for (const std::string_view length :
         {"\xff\xff\xff\xff\x07", "\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}) {
        for (const uint32_t field : {4u, 5u, 6u, 7u, 8u, 9u, 10u, 11u}) {
            const Message tensor = tensorHead("w", DataType::kFloat, {1})
                                       .junk(std::string(1, static_cast<char>(field << 3 | 2)))
                                       .junk(length)
                                       .junk("1234");
            const Status status = runPipeline(testing::modelOf(tensor).view());
            EXPECT_NE(status.message().find("goes beyond the message"), std::string::npos) << status.message();
        }
    }
}

}  // namespace
}  // namespace lathe::onnx

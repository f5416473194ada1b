// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/parse.h"

#include <fstream>

#include <gtest/gtest.h>

#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

using testing::attribute;
using testing::attributeHead;
using testing::floatType;
using testing::graph;
using testing::graphAttribute;
using testing::Message;
using testing::model;
using testing::node;
using testing::parse;

std::string errorOf(const Message& message, const ParseOptions& options = {}) {
    return parse(message, options).status().message();
}

Result<Attribute> readAttribute(const Message& message) {
    Model read = TRY(parse(model(graph({.nodes = {node("Op", {}, {"y"}, {message})}}))));
    return std::move(read.graph.nodes[0].attributes[0]);
}
std::string attributeError(const Message& message) { return readAttribute(message).status().message(); }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Parse, ModelFields) {
    Message message;
    message.varint(1, 9).bytes(2, "maker").bytes(3, "1.2").bytes(4, "org.example").varint(5, -7).bytes(6, "doc");
    message.message(8, testing::opset("", 18))
        .message(8, testing::opset("com.example", 3))
        .message(8, testing::opset("ai.onnx", 18));
    message.message(14, Message().bytes(1, "k").bytes(2, "v")).message(14, Message().bytes(1, "k2"));
    message.message(
        7, Message().bytes(2, "main").bytes(10, "graph doc").message(16, Message().bytes(1, "a").bytes(2, "b")));
    message.message(20, Message().bytes(1, "training is skipped")).message(26, Message().bytes(1, "devices"));
    message.varint(1000, 5).fixed32(1001, 5).fixed64(1002, 5).bytes(1003, "unknown fields are skipped");
    const Model read = parse(message).take();
    EXPECT_EQ(read.irVersion, 9);
    EXPECT_EQ(read.producerName, "maker");
    EXPECT_EQ(read.producerVersion, "1.2");
    EXPECT_EQ(read.domain, "org.example");
    EXPECT_EQ(read.modelVersion, -7);
    EXPECT_EQ(read.docString, "doc");
    EXPECT_EQ(read.opsets, (Opsets{{"", 18}, {"com.example", 3}}));
    EXPECT_EQ(read.metadata, (StringPairs{{"k", "v"}, {"k2", ""}}));
    EXPECT_EQ(read.graph.name, "main");
    EXPECT_EQ(read.graph.docString, "graph doc");
    EXPECT_EQ(read.graph.metadata, (StringPairs{{"a", "b"}}));
}

TEST(Parse, NodesAndFunctions) {
    Message call = node("f", {"x", ""}, {"y"}, {attribute("alpha", 0.5f)}, "call", "local");
    call.bytes(6, "doc").bytes(8, "v2").message(9, Message().bytes(1, "k").bytes(2, "v"));
    Message body = testing::function({.name = "f",
                                      .inputs = {"a", "b"},
                                      .outputs = {"c"},
                                      .nodes = {node("Relu", {"a"}, {"c"}, {}, "", "ai.onnx")},
                                      .attributes = {"alpha"},
                                      .defaults = {attribute("beta", 2.f)}});
    body.bytes(8, "function doc").bytes(13, "v2").message(12, testing::value("c")).message(14, Message().bytes(1, "m"));
    const Model read = parse(model(graph({.nodes = {call}, .inputs = {"x"}, .outputs = {"y"}}), {body})).take();
    const Node& node = read.graph.nodes[0];
    EXPECT_EQ(node.name, "call");
    EXPECT_EQ(node.opType, "f");
    EXPECT_EQ(node.domain, "local");
    EXPECT_EQ(node.overload, "v2");
    EXPECT_EQ(node.docString, "doc");
    EXPECT_EQ(node.inputs, (std::vector<std::string>{"x", ""}));
    EXPECT_EQ(node.outputs, (std::vector<std::string>{"y"}));
    EXPECT_EQ(node.metadata, (StringPairs{{"k", "v"}}));
    EXPECT_EQ(node.opsetVersion, 1);
    ASSERT_NE(node.attribute("alpha"), nullptr);
    EXPECT_EQ(node.attribute("alpha")->f, 0.5f);
    EXPECT_EQ(node.attribute("gamma"), nullptr);
    const Function& function = read.functions[0];
    EXPECT_EQ(function.name, "f");
    EXPECT_EQ(function.domain, "local");
    EXPECT_EQ(function.overload, "v2");
    EXPECT_EQ(function.docString, "function doc");
    EXPECT_EQ(function.inputs, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(function.outputs, (std::vector<std::string>{"c"}));
    EXPECT_EQ(function.attributes, (std::vector<std::string>{"alpha"}));
    EXPECT_EQ(function.attributeDefaults[0].name, "beta");
    EXPECT_EQ(function.nodes[0].domain, "");
    EXPECT_EQ(function.nodes[0].opsetVersion, 20);
    EXPECT_EQ(function.valueInfos[0].name, "c");
    EXPECT_EQ(function.metadata[0].first, "m");
}

TEST(Parse, GraphFields) {
    Message message =
        graph({.inputs = {"x"}, .outputs = {"y"}, .initializers = {testing::tensorHead("w", DataType::kFloat, {0})}});
    message.message(13, testing::value("v"));
    message.message(14, Message().bytes(1, "x").message(2, Message().bytes(1, "SCALE_TENSOR").bytes(2, "s")));
    message.message(15, Message()
                            .message(1, testing::tensorHead("sparse", DataType::kFloat, {1}).real(4, 2))
                            .message(2, testing::tensorHead("", DataType::kInt64, {1}).packed(7, {3}))
                            .packed(3, {2, 2}));
    const Graph read = parse(model(message)).take().graph;
    EXPECT_EQ(read.inputs[0].name, "x");
    EXPECT_EQ(read.outputs[0].name, "y");
    EXPECT_EQ(read.initializers[0].name, "w");
    EXPECT_EQ(read.valueInfos[0].name, "v");
    EXPECT_EQ(read.quantizationAnnotations[0].tensorName, "x");
    EXPECT_EQ(read.quantizationAnnotations[0].parameters, (StringPairs{{"SCALE_TENSOR", "s"}}));
    EXPECT_EQ(read.sparseInitializers[0].name(), "sparse");
    EXPECT_EQ(read.sparseInitializers[0].dims, (std::vector<int64_t>{2, 2}));
    EXPECT_TRUE(checkSparseTensor(read.sparseInitializers[0]).ok());
}

TEST(Parse, Types) {
    const auto typeOf = [](const Message& type) {
        Message g = Message().message(11, testing::valueInfo("x", type));
        const Result<Model> read = parse(model(g));
        return read.ok() ? toString(read->graph.inputs[0].type) : read.status().message();
    };
    Message shape =
        Message().message(1, Message().varint(1, 3)).message(1, Message().bytes(2, "n").bytes(3, "DATA_BATCH"));
    shape.message(1, Message()).message(1, Message().varint(1, -1));
    const Message tensor = Message().varint(1, 16).message(2, shape);
    EXPECT_EQ(typeOf(Message().message(1, tensor)), "BFLOAT16[3,n,?,-1]");
    EXPECT_EQ(typeOf(Message().message(1, Message().varint(1, 1))), "FLOAT[...]");
    EXPECT_EQ(typeOf(Message().message(1, Message().varint(1, 1).message(2, Message()))), "FLOAT[]");
    EXPECT_EQ(typeOf(Message().message(8, tensor)), "sparse_tensor BFLOAT16[3,n,?,-1]");
    EXPECT_EQ(typeOf(Message().message(4, Message().message(1, floatType({2})))), "sequence(FLOAT[2])");
    EXPECT_EQ(typeOf(Message().message(9, Message().message(1, floatType({2})))), "optional(FLOAT[2])");
    EXPECT_EQ(typeOf(Message().message(5, Message().varint(1, 8).message(2, floatType({})))), "map(STRING, FLOAT[])");
    EXPECT_EQ(typeOf(Message().message(7, Message().bytes(1, "d").bytes(2, "n"))), "opaque(d.n)");
    EXPECT_EQ(typeOf(Message().bytes(6, "IMAGE")), "none");
    EXPECT_TRUE(contains(typeOf(Message().message(1, tensor).message(4, Message())),
                         "graph.input[0] 'x'.type: field 4 is there twice"));
    EXPECT_TRUE(
        contains(typeOf(Message().message(1, Message().varint(1, 77))), "type.tensor: data type 77 is not known"));
    EXPECT_TRUE(contains(typeOf(Message().message(1, Message().message(2, Message()).message(2, Message()))),
                         "is there twice"));
}

TEST(Parse, AttributesOfEveryType) {
    EXPECT_EQ(readAttribute(attribute("a", int64_t{-5})).take().i, -5);
    EXPECT_EQ(readAttribute(attribute("a", 1.5f)).take().f, 1.5f);
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kString).bytes(4, "\xff text")).take().s, "\xff text");
    EXPECT_EQ(readAttribute(attribute("a", std::vector<int64_t>{1, -1})).take().ints, (std::vector<int64_t>{1, -1}));
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kInts).varint(8, 1).varint(8, 2)).take().ints,
              (std::vector<int64_t>{1, 2}));
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kFloats).packedFixed<float>(7, {1, 2}).real(7, 3))
                  .take()
                  .floats,
              (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kStrings).bytes(9, "x").bytes(9, "")).take().strings,
              (std::vector<std::string>{"x", ""}));
    const Message tensor = testing::tensorHead("t", DataType::kFloat, {1}).real(4, 3);
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kTensor).message(5, tensor)).take().tensors[0].name, "t");
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kTensors).message(10, tensor).message(10, tensor))
                  .take()
                  .tensors.size(),
              2u);
    EXPECT_EQ(readAttribute(graphAttribute("a", graph({.name = "inner"}))).take().graphs[0].name, "inner");
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kGraphs).message(11, graph({}))).take().graphs.size(),
              1u);
    EXPECT_EQ(
        toString(readAttribute(attributeHead("a", AttributeType::kType).message(14, floatType({4}))).take().types[0]),
        "FLOAT[4]");
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kTypes).message(15, floatType({4}))).take().types.size(),
              1u);
    const Message sparse = Message()
                               .message(1, tensor)
                               .message(2, testing::tensorHead("", DataType::kInt64, {1}).packed(7, {0}))
                               .packed(3, {4});
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kSparseTensor).message(22, sparse))
                  .take()
                  .sparseTensors[0]
                  .name(),
              "t");
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kSparseTensors).message(23, sparse))
                  .take()
                  .sparseTensors.size(),
              1u);
    const Attribute reference = readAttribute(testing::referenceAttribute("a", "outer", AttributeType::kInt)).take();
    EXPECT_EQ(reference.refAttrName, "outer");
    EXPECT_EQ(reference.type, AttributeType::kInt);
}

TEST(Parse, AttributeTypesAreSettled) {
    // IR version 1 has no type; zeros may be left out.
    EXPECT_EQ(readAttribute(Message().bytes(1, "a").packed(8, {1})).take().type, AttributeType::kInts);
    EXPECT_EQ(readAttribute(Message().bytes(1, "a").real(2, 1)).take().type, AttributeType::kFloat);
    EXPECT_EQ(readAttribute(attributeHead("a", AttributeType::kInt)).take().i, 0);
    EXPECT_TRUE(readAttribute(attributeHead("a", AttributeType::kInts)).take().ints.empty());
    EXPECT_TRUE(contains(attributeError(Message().bytes(1, "a")),
                         "graph.node[0] (Op).attribute[0] 'a': has neither a type nor a value"));
    EXPECT_TRUE(
        contains(attributeError(attributeHead("a", AttributeType::kInt).real(2, 1)), "has type INT, but FLOAT values"));
    EXPECT_TRUE(contains(attributeError(attributeHead("a", AttributeType::kInt).varint(3, 1).real(2, 1)),
                         "has both FLOAT and INT values"));
    EXPECT_TRUE(contains(attributeError(attributeHead("a", AttributeType::kGraph)), "has type GRAPH, but no value"));
    EXPECT_TRUE(contains(attributeError(attributeHead("a", AttributeType::kTensor)), "has type TENSOR, but no value"));
    EXPECT_TRUE(contains(attributeError(Message().bytes(1, "a").varint(20, 15)), "attribute type 15 is not known"));
    EXPECT_TRUE(contains(attributeError(Message().bytes(1, "a").varint(20, -1)), "attribute type -1 is not known"));
    EXPECT_TRUE(contains(attributeError(testing::referenceAttribute("a", "b", AttributeType::kInt).varint(3, 1)),
                         "with a value besides"));
    EXPECT_TRUE(
        contains(attributeError(graphAttribute("a", graph({})).message(6, graph({}))), "field 6 is there twice"));
    EXPECT_TRUE(contains(attributeError(attributeHead("a", AttributeType::kFloats).bytes(7, "12345")),
                         "5 bytes of packed floats"));
}

TEST(Parse, ErrorsSayWhere) {
    Message bad = node("Conv", {"x"}, {"y"}, {Message().bytes(1, "strides").varint(20, 7).fixed32(8, 1)}, "conv1");
    const Message file = model(graph({.nodes = {node("Relu", {"x"}, {"z"}), bad}}));
    const std::string error = errorOf(file);
    EXPECT_TRUE(contains(
        error,
        "graph.node[1] 'conv1' (Conv).attribute[0] 'strides': field 8 has wire type 32 bit, not varint (at byte "))
        << error;
    const size_t at = std::stoul(error.substr(error.rfind(' ') + 1));
    EXPECT_EQ(file.str()[at], static_cast<char>(8 << 3 | 5));
    // Names behind the place of the error are told, too.
    EXPECT_TRUE(contains(errorOf(model(Message().message(1, Message().varint(1, 0).bytes(4, "Relu").bytes(3, "late")))),
                         "graph.node[0] 'late' (Relu): field 1 has wire type varint"));
    EXPECT_TRUE(contains(
        errorOf(model(
            graph({.nodes = {node("If", {"c"}, {"y"}, {graphAttribute("then_branch", graph({.nodes = {bad}}))})}}))),
        "graph.node[0] (If).attribute[0] 'then_branch'.g[0] 'g'.node[0] 'conv1' (Conv).attribute[0] 'strides': "));
}

TEST(Parse, RefusesWhatIsNoModel) {
    EXPECT_EQ(parseModel({}).status().message(), "an empty ONNX file");
    EXPECT_EQ(errorOf(Message().varint(1, 8)), "the model has no graph: is this an ONNX file?");
    EXPECT_TRUE(
        contains(errorOf(Message("version https://git-lfs.github.com/spec/v1\noid sha256:1\n")), "git lfs pull"));
    EXPECT_FALSE(parse(Message("<!DOCTYPE html><html></html>")).ok());
    EXPECT_TRUE(contains(errorOf(model(graph({}), {}, 15)), "IR version 15 is newer than 14"));
    EXPECT_TRUE(contains(errorOf(model(graph({})).message(7, graph({}))), "field 7 is there twice"));
    EXPECT_TRUE(contains(errorOf(model(graph({})).message(8, testing::opset("ai.onnx", 19))),
                         "domain '' is imported in versions 20 and 19"));
    EXPECT_TRUE(contains(errorOf(model(graph({})).varint(7, 1)),
                         "field 7 has wire type varint, not length-delimited (at byte "));
}

TEST(Parse, OldFilesHaveOneOpset) {
    EXPECT_EQ(parse(Message().varint(1, 2).message(7, graph({}))).take().opsets, (Opsets{{"", 1}}));
    EXPECT_TRUE(parse(Message().varint(1, 3).message(7, graph({}))).take().opsets.empty());
}

Message nestedGraphs(int depth) {
    Message inner = graph({});
    for (int i = 0; i < depth; ++i) inner = graph({.nodes = {node("If", {}, {}, {graphAttribute("b", inner)})}});
    return model(inner);
}

Message nestedTypes(int depth) {
    Message inner = floatType({});
    for (int i = 0; i < depth; ++i) inner = Message().message(4, Message().message(1, inner));
    return model(Message().message(11, testing::valueInfo("x", inner)));
}

TEST(Parse, NestingIsBounded) {
    EXPECT_TRUE(parse(nestedGraphs(64)).ok());
    EXPECT_TRUE(contains(errorOf(nestedGraphs(65)), "graphs lie more than 64 deep in graphs"));
    EXPECT_TRUE(contains(errorOf(nestedGraphs(2000)), "graphs lie more than 64 deep in graphs"));
    EXPECT_TRUE(parse(nestedTypes(63)).ok());
    EXPECT_TRUE(contains(errorOf(nestedTypes(64)), "types lie more than 64 deep in types"));
    EXPECT_TRUE(contains(errorOf(nestedTypes(3000)), "types lie more than 64 deep in types"));
}

TEST(Parse, MemoryIsBounded) {
    // Two bytes of file make one node.
    Message graph;
    for (int i = 0; i < 10000; ++i) graph.bytes(1, "");
    ParseOptions options;
    options.maxStructBytes = 1000 * sizeof(Node);
    EXPECT_TRUE(contains(errorOf(model(graph), options), "graph.node[999]") ||
                contains(errorOf(model(graph), options), "graph: "));
    EXPECT_TRUE(contains(errorOf(model(graph), options), "the model's structure takes more than the allowed"));
    EXPECT_TRUE(parse(model(graph)).ok());
}

TEST(Parse, FilesKnowTheirFolder) {
    const testing::TempFolder folder;
    const std::string path = (folder.path() / "m.onnx").string();
    std::ofstream(path, std::ios::binary) << model(graph({})).str();
    EXPECT_EQ(parseFile(path).take().folder, folder.path().string());
    EXPECT_TRUE(contains(parseFile(path + "x").status().message(), "cannot open"));
    std::ofstream(path, std::ios::binary) << "x";
    EXPECT_TRUE(contains(parseFile(path).status().message(), "m.onnx': "));
}

}  // namespace
}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/check_model.h"

#include <gtest/gtest.h>

#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

using testing::attribute;
using testing::function;
using testing::graph;
using testing::graphAttribute;
using testing::Message;
using testing::model;
using testing::modelOf;
using testing::node;
using testing::tensorHead;

std::string check(const Message& message, const CheckOptions& options = {}) {
    const Result<Model> read = testing::parse(message);
    return read.ok() ? checkModel(*read, options).message() : "parse: " + read.status().message();
}

Message floats(std::string_view name, int64_t count) {
    return tensorHead(name, DataType::kFloat, {count})
        .packedFixed<float>(4, std::vector<float>(static_cast<size_t>(count)));
}

TEST(CheckModel, AcceptsAnOrdinaryModel) {
    const Message m = model(graph({.nodes = {node("Add", {"x", "w"}, {"s"}), node("Dropout", {"s", "", ""}, {"y", ""})},
                                   .inputs = {"x", "w"},
                                   .outputs = {"y", "x", "w"},
                                   .initializers = {floats("w", 1), floats("unused", 2)}}));
    EXPECT_EQ(check(m), "");
}

TEST(CheckModel, ModelFields) {
    EXPECT_EQ(check(model(graph({}), {}, 0)), "the model has IR version 0; 1 to 14 are known");
    EXPECT_EQ(check(Message().varint(1, 8).message(7, graph({}))), "the model imports no operator set");
    EXPECT_EQ(check(Message().varint(1, 8).message(7, graph({})).message(8, testing::opset("x", 0))),
              "domain 'x' is imported in version 0");
}

TEST(CheckModel, EveryNameIsDefinedOnce) {
    EXPECT_EQ(check(model(graph({.inputs = {"x", "x"}}))), "graph: input 'x' is there twice");
    EXPECT_EQ(check(model(graph({.inputs = {""}}))), "graph: an input has no name");
    EXPECT_EQ(check(model(graph({.initializers = {floats("w", 1), floats("w", 1)}}))),
              "graph: initializer 'w' is there twice");
    EXPECT_EQ(check(model(graph({.initializers = {floats("", 1)}}))), "graph: an initializer has no name");
    EXPECT_EQ(check(model(graph(
                  {.nodes = {node("Relu", {"x"}, {"y"}), node("Abs", {"x"}, {"y"}, {}, "second")}, .inputs = {"x"}}))),
              "graph: node[1] 'second' (Abs): output[0] 'y' is defined before");
    EXPECT_EQ(check(model(graph({.nodes = {node("Split", {"x"}, {"y", "y"})}, .inputs = {"x"}}))),
              "graph: node[0] (Split): output[1] 'y' is defined before");
    EXPECT_EQ(check(model(graph({.nodes = {node("Relu", {"x"}, {"x"})}, .inputs = {"x"}}))),
              "graph: node[0] (Relu): output[0] 'x' is defined before");
    EXPECT_EQ(check(model(graph({.nodes = {node("Relu", {"w"}, {"w"})}, .initializers = {floats("w", 1)}}))),
              "graph: node[0] (Relu): output[0] 'w' is defined before");
}

TEST(CheckModel, WhatIsReadIsDefinedBefore) {
    EXPECT_EQ(check(model(graph({.nodes = {node("Add", {"x", "z"}, {"y"}, {}, "sum")}, .inputs = {"x"}}))),
              "graph: node[0] 'sum' (Add): input[1] 'z' is neither an input nor an initializer nor any node's output");
    EXPECT_EQ(check(model(graph(
                  {.nodes = {node("Relu", {"a"}, {"b"}), node("Abs", {"x"}, {"a"}, {}, "later")}, .inputs = {"x"}}))),
              "graph: node[0] (Relu): input[0] 'a' is computed only later, by node[1] 'later' (Abs)");
    EXPECT_EQ(check(model(graph({.nodes = {node("Relu", {"a"}, {"a"})}}))),
              "graph: node[0] (Relu): input[0] 'a' is the node's own output");
    EXPECT_EQ(check(model(graph({.outputs = {"y"}}))), "graph: output 'y' is computed by no node");
}

Message branches(const Message& then, const Message& other) {
    return node("If", {"c"}, {"y"}, {graphAttribute("then_branch", then), graphAttribute("else_branch", other)},
                "choose");
}

TEST(CheckModel, SubgraphsSeeWhatIsAroundThem) {
    const Message inner = graph({.nodes = {node("Relu", {"x"}, {"r"})}, .outputs = {"r"}});
    // Siblings may use the same names; an output may come from outside.
    EXPECT_EQ(check(model(graph({.nodes = {branches(inner, inner)}, .inputs = {"c", "x"}, .outputs = {"y"}}))), "");
    EXPECT_EQ(check(model(graph({.nodes = {branches(inner, graph({.outputs = {"x"}}))}, .inputs = {"c", "x"}}))), "");
    // Two levels down.
    const Message deep = graph({.nodes = {branches(inner, inner)}, .outputs = {"y"}});
    EXPECT_EQ(check(model(graph(
                  {.nodes = {node("If", {"c"}, {"z"}, {graphAttribute("then_branch", deep)})}, .inputs = {"c", "x"}}))),
              "");
    // Not what comes later, not what is inside, not the node's own output.
    EXPECT_EQ(check(model(graph({.nodes = {branches(inner, inner), node("Abs", {"c"}, {"x"})}, .inputs = {"c"}}))),
              "graph: node[0] 'choose' (If): attribute 'then_branch': node[0] (Relu): input[0] 'x' is neither an input "
              "nor an "
              "initializer nor any node's output");
    EXPECT_EQ(check(model(graph({.nodes = {branches(inner, inner)}, .inputs = {"c", "x"}, .outputs = {"r"}}))),
              "graph: output 'r' is computed by no node");
    EXPECT_NE(check(model(graph({.nodes = {branches(graph({.outputs = {"y"}}), inner)}, .inputs = {"c", "x"}}))), "");
}

TEST(CheckModel, SubgraphsMayHideWithInputsOnly) {
    const Message body = graph({.nodes = {node("Relu", {"x"}, {"r"})}, .inputs = {"x"}, .outputs = {"r"}});
    EXPECT_EQ(
        check(model(graph({.nodes = {node("Scan", {"x"}, {"y"}, {graphAttribute("body", body)})}, .inputs = {"x"}}))),
        "");
    const Message hiding = graph({.nodes = {node("Relu", {"c"}, {"x"})}, .outputs = {"x"}});
    EXPECT_EQ(check(model(graph({.nodes = {branches(hiding, hiding)}, .inputs = {"c", "x"}}))),
              "graph: node[0] 'choose' (If): attribute 'then_branch': node[0] (Relu): output[0] 'x' is defined before");
}

TEST(CheckModel, DomainsAreImported) {
    EXPECT_EQ(check(model(graph({.nodes = {node("Gelu", {"x"}, {"y"}, {}, "g", "com.microsoft")}, .inputs = {"x"}}))),
              "graph: node[0] 'g' (com.microsoft.Gelu): no operator set of domain 'com.microsoft' is imported");
    EXPECT_EQ(check(model(graph({.nodes = {node("Relu", {"x"}, {"y"}, {}, "", "ai.onnx")}, .inputs = {"x"}}))), "");
    EXPECT_EQ(check(model(graph({.nodes = {node("", {"x"}, {"y"})}, .inputs = {"x"}}))),
              "graph: node[0]: it has no op type");
}

TEST(CheckModel, InputsOfTheMainGraphHaveTypes) {
    const auto withInput = [](const Message& type) {
        return check(model(Message().message(11, testing::valueInfo("x", type))));
    };
    EXPECT_EQ(withInput(Message()), "graph: input 'x': it has no type");
    EXPECT_EQ(withInput(Message().message(1, Message())), "graph: input 'x': it has no element type");
    EXPECT_EQ(withInput(Message().message(4, Message())), "graph: input 'x': its sequence has no element type");
    EXPECT_EQ(withInput(Message().message(5, Message().message(2, testing::floatType({})))),
              "graph: input 'x': its map has no key type");
    EXPECT_EQ(withInput(Message().message(4, Message().message(1, testing::floatType({})))), "");
}

TEST(CheckModel, TensorsHaveTheirElements) {
    const Message few = modelOf(tensorHead("w", DataType::kFloat, {3}).bytes(9, "1234"));
    EXPECT_EQ(check(few), "graph: initializer: tensor 'w' FLOAT[3] needs 12 bytes of data, but has 4");
    EXPECT_EQ(check(few, {.allowMissingData = true}),
              "graph: initializer: tensor 'w' FLOAT[3] needs 12 bytes of data, but has 4");
    const Message none = modelOf(tensorHead("w", DataType::kFloat, {3}));
    EXPECT_EQ(check(none), "graph: initializer: tensor 'w' FLOAT[3] has no data");
    EXPECT_EQ(check(none, {.allowMissingData = true}), "");
    EXPECT_EQ(check(modelOf(tensorHead("w", DataType::kString, {1}))),
              "graph: initializer: tensor 'w' STRING[1] needs 1 strings, but has 0");
    const Message constant =
        testing::attributeHead("value", AttributeType::kTensor).message(5, tensorHead("", DataType::kFloat, {1}));
    EXPECT_EQ(check(model(graph({.nodes = {node("Constant", {}, {"y"}, {constant})}}))),
              "graph: node[0] (Constant): attribute 'value': tensor '' FLOAT[1] has no data");
    const Message sparse = Message()
                               .message(1, floats("s", 1))
                               .message(2, tensorHead("", DataType::kInt64, {1}).packed(7, {9}))
                               .packed(3, {3});
    EXPECT_EQ(check(model(Message().message(15, sparse))),
              "graph: initializer: sparse tensor 's': index 9 of value 0 is not below 3");
}

TEST(CheckModel, Attributes) {
    EXPECT_EQ(check(model(graph({.nodes = {node("Op", {}, {"y"}, {attribute("a", 1.f), attribute("a", 2.f)})}}))),
              "graph: node[0] (Op): attribute 'a' is there twice");
    EXPECT_EQ(check(model(graph({.nodes = {node("Op", {}, {"y"}, {attribute("", 1.f)})}}))),
              "graph: node[0] (Op): an attribute has no name");
    EXPECT_EQ(check(model(graph(
                  {.nodes = {node("Op", {}, {"y"}, {testing::referenceAttribute("a", "b", AttributeType::kInt)})}}))),
              "graph: node[0] (Op): attribute 'a': it refers to an attribute of a function, but stands in none");
}

TEST(CheckModel, Functions) {
    const auto with = [](const std::vector<Message>& functions) { return check(model(graph({}), functions)); };
    const Message relu = node("Relu", {"a"}, {"b"});
    const Message reference =
        node("Elu", {"a"}, {"b"}, {testing::referenceAttribute("alpha", "k", AttributeType::kFloat)});
    EXPECT_EQ(with({function({.name = "f", .inputs = {"a"}, .outputs = {"b", "a"}, .nodes = {relu}})}), "");
    EXPECT_EQ(
        with({function({.name = "f", .inputs = {"a"}, .outputs = {"b"}, .nodes = {reference}, .attributes = {"k"}})}),
        "");
    EXPECT_EQ(with({function({.name = "f",
                              .inputs = {"a"},
                              .outputs = {"b"},
                              .nodes = {reference},
                              .defaults = {attribute("k", 1.f)}})}),
              "");
    EXPECT_EQ(with({function({.name = "f", .inputs = {"a"}, .outputs = {"b"}, .nodes = {reference}})}),
              "function 'local.f': node[0] (Elu): attribute 'alpha': it refers to attribute 'k', which the function "
              "does not have");
    EXPECT_EQ(with({function({.name = "f"}), function({.name = "f"})}), "function 'local.f' is there twice");
    EXPECT_EQ(with({function({.name = ""})}), "function 'local.': it has no name");
    EXPECT_EQ(with({function({.name = "f", .inputs = {"a", "a"}})}), "function 'local.f': input 'a' is there twice");
    EXPECT_EQ(with({function({.name = "f", .outputs = {"b"}})}),
              "function 'local.f': output 'b' is computed by no node");
    EXPECT_EQ(with({function({.name = "f", .inputs = {"a"}, .outputs = {"b", "b"}, .nodes = {relu}})}),
              "function 'local.f': output 'b' is there twice");
    EXPECT_EQ(with({function({.name = "f", .attributes = {"k"}, .defaults = {attribute("k", 1.f)}})}),
              "function 'local.f': attribute 'k' is there twice");
    // A body sees nothing of the main graph.
    EXPECT_EQ(check(model(graph({.inputs = {"a"}}), {function({.name = "f", .nodes = {relu}})})),
              "function 'local.f': node[0] (Relu): input[0] 'a' is neither an input nor an initializer nor any node's "
              "output");
    EXPECT_EQ(check(model(graph({.nodes = {node("f", {"x", "x"}, {"y"}, {}, "", "local")}, .inputs = {"x"}}),
                          {function({.name = "f", .inputs = {"a"}, .outputs = {"b"}, .nodes = {relu}})})),
              "graph: node[0] (local.f): 2 inputs and 1 outputs, but function 'local.f' has 1 and 1");
}

}  // namespace
}  // namespace lathe::onnx

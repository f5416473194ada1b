// SPDX-License-Identifier: Apache-2.0
// Writes small ONNX files for tests: the messages that the tests need, in the protobuf wire format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontends/common/test_writer.h"
#include "frontends/onnx/model/parse.h"

namespace lathe::onnx::testing {

using frontends::testing::Message;
using frontends::testing::TempFolder;
using Names = std::vector<std::string>;

inline Message attributeHead(std::string_view name, AttributeType type) {
    return Message().bytes(1, name).varint(20, static_cast<int64_t>(type));
}
inline Message attribute(std::string_view name, int64_t value) {
    return attributeHead(name, AttributeType::kInt).varint(3, value);
}
inline Message attribute(std::string_view name, float value) {
    return attributeHead(name, AttributeType::kFloat).real(2, value);
}
inline Message attribute(std::string_view name, const std::vector<int64_t>& values) {
    return attributeHead(name, AttributeType::kInts).packed(8, values);
}
inline Message graphAttribute(std::string_view name, const Message& graph) {
    return attributeHead(name, AttributeType::kGraph).message(6, graph);
}
inline Message referenceAttribute(std::string_view name, std::string_view reference, AttributeType type) {
    return attributeHead(name, type).bytes(21, reference);
}

inline Message node(std::string_view op, const Names& inputs, const Names& outputs,
                    const std::vector<Message>& attributes = {}, std::string_view name = "",
                    std::string_view domain = "") {
    Message out;
    for (const std::string& input : inputs) out.bytes(1, input);
    for (const std::string& output : outputs) out.bytes(2, output);
    if (!name.empty()) out.bytes(3, name);
    out.bytes(4, op);
    for (const Message& attribute : attributes) out.message(5, attribute);
    if (!domain.empty()) out.bytes(7, domain);
    return out;
}

inline Message tensorHead(std::string_view name, DataType type, const std::vector<int64_t>& dims) {
    Message out;
    if (!dims.empty()) out.packed(1, dims);
    out.varint(2, static_cast<int64_t>(type));
    if (!name.empty()) out.bytes(8, name);
    return out;
}

inline Message floatType(const std::vector<int64_t>& dims) {
    Message shape;
    for (const int64_t dim : dims) shape.message(1, Message().varint(1, dim));
    return Message().message(1, Message().varint(1, 1).message(2, shape));
}

inline Message valueInfo(std::string_view name, const Message& type) {
    return Message().bytes(1, name).message(2, type);
}
inline Message value(std::string_view name) { return valueInfo(name, floatType({1})); }

struct GraphParts {
    std::vector<Message> nodes = {};
    Names inputs = {};
    Names outputs = {};
    std::vector<Message> initializers = {};
    std::string name = "g";
};

inline Message graph(const GraphParts& parts) {
    Message out;
    for (const Message& node : parts.nodes) out.message(1, node);
    out.bytes(2, parts.name);
    for (const Message& tensor : parts.initializers) out.message(5, tensor);
    for (const std::string& name : parts.inputs) out.message(11, value(name));
    for (const std::string& name : parts.outputs) out.message(12, value(name));
    return out;
}

inline Message opset(std::string_view domain, int64_t version) { return Message().bytes(1, domain).varint(2, version); }

inline Message model(const Message& graph, const std::vector<Message>& functions = {}, int64_t irVersion = 10) {
    Message out;
    out.varint(1, irVersion).bytes(2, "tests").message(8, opset("", 20)).message(7, graph);
    if (!functions.empty()) out.message(8, opset("local", 1));
    for (const Message& function : functions) out.message(25, function);
    return out;
}

struct FunctionParts {
    std::string name = {};
    Names inputs = {};
    Names outputs = {};
    std::vector<Message> nodes = {};
    Names attributes = {};
    std::vector<Message> defaults = {};
    std::string domain = "local";
};

inline Message function(const FunctionParts& parts) {
    Message out;
    out.bytes(1, parts.name);
    for (const std::string& name : parts.inputs) out.bytes(4, name);
    for (const std::string& name : parts.outputs) out.bytes(5, name);
    for (const std::string& name : parts.attributes) out.bytes(6, name);
    for (const Message& node : parts.nodes) out.message(7, node);
    for (const Message& attribute : parts.defaults) out.message(11, attribute);
    return out.message(9, opset("", 20)).message(9, opset("local", 1)).bytes(10, parts.domain);
}

inline Result<Model> parse(const Message& message, const ParseOptions& options = {}) {
    return parseModel(copyOf(message.view()), options);
}

// A model whose only content is one initializer.
inline Message modelOf(const Message& tensor) { return model(graph({.initializers = {tensor}})); }

}  // namespace lathe::onnx::testing

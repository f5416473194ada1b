// SPDX-License-Identifier: Apache-2.0
// Writes small ONNX files for tests: the protobuf wire format, and the messages that the tests need on top of it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontends/onnx/model/parse.h"

namespace lathe::onnx::testing {

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

// A fresh folder, removed with all in it.
class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lathe_onnx_XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace lathe::onnx::testing

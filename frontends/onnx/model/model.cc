// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/model.h"

#include <fmt/format.h>

namespace lathe::onnx {
namespace {

void bindNodes(std::vector<Node>& nodes, const Opsets& opsets) {
    for (Node& node : nodes) {
        const auto found = opsets.find(node.domain);
        node.opsetVersion = found == opsets.end() ? 0 : found->second;
        for (Attribute& attribute : node.attributes) {
            for (Graph& graph : attribute.graphs) bindNodes(graph.nodes, opsets);
        }
    }
}

}  // namespace

std::string_view toString(Type::Kind kind) {
    switch (kind) {
        case Type::Kind::kNone: return "none";
        case Type::Kind::kTensor: return "tensor";
        case Type::Kind::kSparseTensor: return "sparse_tensor";
        case Type::Kind::kSequence: return "sequence";
        case Type::Kind::kOptional: return "optional";
        case Type::Kind::kMap: return "map";
        case Type::Kind::kOpaque: return "opaque";
    }
    return "?";
}

std::string toString(const Type& type) {
    const bool tensor = type.kind == Type::Kind::kTensor;
    std::string text = tensor ? "" : std::string(toString(type.kind));
    if (tensor || type.kind == Type::Kind::kSparseTensor) {
        if (!tensor) text += ' ';
        text += toString(type.elemType);
        if (!type.shape) return text + "[...]";
        text += '[';
        for (size_t i = 0; i < type.shape->size(); ++i) {
            const Dim& dim = (*type.shape)[i];
            if (i) text += ',';
            text += dim.value ? std::to_string(*dim.value) : dim.param.empty() ? "?" : dim.param;
        }
        return text + ']';
    }
    if (type.kind == Type::Kind::kOpaque) return text + '(' + type.opaqueDomain + '.' + type.opaqueName + ')';
    if (type.kind == Type::Kind::kNone) return text;
    text += '(';
    if (type.kind == Type::Kind::kMap) text.append(toString(type.elemType)).append(", ");
    return text + (type.element.empty() ? "?" : toString(type.element[0])) + ')';
}

std::string_view toString(AttributeType type) {
    constexpr std::string_view kNames[] = {
        "UNDEFINED", "FLOAT",   "INT",    "STRING",        "TENSOR",         "GRAPH",      "FLOATS",     "INTS",
        "STRINGS",   "TENSORS", "GRAPHS", "SPARSE_TENSOR", "SPARSE_TENSORS", "TYPE_PROTO", "TYPE_PROTOS"};
    const size_t index = static_cast<size_t>(type);
    return index < std::size(kNames) ? kNames[index] : "?";
}

const Attribute* Node::attribute(std::string_view wanted) const {
    for (const Attribute& attribute : attributes) {
        if (attribute.name == wanted) return &attribute;
    }
    return nullptr;
}

std::string describe(const Node& node, size_t index) {
    std::string text = fmt::format("node[{}]", index);
    if (!node.name.empty()) text += ' ' + inQuotes(node.name);
    if (!node.opType.empty())
        text += " (" + printable(node.domain.empty() ? node.opType : node.domain + '.' + node.opType) + ')';
    return text;
}

std::string printable(std::string_view name) {
    constexpr size_t kLongest = 120;
    std::string text;
    for (const char c : name.substr(0, kLongest)) {
        const unsigned char byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            text += fmt::format("\\x{:02x}", byte);
        } else {
            text += c;
        }
    }
    if (name.size() > kLongest) text += "...";
    return text;
}

std::string inQuotes(std::string_view name) { return '\'' + printable(name) + '\''; }

void bindOpsets(Model& model) {
    bindNodes(model.graph.nodes, model.opsets);
    for (Function& function : model.functions) bindNodes(function.nodes, function.opsets);
}

}  // namespace lathe::onnx

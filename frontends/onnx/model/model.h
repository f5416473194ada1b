// SPDX-License-Identifier: Apache-2.0
// An ONNX model as plain structs, read by parse.h. The domain "ai.onnx" is written "" everywhere. Training information
// and multi-device annotations of a file are not kept: neither changes what the graph computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "frontends/onnx/model/blob.h"
#include "frontends/onnx/model/data_type.h"
#include "frontends/onnx/model/tensor.h"

namespace lathe::onnx {

inline constexpr int64_t kNewestIrVersion = 14;

struct Dim {
    std::optional<int64_t> value;  // as the file has it; some exporters write -1 or 0 for a dynamic dimension
    std::string param;             // the name of a symbolic dimension
    std::string denotation;
};

struct Type {
    enum class Kind : uint8_t { kNone, kTensor, kSparseTensor, kSequence, kOptional, kMap, kOpaque };

    Kind kind = Kind::kNone;
    DataType elemType = DataType::kUndefined;  // tensors; of a map the key type
    std::optional<std::vector<Dim>> shape;     // tensors; nothing where the rank is not known
    std::vector<Type> element;                 // one: what a sequence or optional holds, or a map's value type
    std::string opaqueDomain;
    std::string opaqueName;
    std::string denotation;
};

std::string_view toString(Type::Kind kind);
// "FLOAT[batch,3,224,224]", "sequence(INT64[?])", "none".
std::string toString(const Type& type);

struct ValueInfo {
    std::string name;
    std::string docString;
    Type type;
    StringPairs metadata;
};

enum class AttributeType : uint8_t {
    kUndefined = 0,
    kFloat = 1,
    kInt = 2,
    kString = 3,
    kTensor = 4,
    kGraph = 5,
    kFloats = 6,
    kInts = 7,
    kStrings = 8,
    kTensors = 9,
    kGraphs = 10,
    kSparseTensor = 11,
    kSparseTensors = 12,
    kType = 13,
    kTypes = 14,
};

std::string_view toString(AttributeType type);

struct Graph;

// Only the field that `type` names is in use; the parser has checked that. A single tensor, graph, sparse tensor or
// type is the only element of its vector. With refAttrName set there is no value: inside a function, the value is the
// call's attribute of that name.
struct Attribute {
    std::string name;
    std::string refAttrName;
    AttributeType type = AttributeType::kUndefined;
    float f = 0;
    int64_t i = 0;
    std::string s;
    std::vector<float> floats;
    std::vector<int64_t> ints;
    std::vector<std::string> strings;
    std::vector<Tensor> tensors;
    std::vector<Graph> graphs;
    std::vector<SparseTensor> sparseTensors;
    std::vector<Type> types;
};

struct Node {
    std::string name;
    std::string opType;
    std::string domain;
    std::string overload;
    std::string docString;
    std::vector<std::string> inputs;   // "" where an optional input is left out
    std::vector<std::string> outputs;  // "" where an optional output is not wanted
    std::vector<Attribute> attributes;
    StringPairs metadata;
    // The version of the operator set `domain` that defines this node, from the model or, for a function's nodes, from
    // the function; 0 where neither imports the domain. Read this and not Model::opsets: the two differ for nodes that
    // came out of a function.
    int64_t opsetVersion = 0;
    // For people, once functions are expanded (inline_functions.h): the index of the main graph's node that this one is
    // or comes from, -1 before; and the functions that it lies in, outermost first, null when there are none.
    int64_t sourceIndex = -1;
    std::shared_ptr<const std::vector<std::string>> functionStack;

    // nullptr when there is none.
    const Attribute* attribute(std::string_view name) const;
};

// "node[12] 'conv1' (Conv)", with what is there.
std::string describe(const Node& node, size_t index);

struct QuantizationAnnotation {
    std::string tensorName;
    StringPairs parameters;  // role → tensor name
};

struct Graph {
    std::string name;
    std::string docString;
    std::vector<Node> nodes;
    std::vector<Tensor> initializers;
    std::vector<SparseTensor> sparseInitializers;
    std::vector<ValueInfo> inputs;  // may repeat the names of initializers, which then are default values
    std::vector<ValueInfo> outputs;
    std::vector<ValueInfo> valueInfos;
    std::vector<QuantizationAnnotation> quantizationAnnotations;
    StringPairs metadata;
};

using Opsets = std::map<std::string, int64_t, std::less<>>;

struct Function {
    std::string name;
    std::string domain;
    std::string overload;
    std::string docString;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::vector<std::string> attributes;  // those without a default
    std::vector<Attribute> attributeDefaults;
    std::vector<Node> nodes;
    Opsets opsets;
    std::vector<ValueInfo> valueInfos;
    StringPairs metadata;
};

struct Model {
    int64_t irVersion = 0;
    std::string producerName;
    std::string producerVersion;
    std::string domain;
    int64_t modelVersion = 0;
    std::string docString;
    Opsets opsets;
    Graph graph;
    std::vector<Function> functions;
    StringPairs metadata;
    Blob file;           // the bytes that tensors view
    std::string folder;  // that external data lies in; "" when not known
};

// A name as it may stand in a message: control bytes escaped, cut when long. Names of a file are hostile too.
std::string printable(std::string_view name);
std::string inQuotes(std::string_view name);  // in single quotes

// Sets opsetVersion in every node of the model, its functions and all subgraphs.
void bindOpsets(Model& model);

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
// What an importer sees of its node. Everything that a node has must be looked at: an attribute, input or wanted output
// that the importer leaves alone makes the import of the node fail, so that nothing is silently ignored.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "frontends/onnx/importer/emitter.h"
#include "frontends/onnx/importer/registry.h"
#include "frontends/onnx/importer/scope.h"

namespace lathe::onnx {

using nvinfer1::Dims;
using nvinfer1::Weights;
using nvonnxparser::ErrorCode;
using Ints = std::vector<int64_t>;

// A format string that remembers where it stands.
template <class... A>
struct LocatedFormat {
    template <class S>
    consteval LocatedFormat(const S& text, std::source_location where = std::source_location::current())
        : format(text), where(where) {}
    fmt::format_string<A...> format;
    std::source_location where;
};

class NodeImport final : public Emitter {
  public:
    NodeImport(Session& session, Scope& scope, const Node& node);

    const Node& node() const { return node_; }
    int64_t opset() const { return node_.opsetVersion; }
    Scope& scope() { return scope_; }

    // --- Inputs
    int inputCount() const { return static_cast<int>(node_.inputs.size()); }
    bool has(int i) const { return i < inputCount() && !node_.inputs[i].empty(); }
    // Fails when it is left out.
    Result<ITensor*> input(int i);
    // Null when it is left out.
    Result<ITensor*> optionalInput(int i);
    Result<TensorList> allInputs();
    // The elements when they are known now (an initializer or the like), else null. Counts as looked at only together
    // with one of the calls below, or with input().
    const Tensor* constant(int i) const;
    // A constant input's elements as weights for a factory, called as the initializer is for the refitter. Nothing when
    // it is no constant.
    Result<std::optional<Weights>> weights(int i);
    // Known integers, of a constant or because the network's layers fix them; nothing when the input is left out or not
    // known now.
    Result<std::optional<Ints>> knownInts(int i);
    // Integers that must be known now.
    Result<Ints> ints(int i, const char* what);
    // The same for floating point.
    Result<std::optional<std::vector<double>>> knownReals(int i);
    Result<std::vector<double>> reals(int i, const char* what);
    // Says that an input changes nothing.
    void ignoreInput(int i) { usedInputs_.insert(i); }
    using Emitter::ints;

    // --- Attributes
    bool hasAttr(std::string_view name) const { return node_.attribute(name) != nullptr; }
    Result<int64_t> intAttr(std::string_view name, int64_t otherwise);
    Result<int64_t> intAttr(std::string_view name);  // required
    Result<bool> boolAttr(std::string_view name, bool otherwise);
    Result<double> floatAttr(std::string_view name, double otherwise);
    Result<double> floatAttr(std::string_view name);
    Result<std::string> stringAttr(std::string_view name, std::string otherwise);
    Result<std::string> stringAttr(std::string_view name);
    // A string out of a set; gives its place. `otherwise` is one of them.
    Result<int> choiceAttr(std::string_view name, std::string_view otherwise,
                           std::initializer_list<const char*> choices);
    Result<Ints> intsAttr(std::string_view name, Ints otherwise = {});
    Result<std::vector<double>> floatsAttr(std::string_view name, std::vector<double> otherwise = {});
    Result<std::vector<std::string>> stringsAttr(std::string_view name);
    Result<const Tensor*> tensorAttr(std::string_view name);  // null when there is none
    Result<const Graph*> graphAttr(std::string_view name);    // required
    // An element type; `otherwise` when there is no such attribute.
    Result<ApiType> typeAttr(std::string_view name, std::optional<ApiType> otherwise);
    // Says that an attribute changes nothing.
    void ignoreAttr(std::string_view name) { usedAttributes_.insert(std::string(name)); }

    // The API's type for an element type of ONNX, with a reason when there is none.
    Result<ApiType> computedType(DataType type, const char* what);
    // A negative axis counts from the end. Fails out of range.
    Result<int> axis(int64_t axis, int rank);
    Result<Ints> axes(const Ints& axes, int rank);  // distinct

    // --- Outputs
    int outputCount() const { return static_cast<int>(node_.outputs.size()); }
    bool wants(int i) const { return i < outputCount() && !node_.outputs[i].empty(); }
    Status output(int i, ITensor* tensor);
    Status outputs(const TensorList& tensors);
    // Output 0, for the last line of an importer.
    Status done(ITensor* tensor) { return output(0, tensor); }
    Status constantOutput(int i, const Tensor& tensor);

    // --- Errors
    template <class... A>
    Status fail(ErrorCode code, LocatedFormat<std::type_identity_t<A>...> format, A&&... args) {
        return failText(code, format.where, fmt::format(format.format, std::forward<A>(args)...));
    }
    template <class... A>
    Status invalid(LocatedFormat<std::type_identity_t<A>...> format, A&&... args) {
        return failText(ErrorCode::kINVALID_NODE, format.where, fmt::format(format.format, std::forward<A>(args)...));
    }
    template <class... A>
    Status notSupported(LocatedFormat<std::type_identity_t<A>...> format, A&&... args) {
        return failText(ErrorCode::kUNSUPPORTED_NODE, format.where,
                        fmt::format(format.format, std::forward<A>(args)...));
    }

    // --- Subgraphs
    // Imports a body whose inputs are bound to these tensors; gives its outputs.
    Result<TensorList> importBody(const Graph& body, const TensorList& inputs, Scope::Border border = nullptr);
    // Says, without a report, that the node cannot be imported as things stand; for Session::Choices.
    Status leaveOpen() {
        blocked_ = true;
        return unsupported("left open");
    }

    // Runs the importer and checks that nothing was left over. For the graph importer.
    Status run(const OpImporter& importer);
    // Whether the failure only passes on that of another node.
    bool blocked() const { return blocked_; }
    ImportError errorFor(const Status& status) const;

  private:
    friend class GraphImport;
    Status failText(ErrorCode code, const std::source_location& where, std::string text);
    Result<const Attribute*> find(std::string_view name, AttributeType type);
    Status requireAttr(std::string_view name);
    Result<Binding*> binding(int i);
    Status finish();

    Scope& scope_;
    const Node& node_;
    std::set<int> usedInputs_;
    std::set<std::string> usedAttributes_;
    std::vector<Binding> results_;
    bool blocked_ = false;
    struct Failure {
        ErrorCode code;
        std::source_location where;
        std::string text;
    };
    std::optional<Failure> failure_;
    const char* importerFile_ = "";
};

}  // namespace lathe::onnx

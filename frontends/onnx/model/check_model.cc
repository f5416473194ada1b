// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/check_model.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "frontends/onnx/model/function_calls.h"

namespace lathe::onnx {
namespace {

constexpr int kMaxDepth = 256;  // for models that the parser has not bounded

struct Scope {
    const Scope* parent = nullptr;
    std::unordered_set<std::string_view> names = {};

    bool has(std::string_view name) const { return names.count(name) || (parent && parent->has(name)); }
};

class Checker {
  public:
    Checker(const CheckOptions& options, const FunctionTable& table) : options_(options), table_(table) {}

    Status mainGraph(const Model& model) {
        opsets_ = &model.opsets;
        function_ = nullptr;
        for (const ValueInfo& input : model.graph.inputs) {
            TRY_IN("graph: input " + inQuotes(input.name), type(input.type));
        }
        TRY_IN("graph", graph(model.graph, nullptr, 0));
        return {};
    }

    Status function(const Function& function) {
        opsets_ = &function.opsets;
        function_ = &function;
        if (function.name.empty()) return invalidArgument("it has no name");
        for (const auto& [domain, version] : function.opsets) TRY(opset(domain, version));
        Scope scope;
        for (const std::string& input : function.inputs) {
            if (input.empty()) return invalidArgument("an input has no name");
            if (!scope.names.insert(input).second) return invalidArgument("input {} is there twice", inQuotes(input));
        }
        std::unordered_set<std::string_view> names;
        for (const std::string& name : function.attributes) {
            if (!names.insert(name).second) return invalidArgument("attribute {} is there twice", inQuotes(name));
        }
        for (const Attribute& attribute : function.attributeDefaults) {
            if (!names.insert(attribute.name).second) {
                return invalidArgument("attribute {} is there twice", inQuotes(attribute.name));
            }
            if (!attribute.refAttrName.empty()) {
                return invalidArgument("the default of attribute {} is a reference", inQuotes(attribute.name));
            }
            // A default stands outside the body and sees none of its values.
            TRY_IN("attribute " + inQuotes(attribute.name), value(attribute, nullptr, 0));
        }
        TRY(nodes(function.nodes, scope, 0));
        names.clear();
        for (const std::string& output : function.outputs) {
            if (!scope.names.count(output)) {
                return invalidArgument("output {} is computed by no node", inQuotes(output));
            }
            if (!names.insert(output).second) return invalidArgument("output {} is there twice", inQuotes(output));
        }
        return {};
    }

    static Status opset(const std::string& domain, int64_t version) {
        if (version > 0) return {};
        return invalidArgument("domain {} is imported in version {}", inQuotes(domain), version);
    }

  private:
    Status type(const Type& type) const {
        switch (type.kind) {
            case Type::Kind::kNone: return invalidArgument("it has no type");
            case Type::Kind::kOpaque: return {};
            case Type::Kind::kTensor:
            case Type::Kind::kSparseTensor:
                if (!isKnown(type.elemType)) return invalidArgument("it has no element type");
                return {};
            case Type::Kind::kMap:
                if (!isKnown(type.elemType)) return invalidArgument("its map has no key type");
                break;
            case Type::Kind::kSequence:
            case Type::Kind::kOptional: break;
        }
        if (type.element.empty()) return invalidArgument("its {} has no element type", toString(type.kind));
        return this->type(type.element[0]);
    }

    Status tensor(const Tensor& tensor) const {
        if (tensor.dataType == DataType::kString) return tensor.checkStrings();
        if (!tensor.hasData() && options_.allowMissingData) return tensor.byteSize().status();
        return tensor.bytes().status();
    }

    Status sparse(const SparseTensor& sparse) const {
        const bool complete = sparse.indices.hasData() && (sparse.values.hasData() || !sparse.values.strings.empty());
        if (!complete && options_.allowMissingData) return {};
        return checkSparseTensor(sparse);
    }

    Status graph(const Graph& graph, const Scope* parent, int depth) {
        if (depth > kMaxDepth) return invalidArgument("graphs lie more than {} deep in graphs", kMaxDepth);
        Scope scope{parent};
        for (const ValueInfo& input : graph.inputs) {
            if (input.name.empty()) return invalidArgument("an input has no name");
            if (!scope.names.insert(input.name).second) {
                return invalidArgument("input {} is there twice", inQuotes(input.name));
            }
        }
        std::unordered_set<std::string_view> initializers;
        const auto define = [&](const std::string& name) -> Status {
            if (name.empty()) return invalidArgument("an initializer has no name");
            if (!initializers.insert(name).second)
                return invalidArgument("initializer {} is there twice", inQuotes(name));
            scope.names.insert(name);
            return {};
        };
        for (const Tensor& initializer : graph.initializers) {
            TRY(define(initializer.name));
            TRY_IN("initializer", tensor(initializer));
        }
        for (const SparseTensor& initializer : graph.sparseInitializers) {
            TRY(define(initializer.name()));
            TRY_IN("initializer", sparse(initializer));
        }
        TRY(nodes(graph.nodes, scope, depth));
        for (const ValueInfo& output : graph.outputs) {
            if (!scope.has(output.name))
                return invalidArgument("output {} is computed by no node", inQuotes(output.name));
        }
        return {};
    }

    Status nodes(const std::vector<Node>& nodes, Scope& scope, int depth) {
        for (size_t i = 0; i < nodes.size(); ++i) TRY_IN(describe(nodes[i], i), node(nodes, i, scope, depth));
        return {};
    }

    Status node(const std::vector<Node>& nodes, size_t index, Scope& scope, int depth) {
        const Node& node = nodes[index];
        if (node.opType.empty()) return invalidArgument("it has no op type");
        const Function* callee = table_.find(node);
        if (!callee && !opsets_->count(node.domain)) {
            return invalidArgument("no operator set of domain {} is imported", inQuotes(node.domain));
        }
        for (size_t i = 0; i < node.inputs.size(); ++i) {
            const std::string& name = node.inputs[i];
            if (name.empty() || scope.has(name)) continue;
            return invalidArgument("input[{}] {} {}", i, inQuotes(name), whyUndefined(nodes, index, name));
        }
        if (callee && (node.inputs.size() > callee->inputs.size() || node.outputs.size() > callee->outputs.size())) {
            return invalidArgument("{} inputs and {} outputs, but {} has {} and {}", node.inputs.size(),
                                   node.outputs.size(), describe(*callee), callee->inputs.size(),
                                   callee->outputs.size());
        }
        std::unordered_set<std::string_view> names;
        for (const Attribute& attribute : node.attributes) {
            if (attribute.name.empty()) return invalidArgument("an attribute has no name");
            if (!names.insert(attribute.name).second) {
                return invalidArgument("attribute {} is there twice", inQuotes(attribute.name));
            }
            TRY_IN("attribute " + inQuotes(attribute.name), this->attribute(attribute, scope, depth));
        }
        for (size_t i = 0; i < node.outputs.size(); ++i) {
            const std::string& name = node.outputs[i];
            if (name.empty()) continue;
            if (scope.has(name)) return invalidArgument("output[{}] {} is defined before", i, inQuotes(name));
            scope.names.insert(name);
        }
        return {};
    }

    static std::string whyUndefined(const std::vector<Node>& nodes, size_t index, const std::string& name) {
        for (size_t later = index; later < nodes.size(); ++later) {
            const Node& node = nodes[later];
            if (std::find(node.outputs.begin(), node.outputs.end(), name) == node.outputs.end()) continue;
            if (later == index) return "is the node's own output";
            return "is computed only later, by " + describe(node, later);
        }
        return "is neither an input nor an initializer nor any node's output";
    }

    Status attribute(const Attribute& attribute, const Scope& scope, int depth) {
        if (attribute.refAttrName.empty()) return value(attribute, &scope, depth);
        if (!function_) return invalidArgument("it refers to an attribute of a function, but stands in none");
        const auto& declared = function_->attributes;
        const auto& defaults = function_->attributeDefaults;
        const std::string& name = attribute.refAttrName;
        if (std::find(declared.begin(), declared.end(), name) != declared.end()) return {};
        if (std::any_of(defaults.begin(), defaults.end(), [&](const Attribute& a) { return a.name == name; }))
            return {};
        return invalidArgument("it refers to attribute {}, which the function does not have", inQuotes(name));
    }

    Status value(const Attribute& attribute, const Scope* scope, int depth) {
        for (const Tensor& t : attribute.tensors) TRY(tensor(t));
        for (const SparseTensor& s : attribute.sparseTensors) TRY(sparse(s));
        for (const Graph& g : attribute.graphs) TRY(graph(g, scope, depth + 1));
        return {};
    }

    const CheckOptions& options_;
    const FunctionTable& table_;
    const Opsets* opsets_ = nullptr;
    const Function* function_ = nullptr;
};

}  // namespace

Status checkModel(const Model& model, const CheckOptions& options) {
    if (model.irVersion < 1 || model.irVersion > kNewestIrVersion) {
        return invalidArgument("the model has IR version {}; 1 to {} are known", model.irVersion, kNewestIrVersion);
    }
    if (model.opsets.empty()) return invalidArgument("the model imports no operator set");
    for (const auto& [domain, version] : model.opsets) TRY(Checker::opset(domain, version));
    const FunctionTable table = TRY(FunctionTable::make(model.functions));
    TRY(checkNoRecursion(model.functions, table));
    Checker checker(options, table);
    for (const Function& function : model.functions) TRY_IN(describe(function), checker.function(function));
    return checker.mainGraph(model);
}

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/inline_functions.h"

#include <iterator>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "frontends/onnx/model/function_calls.h"

namespace lathe::onnx {
namespace {

// The new names of one body or of one subgraph in it.
struct Renames {
    const Renames* outer = nullptr;
    std::unordered_map<std::string, std::string> names = {};

    const std::string* find(const std::string& name) const {
        const auto found = names.find(name);
        return found != names.end() ? &found->second : outer ? outer->find(name) : nullptr;
    }
};

// One call that is being expanded.
struct Call {
    const Node& node;
    const Function& function;
    std::string prefix;  // of its values
};

size_t sizeOf(const std::vector<std::string>& texts) {
    size_t size = texts.size() * sizeof(std::string);
    for (const std::string& text : texts) size += text.size();
    return size;
}

size_t sizeOf(const StringPairs& pairs) {
    size_t size = pairs.size() * sizeof(StringPairs::value_type);
    for (const auto& [key, value] : pairs) size += key.size() + value.size();
    return size;
}

size_t sizeOf(const Tensor& t) {
    return sizeof t + t.name.size() + t.docString.size() + t.dims.size() * sizeof(int64_t) + sizeOf(t.strings) +
           sizeOf(t.metadata);
}

size_t sizeOf(const SparseTensor& s) { return sizeOf(s.values) + sizeOf(s.indices) + s.dims.size() * sizeof(int64_t); }

size_t sizeOf(const Type& type) {
    size_t size = sizeof type + type.opaqueDomain.size() + type.opaqueName.size() + type.denotation.size();
    if (type.shape) {
        for (const Dim& dim : *type.shape) size += sizeof dim + dim.param.size() + dim.denotation.size();
    }
    for (const Type& element : type.element) size += sizeOf(element);
    return size;
}

size_t sizeOf(const std::vector<ValueInfo>& values) {
    size_t size = 0;
    for (const ValueInfo& value : values) {
        size += sizeof value + value.name.size() + value.docString.size() + sizeOf(value.type) + sizeOf(value.metadata);
    }
    return size;
}

size_t sizeOf(const Graph& graph);

size_t sizeOf(const Attribute& a) {
    size_t size = sizeof a + a.name.size() + a.s.size() + a.floats.size() * sizeof(float) +
                  a.ints.size() * sizeof(int64_t) + sizeOf(a.strings);
    for (const Tensor& tensor : a.tensors) size += sizeOf(tensor);
    for (const SparseTensor& sparse : a.sparseTensors) size += sizeOf(sparse);
    for (const Type& type : a.types) size += sizeOf(type);
    for (const Graph& graph : a.graphs) size += sizeOf(graph);
    return size;
}

size_t sizeOf(const Node& node) {
    size_t size = sizeof node + node.name.size() + node.opType.size() + node.domain.size() + node.overload.size() +
                  node.docString.size() + sizeOf(node.inputs) + sizeOf(node.outputs) + sizeOf(node.metadata);
    for (const Attribute& attribute : node.attributes) size += sizeOf(attribute);
    return size;
}

size_t sizeOf(const Graph& graph) {
    size_t size = sizeof graph + graph.name.size() + graph.docString.size() + sizeOf(graph.metadata);
    size += sizeOf(graph.inputs) + sizeOf(graph.outputs) + sizeOf(graph.valueInfos);
    for (const Node& node : graph.nodes) size += sizeOf(node);
    for (const Tensor& tensor : graph.initializers) size += sizeOf(tensor);
    for (const SparseTensor& sparse : graph.sparseInitializers) size += sizeOf(sparse);
    for (const auto& annotation : graph.quantizationAnnotations) {
        size += sizeof annotation + annotation.tensorName.size() + sizeOf(annotation.parameters);
    }
    return size;
}

size_t countNodes(const std::vector<Node>& nodes) {
    size_t count = nodes.size();
    for (const Node& node : nodes) {
        for (const Attribute& attribute : node.attributes) {
            for (const Graph& graph : attribute.graphs) count += countNodes(graph.nodes);
        }
    }
    return count;
}

using Stack = std::shared_ptr<const std::vector<std::string>>;

class Inliner {
  public:
    Inliner(Model& model, const FunctionTable& table, const InlineLimits& limits)
        : model_(model), table_(table), limits_(limits) {}

    Status run() {
        collectNames(model_.graph);
        return expand(model_.graph.nodes, 0, 0);
    }

    // Notes in a node and its subgraphs where they come from.
    static void mark(Node& node, int64_t index, const Stack& stack) {
        node.sourceIndex = index;
        node.functionStack = stack;
        for (Attribute& attribute : node.attributes) {
            for (Graph& graph : attribute.graphs) {
                for (Node& inner : graph.nodes) mark(inner, index, stack);
            }
        }
    }

  private:
    void collectNames(const Graph& graph) {
        for (const ValueInfo& value : graph.inputs) used_.insert(value.name);
        for (const ValueInfo& value : graph.outputs) used_.insert(value.name);
        for (const ValueInfo& value : graph.valueInfos) used_.insert(value.name);
        for (const Tensor& tensor : graph.initializers) used_.insert(tensor.name);
        for (const SparseTensor& sparse : graph.sparseInitializers) used_.insert(sparse.name());
        for (const Node& node : graph.nodes) {
            used_.insert(node.inputs.begin(), node.inputs.end());
            used_.insert(node.outputs.begin(), node.outputs.end());
            for (const Attribute& attribute : node.attributes) {
                for (const Graph& inner : attribute.graphs) collectNames(inner);
            }
        }
    }

    // Replaces the calls in a node list, and in the subgraphs of its nodes.
    Status expand(std::vector<Node>& nodes, int callDepth, int graphDepth) {
        if (graphDepth > limits_.maxGraphDepth) {
            return unsupported("with functions expanded, graphs lie more than {} deep in graphs",
                               limits_.maxGraphDepth);
        }
        std::vector<Node> out;
        out.reserve(nodes.size());
        for (size_t i = 0; i < nodes.size(); ++i) {
            Node& node = nodes[i];
            const Function* function = table_.find(node);
            if (function) {
                TRY_IN(describe(node, i), expandCall(node, *function, callDepth, graphDepth, out));
                continue;
            }
            for (Attribute& attribute : node.attributes) {
                for (Graph& graph : attribute.graphs) {
                    TRY_IN(describe(node, i), expand(graph.nodes, callDepth, graphDepth + 1));
                }
            }
            out.push_back(std::move(node));
        }
        nodes = std::move(out);
        return {};
    }

    Status expandCall(const Node& node, const Function& function, int callDepth, int graphDepth,
                      std::vector<Node>& out) {
        if (callDepth == limits_.maxCallDepth) {
            return unsupported("function calls lie more than {} deep in functions", limits_.maxCallDepth);
        }
        std::vector<Node> body;
        TRY_IN(describe(function), instantiate({node, function, nextPrefix(function)}, body));
        auto stack = std::make_shared<std::vector<std::string>>();
        if (node.functionStack) *stack = *node.functionStack;
        stack->push_back(function.name);
        for (Node& inner : body) mark(inner, node.sourceIndex, stack);
        TRY_IN(describe(function), expand(body, callDepth + 1, graphDepth));
        std::move(body.begin(), body.end(), std::back_inserter(out));
        for (const auto& [domain, version] : function.opsets) model_.opsets.try_emplace(domain, version);
        return {};
    }

    std::string nextPrefix(const Function& function) { return fmt::format("{}.{}", function.name, ++calls_); }

    std::string freshName(const Call& call, const std::string& name) {
        std::string fresh = call.prefix + '/' + name;
        while (!used_.insert(fresh).second) fresh += '_';
        return fresh;
    }

    Status charge(size_t nodes, size_t bytes) {
        if (nodes > limits_.maxNodes - nodes_ || bytes > limits_.maxBytes - bytes_) {
            return unsupported("the model's functions expand to more than {} nodes or {} bytes", limits_.maxNodes,
                               limits_.maxBytes);
        }
        nodes_ += nodes;
        bytes_ += bytes;
        return {};
    }

    Status instantiate(const Call& call, std::vector<Node>& body) {
        const Function& function = call.function;
        if (call.node.inputs.size() > function.inputs.size() || call.node.outputs.size() > function.outputs.size()) {
            return invalidArgument("it has {} inputs and {} outputs, the call has {} and {}", function.inputs.size(),
                                   function.outputs.size(), call.node.inputs.size(), call.node.outputs.size());
        }
        Renames renames;
        for (size_t i = 0; i < function.inputs.size(); ++i) {
            const std::string actual = i < call.node.inputs.size() ? call.node.inputs[i] : std::string();
            if (!renames.names.emplace(function.inputs[i], actual).second) {
                return invalidArgument("input {} is there twice", inQuotes(function.inputs[i]));
            }
        }
        // Outputs of the function take the names that the call gives, but for inputs that are handed through.
        std::vector<std::pair<std::string, std::string>> handedThrough;
        std::unordered_map<std::string_view, std::string_view> wanted;
        for (size_t i = 0; i < function.outputs.size(); ++i) {
            const std::string_view actual = i < call.node.outputs.size() ? call.node.outputs[i] : std::string_view();
            const std::string* input = renames.find(function.outputs[i]);
            if (!input) {
                if (!wanted.emplace(function.outputs[i], actual).second) {
                    return invalidArgument("output {} is there twice", inQuotes(function.outputs[i]));
                }
            } else if (!actual.empty()) {
                if (input->empty()) {
                    return invalidArgument("output {} is an input that the call leaves out",
                                           inQuotes(function.outputs[i]));
                }
                handedThrough.emplace_back(*input, actual);
            }
        }
        for (const Node& node : function.nodes) {
            for (const std::string& output : node.outputs) {
                if (output.empty()) continue;
                const auto found = wanted.find(output);
                const bool named = found != wanted.end() && !found->second.empty();
                std::string name = named ? std::string(found->second) : freshName(call, output);
                if (!renames.names.emplace(output, std::move(name)).second) {
                    return invalidArgument("{} is defined twice", inQuotes(output));
                }
            }
        }
        for (const std::string& output : function.outputs) {
            if (!renames.find(output)) return invalidArgument("output {} is computed by no node", inQuotes(output));
        }
        body.reserve(function.nodes.size() + handedThrough.size());
        for (const Node& node : function.nodes) {
            TRY(charge(1, sizeOf(node)));
            body.push_back(node);
        }
        TRY(renameNodes(call, renames, body));
        for (auto& [from, to] : handedThrough) {
            TRY(charge(1, sizeof(Node) + from.size() + to.size()));
            body.push_back(identity(call, std::move(from), std::move(to)));
        }
        return {};
    }

    Node identity(const Call& call, std::string from, std::string to) {
        Node node;
        node.name = nodeName(call, std::string("Identity"));
        node.opType = std::string("Identity");
        node.inputs.push_back(std::move(from));
        node.outputs.push_back(std::move(to));
        const auto own = call.function.opsets.find("");
        // Identity of version 16 takes every type.
        node.opsetVersion =
            own != call.function.opsets.end() ? own->second : model_.opsets.try_emplace("", 16).first->second;
        return node;
    }

    static std::string nodeName(const Call& call, const std::string& name) {
        return (call.node.name.empty() ? call.prefix : call.node.name) + '/' + name;
    }

    static Status rename(const Renames& renames, std::string& name) {
        if (name.empty()) return {};
        const std::string* to = renames.find(name);
        if (!to) return invalidArgument("{} is defined nowhere in the function", inQuotes(name));
        name = *to;
        return {};
    }

    Status renameNodes(const Call& call, const Renames& renames, std::vector<Node>& nodes) {
        for (size_t i = 0; i < nodes.size(); ++i) TRY_IN(describe(nodes[i], i), renameNode(call, renames, nodes[i]));
        return {};
    }

    Status renameNode(const Call& call, const Renames& renames, Node& node) {
        for (std::string& input : node.inputs) TRY(rename(renames, input));
        for (std::string& output : node.outputs) TRY(rename(renames, output));
        node.name = nodeName(call, node.name.empty() ? node.opType : node.name);
        TRY(charge(0, node.name.size() + sizeOf(node.inputs) + sizeOf(node.outputs)));
        std::vector<Attribute> attributes;
        attributes.reserve(node.attributes.size());
        for (Attribute& attribute : node.attributes) {
            if (attribute.refAttrName.empty()) {
                for (Graph& graph : attribute.graphs) TRY(renameGraph(call, renames, graph));
                attributes.push_back(std::move(attribute));
                continue;
            }
            const Attribute* source = TRY(resolve(call, attribute));
            if (!source) continue;
            size_t innerNodes = 0;
            for (const Graph& graph : source->graphs) innerNodes += countNodes(graph.nodes);
            TRY(charge(innerNodes, sizeOf(*source)));
            // A graph that the call gives keeps its names: it reads the values around the call. One that is a default
            // may read nothing but its own.
            const bool given = call.node.attribute(attribute.refAttrName) != nullptr;
            attributes.push_back(*source);
            attributes.back().name = std::move(attribute.name);
            for (Graph& graph : attributes.back().graphs) {
                if (!given) TRY(renameGraph(call, {}, graph));
            }
        }
        node.attributes = std::move(attributes);
        return {};
    }

    // What a reference stands for in this call; nullptr for nothing.
    static Result<const Attribute*> resolve(const Call& call, const Attribute& reference) {
        const Attribute* source = call.node.attribute(reference.refAttrName);
        for (const Attribute& byDefault : call.function.attributeDefaults) {
            if (!source && byDefault.name == reference.refAttrName) source = &byDefault;
        }
        if (!source) return source;
        if (!source->refAttrName.empty()) {
            return invalidArgument("attribute {} is a reference to {} outside any function", inQuotes(source->name),
                                   inQuotes(source->refAttrName));
        }
        if (reference.type != AttributeType::kUndefined && reference.type != source->type) {
            return invalidArgument("attribute {} of type {} refers to {}, which has type {}", inQuotes(reference.name),
                                   toString(reference.type), inQuotes(source->name), toString(source->type));
        }
        return source;
    }

    Status renameGraph(const Call& call, const Renames& outer, Graph& graph) {
        Renames mine{&outer};
        const auto define = [&](const std::string& name) {
            if (!name.empty() && !mine.names.count(name)) mine.names.emplace(name, freshName(call, name));
        };
        for (const ValueInfo& input : graph.inputs) define(input.name);
        for (const Tensor& tensor : graph.initializers) define(tensor.name);
        for (const SparseTensor& sparse : graph.sparseInitializers) define(sparse.name());
        for (const Node& node : graph.nodes) {
            for (const std::string& output : node.outputs) define(output);
        }
        TRY(charge(graph.nodes.size(), 0));
        for (ValueInfo& input : graph.inputs) TRY(rename(mine, input.name));
        for (Tensor& tensor : graph.initializers) TRY(rename(mine, tensor.name));
        for (SparseTensor& sparse : graph.sparseInitializers) TRY(rename(mine, sparse.values.name));
        TRY(renameNodes(call, mine, graph.nodes));
        for (ValueInfo& output : graph.outputs) {
            const std::string before = output.name;
            TRY(rename(mine, output.name));
            if (output.name.empty() && !before.empty()) {
                return invalidArgument("{}, which a subgraph gives as output, is an input that the call leaves out",
                                       inQuotes(before));
            }
        }
        // Remarks about values that are not there do no harm, but their names would be wrong.
        const auto unknown = [&](const std::string& name) { return !mine.names.count(name); };
        std::erase_if(graph.valueInfos, [&](const ValueInfo& value) { return unknown(value.name); });
        for (ValueInfo& value : graph.valueInfos) TRY(rename(mine, value.name));
        std::erase_if(graph.quantizationAnnotations, [&](const auto& a) { return unknown(a.tensorName); });
        for (QuantizationAnnotation& annotation : graph.quantizationAnnotations) {
            TRY(rename(mine, annotation.tensorName));
            for (auto& [role, name] : annotation.parameters) TRY(rename(mine, name));
        }
        return {};
    }

    Model& model_;
    const FunctionTable& table_;
    const InlineLimits& limits_;
    std::unordered_set<std::string> used_;  // names of values anywhere in the model
    size_t calls_ = 0;
    size_t nodes_ = 0;
    size_t bytes_ = 0;
};

}  // namespace

Status inlineFunctions(Model& model, const InlineLimits& limits) {
    for (size_t i = 0; i < model.graph.nodes.size(); ++i) {
        Inliner::mark(model.graph.nodes[i], static_cast<int64_t>(i), nullptr);
    }
    if (model.functions.empty()) return {};
    const FunctionTable table = TRY(FunctionTable::make(model.functions));
    TRY(checkNoRecursion(model.functions, table));
    bindOpsets(model);
    TRY(Inliner(model, table, limits).run());
    model.functions.clear();
    return {};
}

}  // namespace lathe::onnx

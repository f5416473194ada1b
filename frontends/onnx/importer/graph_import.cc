// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/graph_import.h"

#include <unordered_set>

#include "frontends/onnx/importer/plugin_import.h"

namespace lathe::onnx {

using Fate = Session::Fate;

void GraphImport::graphError(ErrorCode code, std::string text, int line) {
    ImportError error;
    error.code = code;
    error.description = std::move(text);
    error.file = __FILE__;
    error.function = "importGraph";
    error.line = line;
    session_.report(std::move(error));
}

Status GraphImport::bindInitializers(const Graph& graph) {
    for (const Tensor& tensor : graph.initializers) scope_.bind(tensor.name, {nullptr, &tensor, false});
    if (!graph.sparseInitializers.empty()) {
        const SparseTensor& first = graph.sparseInitializers[0];
        for (const SparseTensor& sparse : graph.sparseInitializers)
            scope_.bind(sparse.name(), {nullptr, nullptr, true});
        return unsupported("initializer {} is sparse, which is not supported", inQuotes(first.name()));
    }
    return {};
}

void GraphImport::addInput(const ValueInfo& input) {
    Binding binding{nullptr, nullptr, true};
    const auto refuse = [&](ErrorCode code, int line, std::string why) {
        graphError(code, fmt::format("input {} {}", inQuotes(input.name), why), line);
        scope_.bind(input.name, binding);
    };
    if (input.type.kind != Type::Kind::kTensor) {
        return refuse(ErrorCode::kUNSUPPORTED_GRAPH, __LINE__,
                      fmt::format("is {}; a network binds tensors only", toString(input.type)));
    }
    const auto type = toApi(input.type.elemType);
    if (!type) {
        return refuse(ErrorCode::kUNSUPPORTED_NODE_DATATYPE, __LINE__,
                      fmt::format("has element type {}, which a network cannot bind", toString(input.type.elemType)));
    }
    if (!input.type.shape) {
        return refuse(ErrorCode::kUNSUPPORTED_GRAPH, __LINE__, "has no shape; a network needs to know the rank");
    }
    Ints extents;
    for (const Dim& dim : *input.type.shape) {
        // Exporters also write negative extents for dimensions that vary.
        extents.push_back(dim.value && *dim.value >= 0 ? *dim.value : -1);
    }
    const auto dims = toDims(extents);
    if (!dims.ok()) return refuse(ErrorCode::kUNSUPPORTED_NODE_SHAPE, __LINE__, "has " + dims.status().message());
    session_.networkErrors.forget();
    ITensor* tensor = session_.network.addInput(input.name.c_str(), *type, *dims);
    if (!tensor) {
        return refuse(ErrorCode::kINVALID_GRAPH, __LINE__,
                      "was refused by the network: " + session_.networkErrors.take().message());
    }
    for (size_t i = 0; i < extents.size(); ++i) {
        const std::string& name = (*input.type.shape)[i].param;
        // Some exporters write "?" for every extent that they don't know: that is no name.
        if (extents[i] < 0 && !name.empty() && name != "?")
            tensor->setDimensionName(static_cast<int32_t>(i), name.c_str());
    }
    scope_.bind(input.name, {tensor, nullptr, false});
}

Result<ITensor*> GraphImport::valueOf(const std::string& name) {
    Binding* found = scope_.find(name);
    if (!found) return invalidArgument("output {} is computed by no node", inQuotes(name));
    if (found->lost) return static_cast<ITensor*>(nullptr);
    if (!found->tensor) found->tensor = TRY(session_.addConstant(*found->constant, name));
    return found->tensor;
}

void GraphImport::markOutput(const ValueInfo& output) {
    const std::string quoted = inQuotes(output.name);
    Result<ITensor*> value = valueOf(output.name);
    if (!value.ok()) return graphError(ErrorCode::kINVALID_GRAPH, value.status().message(), __LINE__);
    ITensor* tensor = *value;
    if (!tensor) return;  // reported where it was lost
    if (output.type.kind == Type::Kind::kTensor && output.type.elemType != DataType::kUndefined) {
        const auto type = toApi(output.type.elemType);
        if (!type) {
            return graphError(ErrorCode::kUNSUPPORTED_NODE_DATATYPE,
                              fmt::format("output {} has element type {}, which a network cannot bind", quoted,
                                          toString(output.type.elemType)),
                              __LINE__);
        }
        if (*type != tensor->getType()) {
            return graphError(ErrorCode::kINVALID_GRAPH,
                              fmt::format("output {} is declared as {}, but computed as {}", quoted,
                                          toString(output.type.elemType), typeName(tensor->getType())),
                              __LINE__);
        }
    } else if (output.type.kind != Type::Kind::kTensor && output.type.kind != Type::Kind::kNone) {
        return graphError(ErrorCode::kUNSUPPORTED_GRAPH,
                          fmt::format("output {} is {}; a network binds tensors only", quoted, toString(output.type)),
                          __LINE__);
    }
    if (session_.seeking && output.type.shape && tensor->getDimensions().nbDims >= 0 &&
        output.type.shape->size() != static_cast<size_t>(tensor->getDimensions().nbDims)) {
        return graphError(ErrorCode::kINVALID_GRAPH,
                          fmt::format("output {} is declared with {} dimensions, but computed with {}", quoted,
                                      output.type.shape->size(), tensor->getDimensions().nbDims),
                          __LINE__);
    }
    // An output needs a tensor of its own, as the name tells callers what they get.
    const bool input = tensor->isNetworkInput();
    if (input || tensor->isNetworkOutput() || output.name != tensor->getName()) {
        nvinfer1::IIdentityLayer* copy = session_.network.addIdentity(*tensor);
        if (!copy) {
            const std::string why = session_.networkErrors.take().message();
            return graphError(ErrorCode::kINTERNAL_ERROR, fmt::format("output {}: {}", quoted, why), __LINE__);
        }
        const std::string name = input && output.name == tensor->getName() ? "__" + output.name : output.name;
        copy->setName(session_.uniqueName(name).c_str());
        tensor = copy->getOutput(0);
        tensor->setName(name.c_str());
    }
    session_.network.markOutput(*tensor);
}

Fate GraphImport::importNode(const Node& node) {
    const size_t errorsBefore = session_.errors.size();
    NodeImport one(session_, scope_, node);
    const OpImporter* importer = findImporter(node.domain, node.opType);
    // What is ours goes first, unless the user wants plugins of the same name.
    const bool override =
        (session_.flags >> static_cast<uint32_t>(nvonnxparser::OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE)) & 1u;
    if (!importer || !importer->row->import || override)
        if (const OpImporter* plugin = findPluginImporter(session_, node)) importer = plugin;
    Status status;
    const std::string op = (node.domain.empty() ? "" : printable(node.domain) + ".") + printable(node.opType);
    if (!importer) {
        status = one.notSupported("operator {} of version {} is not supported", op, node.opsetVersion);
    } else if (!importer->row->import) {
        status = one.notSupported("operator {} is not supported: {}", op, importer->row->refusal);
    } else {
        status = one.run(*importer);
    }
    Fate fate = Fate::kImported;
    if (!status.ok()) {
        fate = one.blocked() ? Fate::kBlocked : Fate::kFailed;
        if (fate == Fate::kFailed) {
            session_.report(one.errorFor(status));
        } else if (session_.errors.size() > errorsBefore) {
            fate = Fate::kFailed;  // something in its body
        }
        for (const std::string& output : node.outputs) {
            if (!output.empty()) scope_.bind(output, {nullptr, nullptr, true});
        }
    }
    return fate;
}

void GraphImport::main(const Graph& graph) {
    if (Status s = bindInitializers(graph); !s.ok()) {
        graphError(ErrorCode::kUNSUPPORTED_GRAPH, s.message(), __LINE__);
    }
    for (const ValueInfo& input : graph.inputs) {
        // An initializer of the same name makes it a default value; a network has none, so it is a constant.
        if (!scope_.find(input.name)) addInput(input);
    }
    for (const Node& node : graph.nodes) {
        const Fate fate = importNode(node);
        const auto index = static_cast<size_t>(std::max<int64_t>(node.sourceIndex, 0));
        if (session_.fates.size() <= index) session_.fates.resize(index + 1, Fate::kImported);
        Fate& whole = session_.fates[index];
        if (fate == Fate::kFailed || whole == Fate::kImported) whole = fate;
        std::vector<ITensor*> outputs;
        for (const std::string& name : node.outputs) {
            const Binding* value = name.empty() ? nullptr : scope_.find(name);
            outputs.push_back(value ? value->tensor : nullptr);
        }
        session_.nodeOutputs.try_emplace(node.name, std::move(outputs));
    }
    for (const ValueInfo& output : graph.outputs) markOutput(output);
}

Result<TensorList> GraphImport::body(const Graph& graph, const TensorList& inputs) {
    TRY(bindInitializers(graph));
    if (graph.inputs.size() != inputs.size()) {
        return invalidArgument("a body with {} inputs is given {}", graph.inputs.size(), inputs.size());
    }
    for (size_t i = 0; i < inputs.size(); ++i) scope_.bind(graph.inputs[i].name, {inputs[i], nullptr, false});
    for (const Node& node : graph.nodes) nodeFailed_ |= importNode(node) != Fate::kImported;
    TensorList out;
    for (const ValueInfo& output : graph.outputs) {
        out.push_back(TRY(valueOf(output.name)));
        nodeFailed_ |= out.back() == nullptr;
    }
    if (nodeFailed_) return unsupported("the body could not be imported");
    return out;
}

}  // namespace lathe::onnx

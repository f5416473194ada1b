// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

#include <algorithm>

#include "Lathe.h"
#include "frontends/onnx/importer/graph_import.h"

namespace lathe::onnx {
namespace {

std::string labelOf(const Node& node) {
    if (!node.name.empty()) return node.name;
    for (const std::string& output : node.outputs) {
        if (!output.empty()) return output;
    }
    return node.opType;
}

}  // namespace

NodeImport::NodeImport(Session& session, Scope& scope, const Node& node)
    : Emitter(session, labelOf(node)), scope_(scope), node_(node), results_(node.outputs.size()) {}

Status NodeImport::failText(ErrorCode code, const std::source_location& where, std::string text) {
    failure_ = Failure{code, where, text};
    Code general = Code::kUnsupported;
    if (code == ErrorCode::kINVALID_NODE || code == ErrorCode::kINVALID_GRAPH || code == ErrorCode::kINVALID_VALUE) {
        general = Code::kInvalidArgument;
    } else if (code == ErrorCode::kINTERNAL_ERROR) {
        general = Code::kInternal;
    }
    return Status(general, std::move(text));
}

ImportError NodeImport::errorFor(const Status& status) const {
    ImportError error;
    error.description = status.message();
    if (failure_ && error.description.find(failure_->text) != std::string::npos) {
        error.code = failure_->code;
        error.file = failure_->where.file_name();
        error.function = failure_->where.function_name();
        error.line = static_cast<int>(failure_->where.line());
    } else {
        error.code = toErrorCode(status.code());
        error.file = importerFile_;
        error.function = "import" + node_.opType;
    }
    error.node = static_cast<int>(node_.sourceIndex);
    error.nodeName = node_.name;
    error.nodeOperator = node_.opType;
    if (node_.functionStack) error.functionStack = *node_.functionStack;
    return error;
}

// --- Inputs

Result<Binding*> NodeImport::binding(int i) {
    if (!has(i)) return invalid("input {} is left out, but {} requires it", i, printable(node_.opType));
    usedInputs_.insert(i);
    Binding* found = scope_.find(node_.inputs[i]);
    if (!found) {
        return fail(ErrorCode::kINVALID_GRAPH, "input {} reads {}, which is defined nowhere before", i,
                    inQuotes(node_.inputs[i]));
    }
    if (found->lost) {
        blocked_ = true;
        return Status(Code::kUnsupported,
                      fmt::format("input {} ({}) could not be imported", i, inQuotes(node_.inputs[i])));
    }
    return found;
}

Result<ITensor*> NodeImport::input(int i) {
    Binding* found = TRY(binding(i));
    if (!found->tensor) found->tensor = TRY(session().addConstant(*found->constant, node_.inputs[i]));
    return found->tensor;
}

Result<ITensor*> NodeImport::optionalInput(int i) {
    if (!has(i)) return static_cast<ITensor*>(nullptr);
    return input(i);
}

Result<TensorList> NodeImport::allInputs() {
    TensorList out;
    for (int i = 0; i < inputCount(); ++i) out.push_back(TRY(input(i)));
    return out;
}

const Tensor* NodeImport::constant(int i) const {
    if (!has(i)) return nullptr;
    const Binding* found = scope_.find(node_.inputs[i]);
    return found ? found->constant : nullptr;
}

Result<std::optional<Weights>> NodeImport::weights(int i) {
    const Binding* found = TRY(binding(i));
    if (!found->constant) return std::optional<Weights>();
    const Weights values = TRY(session().weights(*found->constant));
    if (!found->constant->name.empty()) network().setWeightsName(values, found->constant->name.c_str());
    return std::optional<Weights>(values);
}

Result<std::optional<Ints>> NodeImport::knownInts(int i) {
    if (!has(i)) return std::optional<Ints>();
    const Tensor* tensor = constant(i);
    if (!tensor) {
        const Binding* found = scope_.find(node_.inputs[i]);
        if (!found || !found->tensor) return std::optional<Ints>();
        const int32_t count = knownIntegers(*found->tensor, nullptr, 0);
        session().networkErrors.forget();
        if (count < 0) return std::optional<Ints>();
        Ints values(static_cast<size_t>(count));
        knownIntegers(*found->tensor, values.data(), count);
        usedInputs_.insert(i);
        return std::optional<Ints>(std::move(values));
    }
    if (tensor->dataType == DataType::kString) return std::optional<Ints>();
    usedInputs_.insert(i);
    if (!tensor->hasData() && TRY(tensor->elementCount()) > 0) {
        return invalid("initializer {} has no data in the model", inQuotes(tensor->name));
    }
    return std::optional<Ints>(TRY(tensor->toInts()));
}

Result<Ints> NodeImport::ints(int i, const char* what) {
    std::optional<Ints> known = TRY(knownInts(i));
    if (known) return *known;
    if (!has(i)) return invalid("input {} ({}) is left out", i, what);
    TRY(binding(i));
    return fail(ErrorCode::kUNSUPPORTED_NODE_INPUT, "input {} ({}) must be a constant; {} is computed", i, what,
                inQuotes(node_.inputs[i]));
}

Result<std::optional<std::vector<double>>> NodeImport::knownReals(int i) {
    using Reals = std::optional<std::vector<double>>;
    const Tensor* tensor = constant(i);
    if (!tensor || tensor->dataType == DataType::kString) return Reals();
    usedInputs_.insert(i);
    if (!tensor->hasData() && TRY(tensor->elementCount()) > 0) {
        return invalid("initializer {} has no data in the model", inQuotes(tensor->name));
    }
    return Reals(TRY(tensor->toDoubles()));
}

Result<std::vector<double>> NodeImport::reals(int i, const char* what) {
    auto known = TRY(knownReals(i));
    if (known) return *known;
    if (!has(i)) return invalid("input {} ({}) is left out", i, what);
    TRY(binding(i));
    return fail(ErrorCode::kUNSUPPORTED_NODE_INPUT, "input {} ({}) must be a constant; {} is computed", i, what,
                inQuotes(node_.inputs[i]));
}

// --- Attributes

Result<const Attribute*> NodeImport::find(std::string_view name, AttributeType type) {
    usedAttributes_.insert(std::string(name));
    const Attribute* found = node_.attribute(name);
    if (found && found->type != type) {
        return invalid("attribute {} has type {}; {} is expected", inQuotes(name), toString(found->type),
                       toString(type));
    }
    return found;
}

Status NodeImport::requireAttr(std::string_view name) {
    if (!hasAttr(name)) return invalid("attribute {} is required, but missing", inQuotes(name));
    return {};
}

Result<int64_t> NodeImport::intAttr(std::string_view name, int64_t otherwise) {
    const Attribute* found = TRY(find(name, AttributeType::kInt));
    return found ? found->i : otherwise;
}
Result<int64_t> NodeImport::intAttr(std::string_view name) {
    TRY(requireAttr(name));
    return intAttr(name, 0);
}
Result<bool> NodeImport::boolAttr(std::string_view name, bool otherwise) {
    const int64_t value = TRY(intAttr(name, otherwise));
    if (value != 0 && value != 1) {
        return fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute {} is {}; it must be 0 or 1", inQuotes(name), value);
    }
    return value == 1;
}
Result<double> NodeImport::floatAttr(std::string_view name, double otherwise) {
    const Attribute* found = TRY(find(name, AttributeType::kFloat));
    return found ? static_cast<double>(found->f) : otherwise;
}
Result<double> NodeImport::floatAttr(std::string_view name) {
    TRY(requireAttr(name));
    return floatAttr(name, 0);
}
Result<std::string> NodeImport::stringAttr(std::string_view name, std::string otherwise) {
    const Attribute* found = TRY(find(name, AttributeType::kString));
    return found ? found->s : std::move(otherwise);
}
Result<std::string> NodeImport::stringAttr(std::string_view name) {
    TRY(requireAttr(name));
    return stringAttr(name, "");
}

Result<int> NodeImport::choiceAttr(std::string_view name, std::string_view otherwise,
                                   std::initializer_list<const char*> choices) {
    const std::string text = TRY(stringAttr(name, std::string(otherwise)));
    int i = 0;
    std::string all;
    for (const char* choice : choices) {
        if (text == choice) return i;
        all += (i++ ? ", '" : "'") + std::string(choice) + "'";
    }
    return fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute {} is {}; known are {}", inQuotes(name), inQuotes(text),
                all);
}

Result<Ints> NodeImport::intsAttr(std::string_view name, Ints otherwise) {
    const Attribute* found = TRY(find(name, AttributeType::kInts));
    return found ? found->ints : std::move(otherwise);
}
Result<std::vector<double>> NodeImport::floatsAttr(std::string_view name, std::vector<double> otherwise) {
    const Attribute* found = TRY(find(name, AttributeType::kFloats));
    if (!found) return otherwise;
    return std::vector<double>(found->floats.begin(), found->floats.end());
}
Result<std::vector<std::string>> NodeImport::stringsAttr(std::string_view name) {
    const Attribute* found = TRY(find(name, AttributeType::kStrings));
    return found ? found->strings : std::vector<std::string>();
}
Result<const Tensor*> NodeImport::tensorAttr(std::string_view name) {
    const Attribute* found = TRY(find(name, AttributeType::kTensor));
    return found ? &found->tensors[0] : nullptr;
}
Result<const Graph*> NodeImport::graphAttr(std::string_view name) {
    TRY(requireAttr(name));
    return &TRY(find(name, AttributeType::kGraph))->graphs[0];
}

Result<ApiType> NodeImport::typeAttr(std::string_view name, std::optional<ApiType> otherwise) {
    if (!hasAttr(name) && otherwise) return *otherwise;
    const int64_t value = TRY(intAttr(name));
    const auto type = static_cast<DataType>(value);
    if (value < 0 || value > kDataTypeLast || !isKnown(type)) {
        return fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute {} is {}, which is no element type", inQuotes(name),
                    value);
    }
    return computedType(type, "attribute");
}

Result<ApiType> NodeImport::computedType(DataType type, const char* what) {
    const auto api = toComputed(type);
    if (!api) {
        return fail(ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "{}: element type {} is not possible in a network", what,
                    toString(type));
    }
    if (type == DataType::kDouble) {
        session().warn(fmt::format("ONNX parser: node {} ({}) asks for DOUBLE; it computes in float", inQuotes(label()),
                                   printable(node_.opType)));
    }
    return *api;
}

Result<int> NodeImport::axis(int64_t axis, int rank) {
    if (axis < -rank || axis >= rank) {
        return invalid("axis {} is out of range for {} dimensions", axis, rank);
    }
    return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<Ints> NodeImport::axes(const Ints& axes, int rank) {
    Ints out;
    for (const int64_t a : axes) {
        const int one = TRY(axis(a, rank));
        if (std::find(out.begin(), out.end(), one) != out.end()) return invalid("axis {} is there twice", a);
        out.push_back(one);
    }
    return out;
}

// --- Outputs

Status NodeImport::output(int i, ITensor* tensor) {
    if (!tensor) return internalError("output {} is null", i);
    if (wants(i)) results_[i] = {tensor, nullptr, false};
    return {};
}

Status NodeImport::outputs(const TensorList& tensors) {
    for (size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i]) TRY(output(static_cast<int>(i), tensors[i]));
    }
    return {};
}

Status NodeImport::constantOutput(int i, const Tensor& tensor) {
    if (wants(i)) results_[i] = {nullptr, &tensor, false};
    return {};
}

Result<TensorList> NodeImport::importBody(const Graph& body, const TensorList& inputs, Scope::Border border) {
    GraphImport graph(session(), &scope_, std::move(border));
    Result<TensorList> out = graph.body(body, inputs);
    if (!out.ok() && graph.nodeFailed()) blocked_ = true;  // which has been reported there
    return out;
}

Status NodeImport::run(const OpImporter& importer) {
    importerFile_ = importer.file;
    for (int i = 0; i < inputCount(); ++i) {
        if (!has(i)) continue;
        TRY(binding(i));
    }
    usedInputs_.clear();
    TRY(importer.row->import(*this));
    return finish();
}

Status NodeImport::finish() {
    for (const Attribute& attribute : node_.attributes) {
        if (attribute.name.starts_with("__") || usedAttributes_.count(attribute.name)) continue;
        return fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute {} is not known for {} of version {}",
                    inQuotes(attribute.name), printable(node_.opType), opset());
    }
    for (int i = 0; i < inputCount(); ++i) {
        if (has(i) && !usedInputs_.count(i)) {
            return fail(ErrorCode::kUNSUPPORTED_NODE_INPUT, "input {} ({}) is not known for {} of version {}", i,
                        inQuotes(node_.inputs[i]), printable(node_.opType), opset());
        }
    }
    TensorList named;
    for (int i = 0; i < outputCount(); ++i) {
        if (!wants(i)) continue;
        if (!results_[i].tensor && !results_[i].constant) {
            return notSupported("output {} ({}) cannot be computed", i, inQuotes(node_.outputs[i]));
        }
        if (results_[i].tensor) {
            TRY(check(results_[i].tensor));
            named.push_back(results_[i].tensor);
        }
    }
    for (int i = 0; i < outputCount(); ++i) {
        if (!wants(i)) continue;
        scope_.bind(node_.outputs[i], results_[i]);
        // A tensor that the node hands on unchanged keeps the name that it has.
        if (results_[i].tensor && isOwn(results_[i].tensor)) results_[i].tensor->setName(node_.outputs[i].c_str());
    }
    nameLayers(named);
    return {};
}

}  // namespace lathe::onnx

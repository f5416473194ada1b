// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/parser/refitter.h"

#include <unordered_map>

#include "frontends/onnx/model/check_model.h"
#include "frontends/onnx/model/external_data.h"
#include "frontends/onnx/model/inline_functions.h"
#include "frontends/onnx/model/parse.h"

namespace lathe::onnx {

using nvonnxparser::ErrorCode;
using Severity = nvinfer1::ILogger::Severity;

namespace {

using Constants = std::unordered_map<std::string, const Tensor*>;

// Constants by the name that their weights have in the network.
void collect(const Graph& graph, Constants& out) {
    for (const Tensor& tensor : graph.initializers) out.emplace(tensor.name, &tensor);
    for (const Node& node : graph.nodes) {
        const Attribute* value = node.opType == "Constant" && node.domain.empty() ? node.attribute("value") : nullptr;
        if (value && value->type == AttributeType::kTensor && !node.outputs.empty()) {
            out.emplace(node.outputs[0], &value->tensors[0]);
        }
        for (const Attribute& attribute : node.attributes) {
            for (const Graph& inner : attribute.graphs) collect(inner, out);
        }
    }
}

}  // namespace

void OnnxRefitter::failed(const char* where, ErrorCode code, const std::string& text) {
    logger_.log(Severity::kERROR, fmt::format("IParserRefitter::{}: {}", where, text).c_str());
    ImportError error;
    error.code = code;
    error.description = text;
    error.file = __FILE__;
    error.line = __LINE__;
    error.function = where;
    errors_.emplace_back(std::move(error));
}

template <class F>
bool OnnxRefitter::guarded(const char* where, F&& body) noexcept {
    try {
        try {
            const Status status = body();
            if (status.ok()) return true;
            failed(where, ErrorCode::kREFIT_FAILED, status.message());
        } catch (const std::bad_alloc&) {
            failed(where, ErrorCode::kMEM_ALLOC_FAILED, "out of host memory");
        } catch (const std::exception& e) {
            failed(where, ErrorCode::kINTERNAL_ERROR, e.what());
        } catch (...) {
            failed(where, ErrorCode::kINTERNAL_ERROR, "an unknown exception, perhaps from the logger");
        }
    } catch (...) {
        logger_.log(Severity::kERROR, "out of memory while an error was reported");
    }
    return false;
}

Status OnnxRefitter::read(Blob file, const char* path, bool defer) {
    ParseOptions options;
    options.folder = folderOf(path);
    options.external = defer ? ParseOptions::External::kDefer : ParseOptions::External::kLoad;
    auto model = std::make_unique<Model>(TRY(parseModel(std::move(file), options)));
    model->folder = options.folder;
    model_ = &storage_.keep(std::move(model));
    return {};
}

Status OnnxRefitter::refit() {
    TRY(checkModel(*model_, {.allowMissingData = true}));
    TRY(inlineFunctions(*model_));
    Constants constants;
    collect(model_->graph, constants);
    const int32_t count = refitter_.getAllWeights(0, nullptr);
    std::vector<const char*> names(static_cast<size_t>(std::max(count, 0)));
    refitter_.getAllWeights(count, names.data());
    size_t missing = 0;
    std::string first;
    for (const char* name : names) {
        const auto found = constants.find(name);
        if (found == constants.end()) {
            // Constants that the parser made itself do not depend on the model's weights.
            if (!missing++) first = name;
            continue;
        }
        std::string warning;
        const nvinfer1::Weights values = TRY(storage_.weights(*found->second, warning));
        if (!warning.empty()) logger_.log(Severity::kWARNING, ("ONNX refitter: " + warning).c_str());
        if (!refitter_.setNamedWeights(name, values)) {
            return unsupported("the refitter refuses weights {} of {} values; see its own error", inQuotes(name),
                               values.count);
        }
    }
    if (missing) {
        logger_.log(Severity::kVERBOSE, fmt::format("ONNX refitter: the model has no weights for {} of the engine's "
                                                    "{} names, for example {}",
                                                    missing, names.size(), inQuotes(first))
                                            .c_str());
    }
    model_ = nullptr;  // its weights stay in storage_; another may be loaded
    return {};
}

bool OnnxRefitter::refitFromBytes(void const* bytes, size_t size, char const* path) noexcept {
    return guarded("refitFromBytes", [&]() -> Status {
        if (!bytes || !size) return invalidArgument("the model is empty");
        TRY(read(copyOf({static_cast<const std::byte*>(bytes), size}), path, false));
        return refit();
    });
}

bool OnnxRefitter::refitFromFile(char const* path) noexcept {
    return guarded("refitFromFile", [&]() -> Status {
        if (!path) return invalidArgument("the path is null");
        TRY(read(TRY(mapFile(path)), path, false));
        return refit();
    });
}

nvonnxparser::IParserError const* OnnxRefitter::getError(int32_t index) const noexcept {
    return index >= 0 && index < getNbErrors() ? &errors_[static_cast<size_t>(index)] : nullptr;
}

bool OnnxRefitter::loadModelProto(void const* bytes, size_t size, char const* path) noexcept {
    return guarded("loadModelProto", [&]() -> Status {
        if (model_) return invalidArgument("a model is loaded already; refitModelProto() comes first");
        if (!bytes || !size) return invalidArgument("the model is empty");
        return read(copyOf({static_cast<const std::byte*>(bytes), size}), path, true);
    });
}

bool OnnxRefitter::loadInitializer(char const* name, void const* data, size_t size) noexcept {
    return guarded("loadInitializer", [&]() -> Status {
        if (!model_) return invalidArgument("no model is loaded; call loadModelProto() first");
        if (!name || (!data && size)) return invalidArgument("an argument is null");
        for (Tensor& tensor : model_->graph.initializers) {
            if (tensor.name != name) continue;
            const size_t needed = TRY(tensor.byteSize());
            if (needed != size) {
                return invalidArgument("initializer {} takes {} bytes; {} are given", inQuotes(name), needed, size);
            }
            tensor.setData(borrow({static_cast<const std::byte*>(data), size}));
            return {};
        }
        return invalidArgument("the model has no initializer {}", inQuotes(name));
    });
}

bool OnnxRefitter::refitModelProto() noexcept {
    return guarded("refitModelProto", [&]() -> Status {
        if (!model_) return invalidArgument("no model is loaded; call loadModelProto() first");
        TRY(loadExternalData(*model_, model_->folder));
        return refit();
    });
}

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/parser/parser.h"

#include <algorithm>

#include "frontends/onnx/importer/choices.h"
#include "frontends/onnx/importer/graph_import.h"
#include "frontends/onnx/importer/registry.h"
#include "frontends/onnx/model/check_model.h"
#include "frontends/onnx/model/external_data.h"
#include "frontends/onnx/model/inline_functions.h"
#include "frontends/onnx/model/parse.h"

namespace lathe::onnx {

using nvonnxparser::ErrorCode;
using Severity = nvinfer1::ILogger::Severity;

namespace {

// The newest version of ONNX's own operators that the importers were written for.
constexpr int64_t kNewestOpset = 28;

Result<Blob> bytesOf(void const* bytes, size_t size) {
    if (!bytes || size == 0) return invalidArgument("the model is empty");
    return copyOf({static_cast<const std::byte*>(bytes), size});
}

Tensor* findInitializer(Model& model, std::string_view name) {
    for (Tensor& tensor : model.graph.initializers) {
        if (tensor.name == name) return &tensor;
    }
    return nullptr;
}

}  // namespace

void OnnxParser::addError(ImportError error, const char* where) {
    if (error.function.empty()) error.function = where;
    errors_.emplace_back(std::move(error));
}

void OnnxParser::failed(const char* where, ErrorCode code, const std::string& text) {
    logger_.log(Severity::kERROR, fmt::format("IParser::{}: {}", where, text).c_str());
    ImportError error;
    error.code = code;
    error.description = text;
    error.file = __FILE__;
    error.line = __LINE__;
    addError(std::move(error), where);
}

template <class F>
bool OnnxParser::guarded(const char* where, F&& body) noexcept {
    try {
        try {
            return body();
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

std::unique_ptr<Model> OnnxParser::read(Blob file, const char* path, bool defer, const char* where) {
    ParseOptions options;
    options.folder = folderOf(path);
    options.external = defer ? ParseOptions::External::kDefer : ParseOptions::External::kLoad;
    Result<Model> model = parseModel(std::move(file), options);
    if (!model.ok()) {
        failed(where, ErrorCode::kMODEL_DESERIALIZE_FAILED, model.status().message());
        return nullptr;
    }
    return std::make_unique<Model>(model.take());
}

bool OnnxParser::importAll(std::unique_ptr<Model> owned, const char* where) {
    const size_t before = errors_.size();
    parts_.clear();
    nodeOutputs_.clear();
    Model& model = storage_.keep(std::move(owned));
    // Tensors without data are told apart below, by the node that needs them.
    if (Status s = checkModel(model, {.allowMissingData = true}); !s.ok()) {
        failed(where, ErrorCode::kINVALID_GRAPH, s.message());
        return false;
    }
    bindOpsets(model);
    if (Status s = inlineFunctions(model); !s.ok()) {
        const bool limit = s.code() == Code::kUnsupported;
        failed(where, limit ? ErrorCode::kUNSUPPORTED_GRAPH : ErrorCode::kINVALID_GRAPH, s.message());
        return false;
    }
    Session session(network_, logger_, storage_, flags_);
    if (const auto own = model.opsets.find(""); own != model.opsets.end() && own->second > kNewestOpset) {
        session.warn(
            fmt::format("ONNX parser: the model uses version {} of ONNX's operators; the newest known here is {}",
                        own->second, kNewestOpset));
    }
    const Session::Choices choices = findChoices(model.graph, network_, storage_, flags_);
    session.choices = &choices;
    GraphImport(session).main(model.graph);
    for (ImportError& error : session.errors) addError(std::move(error), where);
    nodeOutputs_ = std::move(session.nodeOutputs);
    // Runs of nodes that can be imported, and runs of nodes that only lack what others could not give.
    const auto& fates = session.fates;
    for (size_t i = 0; i < fates.size(); ++i) {
        if (fates[i] == Session::Fate::kFailed) continue;
        const bool supported = fates[i] == Session::Fate::kImported;
        if (i == 0 || fates[i - 1] != fates[i] || parts_.empty()) parts_.push_back({{}, supported});
        parts_.back().nodes.push_back(static_cast<int64_t>(i));
    }
    return errors_.size() == before;
}

bool OnnxParser::parse(void const* bytes, size_t size, const char* path) noexcept {
    return guarded("parse", [&] {
        Result<Blob> file = bytesOf(bytes, size);
        if (!file.ok()) {
            failed("parse", ErrorCode::kINVALID_VALUE, file.status().message());
            return false;
        }
        auto model = read(file.take(), path, false, "parse");
        return model && importAll(std::move(model), "parse");
    });
}

bool OnnxParser::parseFromFile(const char* path, int verbosity) noexcept {
    return guarded("parseFromFile", [&] {
        if (!path) {
            failed("parseFromFile", ErrorCode::kINVALID_VALUE, "the path is null");
            return false;
        }
        Result<Blob> file = mapFile(path);
        if (!file.ok()) {
            failed("parseFromFile", ErrorCode::kMODEL_DESERIALIZE_FAILED, file.status().message());
            return false;
        }
        auto model = read(file.take(), path, false, "parseFromFile");
        if (!model) return false;
        if (verbosity >= static_cast<int>(Severity::kINFO)) {
            std::string opsets;
            for (const auto& [domain, version] : model->opsets) {
                opsets += fmt::format("{}{} {}", opsets.empty() ? "" : ", ",
                                      domain.empty() ? "ai.onnx" : printable(domain), version);
            }
            logger_.log(Severity::kINFO,
                        fmt::format("ONNX model {}: IR version {}, operators of {}, made by {} {}, {} nodes", path,
                                    model->irVersion, opsets, printable(model->producerName),
                                    printable(model->producerVersion), model->graph.nodes.size())
                            .c_str());
        }
        return importAll(std::move(model), "parseFromFile");
    });
}

bool OnnxParser::parseWithWeightDescriptors(void const* bytes, size_t size) noexcept {
    return parse(bytes, size, nullptr);
}

bool OnnxParser::supportsModelV2(void const* bytes, size_t size, char const* path) noexcept {
    parts_.clear();
    return parse(bytes, size, path);
}

bool OnnxParser::supportsModel(void const* bytes, size_t size, SubGraphCollection_t& parts, const char* path) noexcept {
    const bool all = supportsModelV2(bytes, size, path);
    return guarded("supportsModel", [&] {
        parts.clear();
        for (const Part& part : parts_) {
            parts.emplace_back(std::vector<size_t>(part.nodes.begin(), part.nodes.end()), part.supported);
        }
        return all;
    });
}

bool OnnxParser::supportsOperator(const char* name) const noexcept {
    if (!name) return false;
    for (const char* domain : {"", "com.microsoft"}) {
        const OpImporter* importer = findImporter(domain, name);
        if (importer && importer->row->import) return true;
    }
    return false;
}

nvonnxparser::IParserError const* OnnxParser::getError(int index) const noexcept {
    return index >= 0 && index < getNbErrors() ? &errors_[static_cast<size_t>(index)] : nullptr;
}

char const* const* OnnxParser::getUsedVCPluginLibraries(int64_t& count) const noexcept {
    count = static_cast<int64_t>(pluginLibraryNames_.size());
    return pluginLibraryNames_.empty() ? nullptr : pluginLibraryNames_.data();
}

nvinfer1::ITensor const* OnnxParser::getLayerOutputTensor(char const* name, int64_t i) noexcept {
    nvinfer1::ITensor const* out = nullptr;
    guarded("getLayerOutputTensor", [&] {
        const auto found = name ? nodeOutputs_.find(name) : nodeOutputs_.end();
        if (found == nodeOutputs_.end() || i < 0 || i >= static_cast<int64_t>(found->second.size())) return false;
        out = found->second[static_cast<size_t>(i)];
        return true;
    });
    return out;
}

bool OnnxParser::isSubgraphSupported(int64_t const index) noexcept {
    return index >= 0 && index < getNbSubgraphs() && parts_[static_cast<size_t>(index)].supported;
}

int64_t* OnnxParser::getSubgraphNodes(int64_t const index, int64_t& length) noexcept {
    length = 0;
    if (index < 0 || index >= getNbSubgraphs()) return nullptr;
    std::vector<int64_t>& nodes = parts_[static_cast<size_t>(index)].nodes;
    length = static_cast<int64_t>(nodes.size());
    return nodes.data();
}

bool OnnxParser::loadModelProto(void const* bytes, size_t size, char const* path) noexcept {
    return guarded("loadModelProto", [&] {
        if (loaded_) {
            failed("loadModelProto", ErrorCode::kINVALID_VALUE, "a model is loaded already");
            return false;
        }
        Result<Blob> file = bytesOf(bytes, size);
        if (!file.ok()) {
            failed("loadModelProto", ErrorCode::kINVALID_VALUE, file.status().message());
            return false;
        }
        loaded_ = read(file.take(), path, true, "loadModelProto");
        if (loaded_) loaded_->folder = folderOf(path);
        return loaded_ != nullptr;
    });
}

bool OnnxParser::loadInitializer(char const* name, void const* data, size_t size) noexcept {
    return guarded("loadInitializer", [&] {
        const auto refuse = [&](const std::string& why) {
            failed("loadInitializer", ErrorCode::kINVALID_VALUE, why);
            return false;
        };
        if (!loaded_) return refuse("no model is loaded; call loadModelProto() first");
        if (!name || (!data && size)) return refuse("an argument is null");
        Tensor* tensor = findInitializer(*loaded_, name);
        if (!tensor) return refuse(fmt::format("the model has no initializer {}", inQuotes(name)));
        const Result<size_t> needed = tensor->byteSize();
        if (!needed.ok()) return refuse(needed.status().message());
        if (*needed != size) {
            return refuse(fmt::format("initializer {} takes {} bytes; {} are given", inQuotes(name), *needed, size));
        }
        tensor->setData(borrow({static_cast<const std::byte*>(data), size}));
        return true;
    });
}

bool OnnxParser::parseModelProto() noexcept {
    return guarded("parseModelProto", [&] {
        if (!loaded_) {
            failed("parseModelProto", ErrorCode::kINVALID_VALUE, "no model is loaded; call loadModelProto() first");
            return false;
        }
        if (Status s = loadExternalData(*loaded_, loaded_->folder); !s.ok()) {
            failed("parseModelProto", ErrorCode::kMODEL_DESERIALIZE_FAILED, s.message());
            return false;
        }
        return importAll(std::move(loaded_), "parseModelProto");
    });
}

bool OnnxParser::setBuilderConfig(const nvinfer1::IBuilderConfig* const) noexcept {
    // Only asked for to judge what a DLA can run; there is none.
    return true;
}

}  // namespace lathe::onnx

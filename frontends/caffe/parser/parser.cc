// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/parser/parser.h"

#include <memory>
#include <optional>

#include "NvInferRuntime.h"
#include "frontends/caffe/importer/layer_import.h"
#include "frontends/caffe/text/text_parser.h"

namespace lathe::caffe {

using frontends::mapFile;
using Severity = nvinfer1::ILogger::Severity;

namespace {

nvinfer1::ILogger* loggerOf(nvinfer1::INetworkDefinition& network) {
    nvinfer1::ILogger* logger = network.getBuilder().getLogger();
    return logger ? logger : getLogger();
}

Result<BinaryBlob*> readBinaryProto(const Blob& file) {
    const ModelBlob blob = TRY(parseBlobFile(file));
    if (!blob.hasShape) return invalidArgument("the blob has no shape");
    if (blob.shape.size() > 4) return unsupported("the blob has {} dimensions; at most 4 are read", blob.shape.size());
    if (blob.count() == 0) return invalidArgument("the blob has no elements");
    auto out = std::make_unique<BinaryBlob>();
    out->values.resize(static_cast<size_t>(blob.count()));
    blob.copyTo(out->values.data());
    out->dims = nvinfer1::Dims4{1, 1, 1, 1};
    const size_t front = 4 - blob.shape.size();
    for (size_t i = 0; i < blob.shape.size(); ++i) out->dims.d[front + i] = blob.shape[i];
    return out.release();
}

}  // namespace

nvinfer1::ITensor* BlobNames::find(char const* name) const noexcept {
    if (!name) return nullptr;
    try {
        const auto found = tensors.find(name);
        return found == tensors.end() ? nullptr : found->second;
    } catch (...) {
        return nullptr;  // no memory for the key
    }
}

CaffeParser::~CaffeParser() noexcept {
    if (recorder_) recorder_->decRefCount();
}

void CaffeParser::setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept {
    if (recorder) recorder->incRefCount();
    if (recorder_) recorder_->decRefCount();
    recorder_ = recorder;
}

void CaffeParser::setPluginNamespace(char const* libNamespace) noexcept {
    guarded<void>("setPluginNamespace", getLogger(), [&]() -> Result<void*> {
        namespace_ = libNamespace ? libNamespace : "";
        return nullptr;
    });
}

void CaffeParser::report(const char* where, nvinfer1::ILogger* logger, const Status& status) noexcept {
    try {
        const std::string text = fmt::format("ICaffeParser::{}: {}", where, status.message());
        if (logger)
            logger->log(status.code() == Code::kInternal ? Severity::kINTERNAL_ERROR : Severity::kERROR, text.c_str());
        if (recorder_) recorder_->reportError(static_cast<nvinfer1::ErrorCode>(status.code()), text.c_str());
    } catch (...) {
        if (recorder_) recorder_->reportError(nvinfer1::ErrorCode::kFAILED_ALLOCATION, "out of memory");
    }
}

template <class T, class F>
T* CaffeParser::guarded(const char* where, nvinfer1::ILogger* logger, F&& body) noexcept {
    try {
        try {
            Result<T*> result = body();
            if (result.ok()) return *result;
            report(where, logger, result.status());
        } catch (const std::bad_alloc&) {
            report(where, logger, makeStatus(Code::kFailedAllocation, "out of host memory"));
        } catch (const std::exception& e) {
            report(where, logger, internalError("{}", e.what()));
        } catch (...) {
            report(where, logger, internalError("an unknown exception, perhaps from the logger"));
        }
    } catch (...) {
        if (recorder_) recorder_->reportError(nvinfer1::ErrorCode::kFAILED_ALLOCATION, "out of memory");
    }
    return nullptr;
}

Result<BlobNames*> CaffeParser::import(const Source& deploy, const Source* model, nvinfer1::INetworkDefinition& network,
                                       nvinfer1::DataType weightType) {
    if (weightType != nvinfer1::DataType::kFLOAT && weightType != nvinfer1::DataType::kHALF) {
        return invalidArgument("weights of type {}; possible are kFLOAT and kHALF", frontends::typeName(weightType));
    }
    const Net net = TRY_IN(deploy.name, readNet(TRY_IN(deploy.name, parseText(deploy.bytes.bytes))));
    std::optional<CaffeModel> weights;
    nvinfer1::ILogger* logger = loggerOf(network);
    if (!logger) return internalError("the network's builder has no logger");
    if (model) {
        if (model->bytes.bytes.size() > limit_) {
            return invalidArgument("{}: it has {} bytes; setProtobufBufferSize() allows {}", model->name,
                                   model->bytes.bytes.size(), limit_);
        }
        weights = TRY_IN(model->name, parseModel(model->bytes));
    }
    const ImportOptions options{weightType, freeBatch_, plugins_, namespace_};
    Session session(network, *logger, storage_, options, weights ? &*weights : nullptr);
    if (!model) session.warn("no model is given; weights are pseudo-random numbers");
    TRY_IN(deploy.name, importNet(session, net));
    BlobNames& out = results_.emplace_back();
    for (const auto& [name, value] : session.blobs) out.tensors[name] = value.tensor;
    return &out;
}

nvcaffeparser1::IBlobNameToTensor const* CaffeParser::parse(char const* deploy, char const* model,
                                                            nvinfer1::INetworkDefinition& network,
                                                            nvinfer1::DataType weightType) noexcept {
    return guarded<BlobNames>("parse", loggerOf(network), [&]() -> Result<BlobNames*> {
        if (!deploy) return invalidArgument("the path of the network is null");
        const Source text{deploy, TRY(mapFile(deploy))};
        if (!model || !*model) return import(text, nullptr, network, weightType);
        const Source weights{model, TRY(mapFile(model))};
        return import(text, &weights, network, weightType);
    });
}

nvcaffeparser1::IBlobNameToTensor const* CaffeParser::parseBuffers(uint8_t const* deploy, std::size_t deployLength,
                                                                   uint8_t const* model, std::size_t modelLength,
                                                                   nvinfer1::INetworkDefinition& network,
                                                                   nvinfer1::DataType weightType) noexcept {
    return guarded<BlobNames>("parseBuffers", loggerOf(network), [&]() -> Result<BlobNames*> {
        if (!deploy) return invalidArgument("the text of the network is null");
        const auto bytes = [](uint8_t const* data, size_t size) {
            return frontends::borrow({reinterpret_cast<const std::byte*>(data), size});
        };
        const Source text{"the network's text", bytes(deploy, deployLength)};
        if (!model) {
            if (modelLength) return invalidArgument("the model is null, with a length of {}", modelLength);
            return import(text, nullptr, network, weightType);
        }
        const Source weights{"the model", bytes(model, modelLength)};
        return import(text, &weights, network, weightType);
    });
}

nvcaffeparser1::IBinaryProtoBlob* CaffeParser::parseBinaryProto(char const* fileName) noexcept {
    return guarded<BinaryBlob>("parseBinaryProto", getLogger(), [&]() -> Result<BinaryBlob*> {
        if (!fileName) return invalidArgument("the path is null");
        return TRY_IN(fileName, readBinaryProto(TRY(mapFile(fileName))));
    });
}

}  // namespace lathe::caffe

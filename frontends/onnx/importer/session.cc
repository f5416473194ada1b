// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/session.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/dtype.h"
#include "frontends/onnx/importer/data_types.h"

namespace lathe::onnx {

using nvinfer1::Weights;
using nvonnxparser::ErrorCode;
using Severity = nvinfer1::ILogger::Severity;

ErrorCode toErrorCode(Code code) {
    switch (code) {
        case Code::kOk: return ErrorCode::kSUCCESS;
        case Code::kFailedAllocation: return ErrorCode::kMEM_ALLOC_FAILED;
        case Code::kInvalidArgument:
        case Code::kInvalidConfig:
        case Code::kFailedComputation:
        case Code::kInvalidState: return ErrorCode::kINVALID_NODE;
        case Code::kUnsupported: return ErrorCode::kUNSUPPORTED_NODE;
        default: return ErrorCode::kINTERNAL_ERROR;
    }
}

Model& Storage::keep(std::unique_ptr<Model> model) {
    models_.push_back(std::move(model));
    return *models_.back();
}

const Tensor& Storage::keep(Tensor tensor) {
    tensors_.push_back(std::move(tensor));
    return tensors_.back();
}

std::byte* Storage::allocate(size_t bytes) {
    buffers_.emplace_back((bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t) + 1);
    return reinterpret_cast<std::byte*>(buffers_.back().data());
}

void Session::log(Severity severity, const std::string& text) const { logger.log(severity, text.c_str()); }

void Session::warn(const std::string& text) {
    if (warned_.insert(text).second) log(Severity::kWARNING, text);
}

void Session::report(ImportError error) {
    std::string text = "ONNX parser: ";
    if (!error.nodeOperator.empty()) {
        text += fmt::format("node {} {} ({}): ", error.node, inQuotes(error.nodeName), printable(error.nodeOperator));
    }
    log(error.code == ErrorCode::kINTERNAL_ERROR ? Severity::kINTERNAL_ERROR : Severity::kERROR,
        text + error.description);
    errors.push_back(std::move(error));
}

Result<Weights> Storage::weights(const Tensor& tensor, std::string& warning) {
    if (const auto known = weights_.find(&tensor); known != weights_.end()) return known->second;
    const auto type = toComputed(tensor.dataType);
    if (!type) {
        return unsupported("constant {} has element type {}, which networks do not have", inQuotes(tensor.name),
                           toString(tensor.dataType));
    }
    if (!tensor.hasData() && TRY(tensor.elementCount()) > 0) {
        return invalidArgument("initializer {} has no data in the model", inQuotes(tensor.name));
    }
    const std::span<const std::byte> bytes = TRY(tensor.bytes());
    Weights out{*type, bytes.data(), TRY(tensor.elementCount())};
    if (tensor.dataType == DataType::kDouble) {
        const std::vector<double> values = TRY(tensor.toDoubles());
        auto* to = reinterpret_cast<float*>(allocate(values.size() * sizeof(float)));
        size_t overflows = 0;
        for (size_t i = 0; i < values.size(); ++i) {
            to[i] = static_cast<float>(values[i]);
            overflows += std::isfinite(values[i]) && !std::isfinite(to[i]);
        }
        out.values = to;
        warning =
            fmt::format("constant {} is of type DOUBLE and is rounded to float{}", inQuotes(tensor.name),
                        overflows ? fmt::format("; {} of its values are beyond the range of float", overflows) : "");
    } else if (*type == nvinfer1::DataType::kBOOL) {
        // The API leaves bytes other than 0 and 1 undefined; ONNX takes all but 0 for true.
        bool clean = true;
        for (const std::byte b : bytes) clean &= static_cast<uint8_t>(b) <= 1;
        if (!clean) {
            auto* to = allocate(bytes.size());
            for (size_t i = 0; i < bytes.size(); ++i) to[i] = std::byte{bytes[i] != std::byte{0}};
            out.values = to;
        }
    } else {
        const size_t size = std::max(bitsOf(tensor.dataType) / 8, 1);
        if (reinterpret_cast<uintptr_t>(bytes.data()) % size != 0) {
            auto* to = allocate(bytes.size());
            std::memcpy(to, bytes.data(), bytes.size());
            out.values = to;
        }
    }
    // Empty weights still need an address that can carry a name.
    if (!out.values) out.values = allocate(1);
    weights_.emplace(&tensor, out);
    return out;
}

Result<Weights> Session::weights(const Tensor& tensor) {
    std::string warning;
    const Weights out = TRY(storage.weights(tensor, warning));
    if (!warning.empty()) warn("ONNX parser: " + warning);
    return out;
}

Result<nvinfer1::ITensor*> Session::addConstant(const Tensor& tensor, const std::string& name) {
    const Weights values = TRY(weights(tensor));
    const nvinfer1::Dims dims = TRY(toDims(tensor.dims));
    nvinfer1::IConstantLayer* layer = network.addConstant(dims, values);
    if (!layer) {
        Status why = networkErrors.take();
        if (why.ok()) why = internalError("constant {} could not be added", inQuotes(name));
        return why;
    }
    layer->setName(uniqueName(name).c_str());
    layer->getOutput(0)->setName(name.c_str());
    if (!tensor.name.empty()) network.setWeightsName(values, tensor.name.c_str());
    return layer->getOutput(0);
}

}  // namespace lathe::onnx

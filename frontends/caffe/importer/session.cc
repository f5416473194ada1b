// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/session.h"

#include "frontends/caffe/text/text_message.h"

namespace lathe::caffe {

std::byte* Storage::allocate(size_t bytes) {
    buffers_.emplace_back(bytes / sizeof(std::max_align_t) + 1);
    return reinterpret_cast<std::byte*>(buffers_.back().data());
}

void Session::warn(const std::string& text) const {
    logger.log(nvinfer1::ILogger::Severity::kWARNING, ("Caffe parser: " + text).c_str());
}

Result<Value> Session::addInput(const std::string& name, const Ints& extents) {
    TRY(volume(extents));
    nvinfer1::Dims dims = TRY(frontends::toDims(extents));
    if (fileBatch < 0) fileBatch = extents[0];
    if (options.freeBatch) dims.d[0] = -1;
    networkErrors.forget();
    nvinfer1::ITensor* tensor = network.addInput(name.c_str(), nvinfer1::DataType::kFLOAT, dims);
    if (!tensor) {
        Status why = networkErrors.take();
        if (why.ok()) why = internalError("the network refused it without saying why");
        return why.prefix("input " + quoted(name));
    }
    inputs.insert(name);
    return Value{tensor, dims.nbDims};
}

Result<int64_t> volume(const Ints& extents) {
    int64_t out = 1;
    for (const int64_t extent : extents) {
        if (__builtin_mul_overflow(out, extent, &out)) {
            return unsupported("the shape [{}] has more elements than 64 bits can count", fmt::join(extents, ", "));
        }
    }
    return out;
}

}  // namespace lathe::caffe

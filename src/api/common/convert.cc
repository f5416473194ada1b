// SPDX-License-Identifier: Apache-2.0
#include "api/common/convert.h"

#include "api/common/host_memory.h"

#include "NvInferImpl.h"

namespace lathe::api {
namespace {

class HostMemory final : public nvinfer1::IHostMemory, public nvinfer1::apiv::VHostMemory {
  public:
    HostMemory(std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
        : bytes_(bytes), owner_(std::move(owner)) {
        mImpl = this;
    }
    void* data() const noexcept override { return const_cast<std::byte*>(bytes_.data()); }
    std::size_t size() const noexcept override { return bytes_.size(); }
    nvinfer1::DataType type() const noexcept override { return nvinfer1::DataType::kINT8; }

  private:
    const std::span<const std::byte> bytes_;
    const std::shared_ptr<const void> owner_;
};

}  // namespace

Result<ir::Dims> fromApi(const nvinfer1::Dims& dims) {
    if (dims.nbDims < 0 || dims.nbDims > nvinfer1::Dims::MAX_DIMS)
        return invalidArgument("a shape of {} dimensions; from 0 to {} are possible", dims.nbDims,
                               nvinfer1::Dims::MAX_DIMS);
    return ir::Dims(dims.d, dims.d + dims.nbDims);
}

nvinfer1::Dims toApi(const ir::Dims& dims) {
    nvinfer1::Dims out{};
    out.nbDims = static_cast<int32_t>(dims.size());
    for (size_t i = 0; i < dims.size(); ++i) out.d[i] = dims[i];
    return out;
}

nvinfer1::Dims toApi(const ir::Shape& shape) {
    nvinfer1::Dims out{};
    out.nbDims = static_cast<int32_t>(shape.size());
    for (size_t i = 0; i < shape.size(); ++i) out.d[i] = shape[i].valueOr(-1);
    return out;
}

nvinfer1::Dims invalidDims() {
    nvinfer1::Dims out{};
    out.nbDims = -1;
    return out;
}

nvinfer1::IHostMemory* makeHostMemory(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    return new HostMemory(*owner, owner);
}

nvinfer1::IHostMemory* makeHostMemory(std::shared_ptr<const Block> block) {
    std::span<const std::byte> bytes = block->bytes();
    return new HostMemory(bytes, std::move(block));
}

}  // namespace lathe::api

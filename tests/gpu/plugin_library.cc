// SPDX-License-Identifier: Apache-2.0
// A library of plugins that work in a GPU's memory and in the host's: what they do is copies and fills, so that it
// needs no compiler for the GPU.
#include <cuda_runtime_api.h>

#include "plugin_testing.h"

namespace lathe_test {
namespace {

bool isOnDevice(void const* p) {
    cudaPointerAttributes a{};
    bool known = cudaPointerGetAttributes(&a, p) == cudaSuccess;
    (void)cudaGetLastError();
    return known && a.type == cudaMemoryTypeDevice;
}

int copyBytes(void* to, void const* from, int64_t bytes, cudaStream_t stream) {
    if (isOnDevice(to))
        return cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream) != cudaSuccess;
    std::memmove(to, from, static_cast<size_t>(bytes));
    return 0;
}

int zeroBytes(void* to, int64_t bytes, cudaStream_t stream) {
    if (isOnDevice(to)) return cudaMemsetAsync(to, 0, static_cast<size_t>(bytes), stream) != cudaSuccess;
    std::memset(to, 0, static_cast<size_t>(bytes));
    return 0;
}

// Exchanges the halves of its input, by way of the workspace.
class SwapHalves final : public V3Base<SwapHalves> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "SwapHalves";
    size_t getWorkspaceSize(DynamicPluginTensorDesc const* in, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) const noexcept override {
        return static_cast<size_t>(volumeOf(in[0].max)) * sizeof(float);
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y,
                    void* workspace, cudaStream_t stream) noexcept override {
        int64_t half = volumeOf(in[0].dims) / 2 * 4;
        auto* from = static_cast<char const*>(x[0]);
        auto* to = static_cast<char*>(y[0]);
        return copyBytes(workspace, from, half, stream) | copyBytes(to, from + half, half, stream) |
               copyBytes(to + half, workspace, half, stream);
    }
};

// Its input with a row of zeros behind it.
class ZeroRow final : public ExtBase<ZeroRow, IPluginV2DynamicExt> {
  public:
    using ExtBase::ExtBase;
    static constexpr const char* kName = "ZeroRow";
    DimsExprs getOutputDimensions(int32_t, DimsExprs const* in, int32_t, IExprBuilder& e) noexcept override {
        DimsExprs out = in[0];
        out.d[0] = e.operation(DimensionOperation::kSUM, *in[0].d[0], *e.constant(1));
        return out;
    }
    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t, int32_t) noexcept override {
        return io[pos].type == DataType::kFLOAT && io[pos].format == TensorFormat::kLINEAR;
    }
    void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                         int32_t) noexcept override {}
    size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*,
                            int32_t) const noexcept override {
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* x, void* const* y,
                    void*, cudaStream_t stream) noexcept override {
        int64_t bytes = volumeOf(in[0].dims) * 4;
        return copyBytes(y[0], x[0], bytes, stream) |
               zeroBytes(static_cast<char*>(y[0]) + bytes, volumeOf(out[0].dims) * 4 - bytes, stream);
    }
};

}  // namespace
}  // namespace lathe_test

extern "C" {

#define EXPORTED __attribute__((visibility("default")))

EXPORTED nvinfer1::IPluginCreatorInterface* const* getCreators(int32_t& count) {
    static lathe_test::V3Creator<lathe_test::SwapHalves> v3;
    static lathe_test::V1Creator<lathe_test::ZeroRow> v2;
    static nvinfer1::IPluginCreatorInterface* const creators[] = {&v3, &v2};
    count = 2;
    return creators;
}
EXPORTED bool latheHostPointers() { return true; }
EXPORTED bool latheDevicePointers() { return true; }
EXPORTED bool latheCapturable() { return true; }

}  // extern "C"

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "api/build/builder_config.h"
#include "api/build/network.h"
#include "api/run/plugin_registry.h"
#include "plan/plan.h"

namespace lathe::api {

class Builder final : public nvinfer1::IBuilder, public nvinfer1::apiv::VBuilder {
  public:
    explicit Builder(nvinfer1::ILogger* logger);

    bool platformHasFastFp16() const noexcept override;
    bool platformHasFastInt8() const noexcept override;
    int32_t getMaxDLABatchSize() const noexcept override { return 0; }
    int32_t getNbDLACores() const noexcept override { return 0; }
    void setGpuAllocator(nvinfer1::IGpuAllocator* allocator) noexcept override { allocator_ = allocator; }
    nvinfer1::IBuilderConfig* createBuilderConfig() noexcept override;
    nvinfer1::INetworkDefinition* createNetworkV2(nvinfer1::NetworkDefinitionCreationFlags flags) noexcept override;
    nvinfer1::IOptimizationProfile* createOptimizationProfile() noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_->setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_->recorder(); }
    void reset() noexcept override;
    bool platformHasTf32() const noexcept override { return false; }
    nvinfer1::IHostMemory* buildSerializedNetwork(nvinfer1::INetworkDefinition& network,
                                                  nvinfer1::IBuilderConfig& config) noexcept override;
    bool isNetworkSupported(nvinfer1::INetworkDefinition const& network,
                            nvinfer1::IBuilderConfig const& config) const noexcept override;
    nvinfer1::ILogger* getLogger() const noexcept override { return reporter_->logger(); }
    bool setMaxThreads(int32_t count) noexcept override;
    int32_t getMaxThreads() const noexcept override { return maxThreads_; }
    nvinfer1::IPluginRegistry& getPluginRegistry() noexcept override { return registry_; }
    nvinfer1::ICudaEngine* buildEngineWithConfig(nvinfer1::INetworkDefinition& network,
                                                 nvinfer1::IBuilderConfig& config) noexcept override;
    bool buildSerializedNetworkToStream(nvinfer1::INetworkDefinition& network, nvinfer1::IBuilderConfig& config,
                                        nvinfer1::IStreamWriter& writer) noexcept override;
    nvinfer1::IHostMemory* buildSerializedNetworkWithKernelText(nvinfer1::INetworkDefinition& network,
                                                                nvinfer1::IBuilderConfig& config,
                                                                nvinfer1::IHostMemory*& kernelText) noexcept override;

  private:
    Result<std::unique_ptr<plan::Plan>> build(Network& network, BuilderConfig& config);

    std::shared_ptr<Reporter> reporter_;
    PluginRegistry registry_;
    std::vector<std::unique_ptr<OptimizationProfile>> profiles_;
    nvinfer1::IGpuAllocator* allocator_ = nullptr;
    int32_t maxThreads_ = 1;
};

}  // namespace lathe::api

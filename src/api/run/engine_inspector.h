// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/run/cuda_engine.h"

namespace lathe::api {

class EngineInspector final : public nvinfer1::IEngineInspector, public nvinfer1::apiv::VEngineInspector {
  public:
    explicit EngineInspector(const CudaEngine& engine);

    nvinfer1::IEngineInspector* getPImpl() noexcept override { return this; }
    bool setExecutionContext(nvinfer1::IExecutionContext const* context) noexcept override;
    nvinfer1::IExecutionContext const* getExecutionContext() const noexcept override { return context_; }
    char const* getLayerInformation(int32_t index, nvinfer1::LayerInformationFormat format) const noexcept override;
    char const* getEngineInformation(nvinfer1::LayerInformationFormat format) const noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_.setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_.recorder(); }

  private:
    const plan::Program& program() const;
    // Extents as far as the context's input shapes tell them.
    ir::SymbolValues symbols() const;
    std::string describe(const plan::Step& step, int index, nvinfer1::LayerInformationFormat format) const;
    std::string tensors(std::span<const ir::Value* const> values, std::span<const tactics::Layout> layouts,
                        const ir::SymbolValues& symbols) const;

    const CudaEngine& engine_;
    Reporter reporter_;
    nvinfer1::IExecutionContext const* context_ = nullptr;
    mutable std::string answer_;
};

}  // namespace lathe::api

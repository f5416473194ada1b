// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/run/cuda_engine.h"
#include "runtime/refit.h"

namespace lathe::api {

Result<nvinfer1::IRefitter*> makeRefitter(CudaEngine& engine, nvinfer1::ILogger& logger);

class Refitter final : public nvinfer1::IRefitter, public nvinfer1::apiv::VRefitter {
  public:
    using Role = nvinfer1::WeightsRole;
    using Weights = nvinfer1::Weights;
    using Location = nvinfer1::TensorLocation;

    Refitter(CudaEngine& engine, nvinfer1::ILogger& logger, std::map<std::string, runtime::Refittable> known);

    nvinfer1::IRefitter* getPImpl() noexcept override { return this; }
    bool setWeights(char const* layerName, Role role, Weights const weights) noexcept override;
    bool refitCudaEngine() noexcept override;
    int32_t getMissing(int32_t size, char const** layerNames, Role* roles) noexcept override;
    int32_t getAll(int32_t size, char const** layerNames, Role* roles) noexcept override;
    bool setDynamicRange(char const* tensorName, float min, float max) noexcept override;
    float getDynamicRangeMin(char const* tensorName) const noexcept override;
    float getDynamicRangeMax(char const* tensorName) const noexcept override;
    int32_t getTensorsWithDynamicRange(int32_t size, char const** tensorNames) const noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_.setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_.recorder(); }
    bool setNamedWeights(char const* name, Weights weights) noexcept override;
    int32_t getMissingWeights(int32_t size, char const** weightsNames) noexcept override;
    int32_t getAllWeights(int32_t size, char const** weightsNames) noexcept override;
    nvinfer1::ILogger* getLogger() const noexcept override { return reporter_.logger(); }
    bool setMaxThreads(int32_t maxThreads) noexcept override;
    int32_t getMaxThreads() const noexcept override { return maxThreads_; }
    bool setNamedWeightsWithLocation(char const* name, Weights weights, Location location) noexcept override;
    Weights getNamedWeights(char const* weightsName) const noexcept override;
    Location getWeightsLocation(char const* weightsName) const noexcept override;
    bool unsetNamedWeights(char const* weightsName) noexcept override;
    void setWeightsValidation(bool weightsValidation) noexcept override { validation_ = weightsValidation; }
    bool getWeightsValidation() const noexcept override { return validation_; }
    bool refitCudaEngineAsync(cudaStream_t stream) noexcept override;
    Weights getWeightsPrototype(char const* weightsName) const noexcept override;

  private:
    struct Given {
        Weights weights;
        Location location;
    };
    // A layer's role, and the name that its weights go by in the plan.
    struct Place {
        std::string layer;
        Role role;
        std::string weights;
    };
    Status set(const std::string& name, const Weights& weights, Location location);
    Status refit();
    bool isMissing(const std::string& weights) const;
    int32_t listPlaces(const char* where, bool missing, int32_t size, char const** layers, Role* roles) noexcept;
    int32_t listNames(const char* where, bool missing, int32_t size, char const** names) noexcept;

    CudaEngine& engine_;
    Reporter reporter_;
    std::map<std::string, runtime::Refittable> known_;
    std::vector<Place> places_;
    std::vector<std::string> names_;  // of weights that the user named
    std::map<std::string, Given> given_;
    int32_t maxThreads_ = 1;
    bool validation_ = true;
};

}  // namespace lathe::api

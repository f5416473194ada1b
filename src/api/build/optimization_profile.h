// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "NvInfer.h"
#include "NvInferImpl.h"
#include "api/common/report.h"
#include "plan/plan.h"

namespace lathe::api {

class OptimizationProfile final : public nvinfer1::IOptimizationProfile, public nvinfer1::apiv::VOptimizationProfile {
  public:
    using Selector = nvinfer1::OptProfileSelector;
    using Dims = nvinfer1::Dims;

    explicit OptimizationProfile(std::shared_ptr<const Reporter> reporter);
    static const OptimizationProfile& of(const nvinfer1::IOptimizationProfile& p) {
        return static_cast<const OptimizationProfile&>(p);
    }

    // For a build: the ranges of all inputs, in order. Errors (kInvalidConfig) name the input: it is dynamic and has no
    // shapes here, a shape doesn't fit the network's, a shape tensor has no values.
    Result<plan::Profile> forInputs(const std::vector<plan::IoTensor>& inputs) const;

    bool setDimensions(char const* name, Selector select, Dims const& dims) noexcept override;
    Dims getDimensions(char const* name, Selector select) const noexcept override;
    bool setShapeValues(char const* name, Selector select, int32_t const* values, int32_t count) noexcept override;
    int32_t getNbShapeValues(char const* name) const noexcept override;
    int32_t const* getShapeValues(char const* name, Selector select) const noexcept override;
    bool setExtraMemoryTarget(float target) noexcept override;
    float getExtraMemoryTarget() const noexcept override { return extraMemory_; }
    bool isValid() const noexcept override;
    bool setShapeValuesV2(char const* name, Selector select, int64_t const* values, int32_t count) noexcept override;
    int64_t const* getShapeValuesV2(char const* name, Selector select) const noexcept override;

  private:
    // By selector: min, opt, max.
    struct Input {
        std::array<std::optional<ir::Dims>, 3> dims;
        std::array<std::optional<std::vector<int64_t>>, 3> values;
        std::array<std::vector<int32_t>, 3> values32;
    };
    const Input* find(char const* name) const;
    Result<Input*> at(char const* name, Selector select);

    std::shared_ptr<const Reporter> reporter_;
    std::map<std::string, Input, std::less<>> inputs_;
    float extraMemory_ = 1;
};

}  // namespace lathe::api

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntime.h"

// The checker of safety engines of version 8, declared for programs that look for its library and do without it. There
// is none here.
namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {
namespace consistency {

class IConsistencyChecker {
  public:
    virtual bool validate() const noexcept = 0;
    virtual ~IConsistencyChecker() = default;
};

class IPluginChecker : public IPluginCreator {
  public:
    virtual bool validate(char const* name, void const* serialData, size_t serialLength, PluginTensorDesc const* in,
                          size_t nbInputs, PluginTensorDesc const* out, size_t nbOutputs,
                          int64_t workspaceSize) const noexcept = 0;
    ~IPluginChecker() override = default;
};

}  // namespace consistency
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1

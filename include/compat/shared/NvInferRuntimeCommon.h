// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimePlugin.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

class IPluginRegistry : public INoCopy {
  public:
    using PluginLibraryHandle = void*;
    virtual bool registerCreator(IPluginCreator& creator, char const* pluginNamespace) noexcept = 0;
    virtual IPluginCreator* const* getPluginCreatorList(int32_t* numCreators) const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
#if LATHE_TRT < 8
    virtual IPluginCreator* getPluginCreator(char const* pluginType, char const* pluginVersion,
                                             char const* pluginNamespace = "") noexcept = 0;
#endif
#if LATHE_TRT >= 8
    virtual IPluginCreator* getPluginCreator(char const* pluginName, char const* pluginVersion,
                                             char const* const pluginNamespace = "") noexcept = 0;
    virtual bool deregisterCreator(IPluginCreator const& creator) noexcept = 0;
    virtual bool isParentSearchEnabled() const noexcept = 0;
    virtual void setParentSearchEnabled(bool enabled) noexcept = 0;
    virtual PluginLibraryHandle loadLibrary(char const* pluginPath) noexcept = 0;
    virtual void deregisterLibrary(PluginLibraryHandle handle) noexcept = 0;
#endif
};

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1

#ifndef LATHE_COMPAT_LIBRARY
extern "C" {
//! The registry of this version's plugins.
TENSORRTAPI nvinfer1::IPluginRegistry* getPluginRegistry() TRTNOEXCEPT LATHE_TRT_ENTRY(getPluginRegistry);
//! The logger that the first builder or runtime was given; nullptr before.
TENSORRTAPI nvinfer1::ILogger* getLogger() TRTNOEXCEPT LATHE_TRT_ENTRY(getLogger);
//! NV_TENSORRT_VERSION of these headers.
TENSORRTAPI int32_t getInferLibVersion() TRTNOEXCEPT LATHE_TRT_ENTRY(getInferLibVersion);
}

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

//! Registers a plugin creator while the program starts.
template <class T>
class PluginRegistrar {
  public:
    PluginRegistrar() { getPluginRegistry()->registerCreator(instance, ""); }

  private:
    T instance{};
};

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1

#define REGISTER_TENSORRT_PLUGIN(name) \
    static nvinfer1::PluginRegistrar<name> pluginRegistrar##name {}
#endif

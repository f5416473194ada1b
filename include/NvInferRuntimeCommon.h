// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferPluginBase.h"
#include "NvInferRuntimePlugin.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace nvinfer1 {

//! Where plugin creators are found, by name, version and namespace. There is one for the process
//! (getPluginRegistry()); each runtime and builder has one of its own, whose parent that is.
//!
//! Strings are at most 1024 bytes long with their terminator. Arrays of creators belong to the registry and are valid
//! until a creator comes or goes. Creators are not copied and must stay as long as they are registered.
class IPluginRegistry {
  public:
    //! A library that loadLibrary() has loaded.
    using PluginLibraryHandle = void*;

    //! Deprecated (10.0): the overload with IPluginCreatorInterface.
    TRT_DEPRECATED virtual bool registerCreator(IPluginCreator& creator,
                                                AsciiChar const* const pluginNamespace) noexcept = 0;

    //! Deprecated (10.0): getAllCreators(). V1 creators only.
    TRT_DEPRECATED virtual IPluginCreator* const* getPluginCreatorList(int32_t* const numCreators) const noexcept = 0;

    //! Deprecated (10.0): getCreator(). nullptr when the creator is not a V1 one.
    TRT_DEPRECATED virtual IPluginCreator* getPluginCreator(AsciiChar const* const pluginName,
                                                            AsciiChar const* const pluginVersion,
                                                            AsciiChar const* const pluginNamespace = "") noexcept = 0;
    IPluginRegistry() = default;
    IPluginRegistry(IPluginRegistry const&) = delete;
    IPluginRegistry(IPluginRegistry&&) = delete;
    IPluginRegistry& operator=(IPluginRegistry const&) & = delete;
    IPluginRegistry& operator=(IPluginRegistry&&) & = delete;

  protected:
    virtual ~IPluginRegistry() noexcept = default;

  public:
    //! Recorder for this object; nullptr removes it. Counts its references.
    virtual void setErrorRecorder(IErrorRecorder* const recorder) noexcept = 0;

    //! The recorder, or nullptr.
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

    //! Deprecated (10.0): the overload with IPluginCreatorInterface.
    TRT_DEPRECATED virtual bool deregisterCreator(IPluginCreator const& creator) noexcept = 0;

    //! Whether the parent registry is searched too. Default true.
    virtual bool isParentSearchEnabled() const = 0;

    //! Whether the parent registry is searched too.
    virtual void setParentSearchEnabled(bool const enabled) = 0;

    //! Loads a shared library and registers what its getCreators() returns. nullptr when it cannot be loaded or one
    //! of its creators is registered already.
    virtual PluginLibraryHandle loadLibrary(AsciiChar const* pluginPath) noexcept = 0;

    //! Deregisters the creators of a library and unloads it.
    virtual void deregisterLibrary(PluginLibraryHandle handle) noexcept = 0;

    //! Registers a creator. Returns false when one of this name, version and namespace is registered already.
    virtual bool registerCreator(IPluginCreatorInterface& creator, AsciiChar const* const pluginNamespace) noexcept = 0;

    //! All creators of this registry, `numCreators` of them; nullptr when there are none.
    virtual IPluginCreatorInterface* const* getAllCreators(int32_t* const numCreators) const noexcept = 0;

    //! The creator with this name, version and namespace; nullptr when there is none.
    virtual IPluginCreatorInterface* getCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                                AsciiChar const* const pluginNamespace = "") noexcept = 0;

    //! Removes a creator. Returns false when it is not registered here.
    virtual bool deregisterCreator(IPluginCreatorInterface const& creator) noexcept = 0;

    //! The resource registered under `key`; when there is none, a clone of `resource` is registered first. Counts its
    //! users. nullptr on failure.
    virtual IPluginResource* acquirePluginResource(AsciiChar const* key, IPluginResource* resource) noexcept = 0;

    //! Gives up a use of the resource; with the last one it is released, deleted and deregistered. 0 means success.
    virtual int32_t releasePluginResource(AsciiChar const* key) noexcept = 0;

    //! The creators of this registry and of its parents, as far as they are searched, `numCreators` of them; nullptr
    //! when there are none.
    virtual IPluginCreatorInterface* const* getAllCreatorsRecursive(int32_t* const numCreators) noexcept = 0;
};

}  // namespace nvinfer1

#pragma GCC diagnostic pop

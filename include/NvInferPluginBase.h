// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeBase.h"

namespace nvinfer1 {

//! Type of the values of a plugin field.
enum class PluginFieldType : int32_t {
    kFLOAT16 = 0,  //!< IEEE half precision.
    kFLOAT32 = 1,  //!< float
    kFLOAT64 = 2,  //!< double
    kINT8 = 3,     //!< int8_t
    kINT16 = 4,    //!< int16_t
    kINT32 = 5,    //!< int32_t
    kCHAR = 6,     //!< char; a string with its length, not necessarily terminated.
    kDIMS = 7,     //!< Dims
    kUNKNOWN = 8,  //!< Bytes that only the plugin can read.
    kBF16 = 9,     //!< bfloat16
    kINT64 = 10,   //!< int64_t
    kFP8 = 11,     //!< E4M3, one byte.
    kINT4 = 12,    //!< Two values a byte.
    kFP4 = 13,     //!< Two values a byte.
};

//! A named attribute of a plugin: a view of values that belong to someone else.
class PluginField {
  public:
    //! Name, unique within a collection.
    AsciiChar const* name;

    //! First value; may be null in a list of names.
    void const* data;

    //! Type of the values.
    PluginFieldType type;

    //! Number of values.
    int32_t length;
    PluginField(AsciiChar const* const name_ = nullptr, void const* const data_ = nullptr,
                PluginFieldType const type_ = PluginFieldType::kUNKNOWN, int32_t const length_ = 0) noexcept
        : name(name_), data(data_), type(type_), length(length_) {}
};

//! A list of plugin fields.
struct PluginFieldCollection {
    //! Number of fields.
    int32_t nbFields{};

    //! First field.
    PluginField const* fields{};
};

//! What a plugin is created for.
enum class TensorRTPhase : int32_t {
    kBUILD = 0,    //!< A network.
    kRUNTIME = 1,  //!< An engine that is loaded.
};

//! Facet of a V3 plugin.
enum class PluginCapabilityType : int32_t {
    kCORE = 0,     //!< Identity; every plugin has it.
    kBUILD = 1,    //!< What the builder needs.
    kRUNTIME = 2,  //!< What execution needs.
};

namespace v_1_0 {

//! Base of the facets of a V3 plugin.
class IPluginCapability : public IVersionedInterface {};

//! Something that plugins share through the registry, such as a device buffer with weights. See
//! IPluginRegistry::acquirePluginResource().
class IPluginResource : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "IPluginResource", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IPluginResource", 1, 0}; }

    //! Frees what the resource holds; it must still be possible to clone it. Called on clones only, when the last
    //! user is gone. 0 means success.
    virtual int32_t release() noexcept = 0;

    //! A copy that holds the real resource: the registry keeps clones only. nullptr on failure.
    virtual IPluginResource* clone() noexcept = 0;
    ~IPluginResource() noexcept override = default;
    IPluginResource() = default;
    IPluginResource(IPluginResource const&) = default;
    IPluginResource(IPluginResource&&) = default;
    IPluginResource& operator=(IPluginResource const&) & = default;
    IPluginResource& operator=(IPluginResource&&) & = default;
};

//! Base of all plugin creators.
class IPluginCreatorInterface : public IVersionedInterface {
  public:
    ~IPluginCreatorInterface() noexcept override = default;

  protected:
    IPluginCreatorInterface() = default;
    IPluginCreatorInterface(IPluginCreatorInterface const&) = default;
    IPluginCreatorInterface(IPluginCreatorInterface&&) = default;
    IPluginCreatorInterface& operator=(IPluginCreatorInterface const&) & = default;
    IPluginCreatorInterface& operator=(IPluginCreatorInterface&&) & = default;
};

//! A layer that an application implements. It is made of facets, which may be the same object.
class IPluginV3 : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "PLUGIN", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN", 1, 0}; }

    //! The facet of a type. A plugin added to a network needs all three, one made for an engine kCORE and kRUNTIME.
    //! nullptr for a facet that it lacks.
    virtual IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept = 0;

    //! A copy with the same attributes, ready for use; nullptr on failure. The library deletes it.
    virtual IPluginV3* clone() noexcept = 0;
};

}  // namespace v_1_0

using IPluginResource = v_1_0::IPluginResource;
using IPluginCreatorInterface = v_1_0::IPluginCreatorInterface;
using IPluginV3 = v_1_0::IPluginV3;
using IPluginCapability = v_1_0::IPluginCapability;

}  // namespace nvinfer1

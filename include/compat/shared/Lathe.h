// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeCommon.h"

#ifndef LATHE_COMPAT_LIBRARY
extern "C" TENSORRTAPI bool latheSetPluginTraits(char const* name, char const* version, char const* pluginNamespace,
                                                 uint32_t traits) LATHE_TRT_ENTRY(setPluginTraits);

namespace lathe {

//! See include/Lathe.h of the current version.
enum PluginTrait : uint32_t { kHOST_POINTERS = 1, kDEVICE_POINTERS = 2, kCAPTURABLE = 4 };

//! Says what pointers plugins of this name, version and namespace take: those of a GPU's memory unless it is said
//! otherwise. Plugins without a name have the name "IPlugin" or "IPluginExt" and version "1".
inline bool setPluginTraits(char const* name, char const* version, char const* pluginNamespace, uint32_t traits) {
    return latheSetPluginTraits(name, version, pluginNamespace, traits);
}

//! The same for plugins that work on host memory, or (`host` false) only on a GPU's.
inline bool setHostPlugin(char const* name, char const* version, char const* pluginNamespace = "", bool host = true) {
    return setPluginTraits(name, version, pluginNamespace, host ? kHOST_POINTERS : kDEVICE_POINTERS);
}

}  // namespace lathe
#endif

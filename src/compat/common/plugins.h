// SPDX-License-Identifier: Apache-2.0
// Plugins of the older API: their registry, and where the library finds them when it loads a plan.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compat/common/plugin_wrap.h"

namespace lathe::compat {

class Layer;
class Network;

// The plugin creators of the older API. What is registered here is registered with the library too, so that its parsers
// and its plans find it; and the creators of the library's own plugins are found here.
old::IPluginRegistry& pluginRegistry();

// Sees to it that plans with such a plugin are loaded by way of this file, whether it has a creator or not. Empty, or
// why that cannot be: another plugin has its name.
std::string expectPlugin(const v10::IPluginV2& plugin);

// While one lives, plugins that are loaded on this thread are those of the network that is built here, where they are:
// an engine that was just built has them without a creator or a factory.
class LivePlugins {
  public:
    explicit LivePlugins(Network& network);
    ~LivePlugins();
    LivePlugins(const LivePlugins&) = delete;
    // A configured plugin has been written as `bytes`.
    static void keep(const old::IPluginV2& plugin, const void* bytes, std::size_t size);
    // Null where there is none.
    static OwnedNew find(const char* layer, const std::string& type, const std::string& version,
                         const std::string& space, const void* bytes, std::size_t size);

  private:
    struct Kept {
        std::string type, version, space, bytes;
        OwnedOld plugin;
    };
    std::vector<Kept> kept_;
#if LATHE_TRT < 8
    std::map<std::string, std::pair<old::IPlugin*, bool>> first_;  // by layer; and whether it is an IPluginExt
#endif
    LivePlugins* before_;
};

// While one lives, plugins of the first kind that are loaded on this thread come from this factory. Null for none.
class PluginSource {
  public:
    explicit PluginSource(old::IPluginFactory* factory);
    ~PluginSource();
    static old::IPluginFactory* current();

  private:
    old::IPluginFactory* before_;
};

// The older API's view of a plugin layer.
std::unique_ptr<Layer> wrapPluginLayer(Network& network, v10::ILayer& layer);

}  // namespace lathe::compat

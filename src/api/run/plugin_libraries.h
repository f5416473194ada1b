// SPDX-License-Identifier: Apache-2.0
// Plugin libraries that plans bring along (IBuilderConfig::setPluginsToSerialize): code, which is loaded only for a
// runtime that allows it.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "api/run/plugin_registry.h"
#include "plan/plan.h"

namespace lathe::api {

// Those of one runtime. Thread-safe. A library stays loaded for the life of the process: engines outlive runtimes.
class PluginLibraries {
  public:
    // Why the plan is not loaded; the libraries are named.
    static Status refuse(const plan::Plan& plan);
    // Loads the plan's libraries into the registry, each content once; what is registered there already goes first. By
    // way of a file without a name in memory, or of one in `directory` (empty: the system's) that is gone when this
    // returns, as `flags` (TempfileControlFlag) allow.
    Status load(const plan::Plan& plan, PluginRegistry& registry, const std::string& directory,
                nvinfer1::TempfileControlFlags flags);

  private:
    std::mutex mutex_;
    std::multimap<uint64_t, std::string> loaded_;  // what was: checksum, name
};

}  // namespace lathe::api

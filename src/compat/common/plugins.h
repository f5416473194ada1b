// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compat/common/callbacks.h"

namespace lathe::compat {

// The plugin creators of the older API.
old::IPluginRegistry& pluginRegistry();

// While one lives, plugins that are configured on this thread are told this largest batch.
class PluginBatch {
  public:
    explicit PluginBatch(int32_t batch);
    ~PluginBatch();
    static int32_t current();

  private:
    int32_t before_;
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

}  // namespace lathe::compat

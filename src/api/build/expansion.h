// SPDX-License-Identifier: Apache-2.0
// Plugins that become layers (lathe::setPluginExpansion).
#pragma once

#include "api/build/network.h"
#include "api/run/plugin_adapter.h"

namespace lathe::api {

// Where the plugin has an expansion that takes this case, emits its layers instead of the plugin and sets the layer's
// outputs. False, and nothing is emitted, for a plugin that stays one; why is told as a warning unless the expansion
// itself said no. `attrs` are what the plugin says of its outputs for `inputs`, which are those that it reads and its
// shape inputs. Errors: outputs that differ from the plugin's.
Result<bool> expandPlugin(LayerCore& layer, AdaptedPlugin& plugin, const ops::PluginAttrs& attrs,
                          const std::vector<ir::Value*>& inputs, Lowering& l);

}  // namespace lathe::api

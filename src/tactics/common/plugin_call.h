// SPDX-License-Identifier: Apache-2.0
// Layers that an application implements, on either kind of memory. Which formats and tactics there are was asked of the
// plugin when the program was built (PluginAttrs::choices); each is a candidate.
#pragma once

#include "ops/plugin.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

// A candidate for each choice, for tactics of either backend.
BindResult bindPlugin(const Tactic& tactic, const ir::Node& anchor);

// Calls the plugin. That of a tactic of the CPU gives it pointers to host memory; else they are the device's, and the
// plugin gets the stream.
Result<std::unique_ptr<Kernel>> pluginKernel(const Binding& binding, const PrepareContext& c);

}  // namespace lathe::tactics

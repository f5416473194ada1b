// SPDX-License-Identifier: Apache-2.0
// The canonical text of what a binding computes: equal problems are timed once.
#pragma once

#include "tactics/tactic.h"

namespace lathe::builder {

// Empty for what has timings that must not be kept (ops::pluginTimingText). Else
// "<library>|<target>|<threads>|<model>|<tactic>|<params>|<nodes with attributes, types, dims, layouts>".
std::string problemKey(const tactics::Binding& binding, const tactics::BindContext& shapes);

}  // namespace lathe::builder

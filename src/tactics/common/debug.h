// SPDX-License-Identifier: Apache-2.0
// The tactics of debug: the output is the input, of which the listener is told.
#pragma once

#include "tactics/tactic.h"

namespace lathe::tactics {

BindResult bindDebug(const Tactic& tactic, const ir::Node& anchor);
Result<std::unique_ptr<Kernel>> prepareDebug(const Binding& binding, const PrepareContext& c);

}  // namespace lathe::tactics

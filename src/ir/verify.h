// SPDX-License-Identifier: Apache-2.0
// Checks what every pass must leave true: values are defined before they are used (also across regions), uses and
// definitions agree, types are what inference says, symbols exist.
#pragma once

#include "ir/graph.h"

namespace lathe::ir {

// The first violation, naming node and value.
Status verify(const Graph& graph);

}  // namespace lathe::ir

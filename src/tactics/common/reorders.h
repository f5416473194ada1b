// SPDX-License-Identifier: Apache-2.0
// What reorders have in common, whatever runs them.
#pragma once

#include "ir/graph.h"
#include "tactics/format.h"

namespace lathe::tactics {

// The axis that two layouts move; -1 when each moves another one. REQUIRES: both fit.
int reorderAxis(Layout from, Layout to, int rank);
// Whether all elements, padding included, lie the same in both layouts, whatever the extents that are not constant.
// REQUIRES: reorderAxis() >= 0.
bool movesNothing(Layout from, Layout to, const ir::Shape& shape);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "ops/outside.h"

#include "ops/debug.h"
#include "ops/dist_collective.h"
#include "ops/plugin.h"

namespace lathe::ops {

bool worksOutside(const ir::Op& op) { return &op == op_plugin || &op == op_debug || &op == op_dist_collective; }

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
// All ops by name. The table is generated from the files of this folder.
#pragma once

#include <span>
#include <string_view>

#include "ir/op.h"

namespace lathe::ops {

// Null when there is none of this name.
const ir::Op* find(std::string_view name);
std::span<const ir::Op* const> all();

}  // namespace lathe::ops

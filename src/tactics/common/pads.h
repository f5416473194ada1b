// SPDX-License-Identifier: Apache-2.0
// What a pad node adds to each axis, where that is known at build.
#pragma once

#include "ops/pad.h"
#include "tactics/common/operands.h"

namespace lathe::tactics {

// The value input, where it counts.
inline const ir::Value* padValueOf(const ir::Node& n) {
    return n.attrs<ops::PadAttrs>().mode == ops::PadMode::kConstant ? inputOf(n, 2) : nullptr;
}

// The node's list of axes, or the first `all` where it has none. Error: a list that is not known.
Result<std::vector<int64_t>> padAxesOf(const ir::Node& n, size_t all);

// Elements by axis; negative ones are cropped. Errors: pads or axes that are not known, an axis that is cropped and
// padded with its own elements.
struct Pads {
    std::vector<int64_t> before, after;
};
Result<Pads> padsOf(const ir::Node& n, size_t rank);

}  // namespace lathe::tactics

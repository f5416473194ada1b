// SPDX-License-Identifier: Apache-2.0
// Copies a tensor between row-major and another layout, element by element: for tests, timing inputs and debugging.
// Steps of a plan use reorder tactics.
#pragma once

#include "tactics/format.h"

namespace lathe::exec {

// Padding becomes zero. Errors: a layout that the rank or the element type (less than a byte) does not allow.
Status fromLinear(const tactics::Format& format, const ir::Dims& dims, const void* linear, void* out);
Status toLinear(const tactics::Format& format, const ir::Dims& dims, const void* in, void* linear);

}  // namespace lathe::exec

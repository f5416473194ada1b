// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// Whether an op works with what lies outside of the program: an application's code, a listener, other processes. Its
// reference kernel does not stand for it, so only tactics made for it run it, and none is run to be measured.
bool worksOutside(const ir::Op& op);

}  // namespace lathe::ops

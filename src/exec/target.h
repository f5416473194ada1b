// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/tactic.h"

namespace lathe::exec {

// This machine: instruction set (LATHE_TARGET may lower it), threads (LATHE_THREADS), processor model.
tactics::Target localTarget();
// What engines are built for here: the same, with the libraries that tactics may call. Opens them.
tactics::Target buildTarget();

}  // namespace lathe::exec

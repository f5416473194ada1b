// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/tactic.h"

namespace lathe::exec {

// This machine: instruction set (LATHE_TARGET may lower it), threads (LATHE_THREADS), processor model.
tactics::Target localTarget();

}  // namespace lathe::exec

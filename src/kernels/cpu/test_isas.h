// SPDX-License-Identifier: Apache-2.0
// For kernel tests: the instruction sets that this machine runs, to repeat a test under each.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/cpu_info.h"

namespace lathe::cpu {

// Calls fn() once under each instruction set, with its name in the failure messages.
template <class Fn>
void forEachIsa(Fn fn) {
    for (int i = 0; i <= static_cast<int>(cpuInfo().detected); ++i) {
        Isa isa = static_cast<Isa>(i);
        ScopedIsa scoped(isa);
        SCOPED_TRACE("isa " + std::string(toString(isa)));
        fn();
        if (::testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace lathe::cpu

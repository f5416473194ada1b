// SPDX-License-Identifier: Apache-2.0
// What an engine works out once for all of its contexts.
#pragma once

#include "exec/prepared.h"
#include "runtime/engine.h"

namespace lathe::runtime {

struct Engine::Impl {
    std::vector<std::unique_ptr<exec::FlatProgram>> programs;
    std::vector<std::unique_ptr<exec::PackedStore>> stores;  // one a program
    // By profile, for its range of shapes.
    std::vector<exec::MemoryPlan> largest;
    std::vector<int64_t> bytes;
    int inputs = 0;  // plan().io starts with so many inputs
};

}  // namespace lathe::runtime

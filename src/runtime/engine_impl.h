// SPDX-License-Identifier: Apache-2.0
// What an engine works out once for all of its contexts.
#pragma once

#include "exec/prepared.h"
#include "runtime/engine.h"

namespace lathe::runtime {

struct Engine::Impl {
    // By program; null for those that don't run here.
    std::vector<std::unique_ptr<exec::FlatProgram>> programs;
    std::vector<std::unique_ptr<exec::PackedStore>> stores;
    device::Accelerator* device = nullptr;  // where it runs; null for the CPU
    device::Accelerator* domain = nullptr;  // the process's; null in the CPU's domain
    int64_t alignment() const { return device ? exec::kDeviceAlignment : exec::kAlignment; }
    std::vector<int> chosen;  // by profile: its program
    // Kernels of the largest shapes, by profile: what keeps a GPU's code loaded until contexts take it up.
    std::vector<std::unique_ptr<exec::KernelCache>> warm;
    // By profile, for its range of shapes.
    std::vector<exec::MemoryPlan> largest;
    std::vector<int64_t> bytes;
    std::set<std::string> debugTensors;
    int inputs = 0;  // plan().io starts with so many inputs
};

}  // namespace lathe::runtime

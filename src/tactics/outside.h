// SPDX-License-Identifier: Apache-2.0
// What a run's caller gives to steps that reach beyond the program, and where their kernels find it.
#pragma once

#include <functional>
#include <string>

#include "device/device.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

struct DebugTensor {
    const std::string& name;
    DType dtype;
    const ir::Dims& dims;
    const void* data;             // row-major; while the listener is called
    bool onDevice;                // else in host memory, where it is complete
    device::StreamHandle stream;  // that the data of a device is ordered by
};
// An error fails the run.
using DebugListener = std::function<Status(const DebugTensor&)>;

// Kernels keep its address, and look at what is in it in each run. One thread at a time: a context's.
struct Outside {
    DebugListener debug;           // empty: nobody is told of anything
    void* communicator = nullptr;  // an ncclComm_t
};

// A PrepareContext that is one of these too is found by its type.
class OutsidePreparation {
  public:
    virtual ~OutsidePreparation() = default;
    // Outlives the kernel. Null where a step runs by itself.
    virtual const Outside* outside() const = 0;
};

inline const Outside* outsideOf(const PrepareContext& c) {
    const auto* p = dynamic_cast<const OutsidePreparation*>(&c);
    return p ? p->outside() : nullptr;
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// A PrepareContext may offer this too: what the kernels of one step share within one execution context, whatever their
// shapes.
#pragma once

#include <memory>

#include "tactics/tactic.h"

namespace lathe::tactics {

class SharedState {
  public:
    virtual ~SharedState() = default;
    // Empty at first, and the kernels' to fill. Null: the kernel is used alone.
    virtual std::shared_ptr<void>* shared() const = 0;
};

inline std::shared_ptr<void>* sharedStateOf(const PrepareContext& c) {
    auto* state = dynamic_cast<const SharedState*>(&c);
    return state ? state->shared() : nullptr;
}

}  // namespace lathe::tactics

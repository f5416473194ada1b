// SPDX-License-Identifier: Apache-2.0
// Runs one binding alone, on random data at the optimum shapes: how the builder times a tactic.
#pragma once

#include "tactics/tactic.h"

namespace lathe::exec {

class Standalone {
  public:
    // Packs weights, prepares the kernel, allocates and fills buffers (seeded; the same for every tactic of a problem).
    // Extents come from shapes.optDims().
    static Result<std::unique_ptr<Standalone>> create(const tactics::Binding& binding, const tactics::BindContext& shapes);
    ~Standalone();
    // Runs once and answers the seconds that it took (repeats short kernels inside, so that the clock's grain is no matter).
    Result<double> seconds();

    struct Impl;

  private:
    Standalone();
    std::unique_ptr<Impl> impl_;
};

}  // namespace lathe::exec

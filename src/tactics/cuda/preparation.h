// SPDX-License-Identifier: Apache-2.0
// What CUDA tactics' kernels ask of a PrepareContext beyond what every backend has. A context that is one of these too
// is found by its type.
#pragma once

#include "kernels/cuda/launch.h"

namespace lathe::tactics {

class CudaPreparation {
  public:
    virtual ~CudaPreparation() = default;
    // Takes a plan of launches in place of its being loaded, to look at it or to compile it ahead. The kernel that
    // prepare() gives then cannot run. Answers false where plans are to be loaded.
    virtual bool takePlan(const cuda::KernelPlan& plan) const {
        (void)plan;
        return false;
    }
    // A word that kernels reach, in which they set a bit when data is not what the op allows (an index out of range,
    // which they do not follow). Null: nobody looks.
    virtual uint32_t* faultWord() const { return nullptr; }
};

}  // namespace lathe::tactics

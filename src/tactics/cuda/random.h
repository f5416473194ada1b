// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/cuda/alone.h"

namespace lathe::tactics {

// A kernel of random.cu: data 0 is operand 0 (null where there is none), 1 the workspace, 2 the output. Of seed 0 every
// run gives other numbers.
Result<std::unique_ptr<Kernel>> cudaRandomKernel(const PrepareContext& c, int64_t seed, cuda::SmallKernel kernel,
                                                 CudaOperands operands, int64_t workspaceBytes = 0);

}  // namespace lathe::tactics

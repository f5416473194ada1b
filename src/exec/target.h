// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/tactic.h"

namespace lathe::cuda {
class Gpu;
}

namespace lathe::exec {

// This machine: instruction set (LATHE_TARGET may lower it), threads (LATHE_THREADS), processor model.
tactics::Target localTarget();
// What engines are built for here: the same, with the libraries that tactics may call. Opens them.
tactics::Target buildTarget();

// A GPU that is here, and what this host offers beside it.
tactics::Target gpuTarget(const cuda::Gpu& gpu);
// A GPU of this compute capability (90 for 9.0) that may be absent: as the usual model of it is, with an empty model
// name. Errors: an architecture that nothing is known of.
Result<tactics::Target> absentGpuTarget(int sm);
// As `t`, for every GPU from sm_80 on: kernels and shared memory that all of them have, no library's. Errors: a GPU
// before sm_80.
Result<tactics::Target> ampereAndLater(tactics::Target t);

}  // namespace lathe::exec

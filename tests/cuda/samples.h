// SPDX-License-Identifier: Apache-2.0
// One plan or more of every kernel, so that each of their texts is compiled for each architecture.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

struct SamplePlan {
    std::string name;
    Result<KernelPlan> plan;
};
// Those that a GPU of this architecture runs.
std::vector<SamplePlan> samplePlans(const KernelTarget& target);

}  // namespace lathe::cuda

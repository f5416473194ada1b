// SPDX-License-Identifier: Apache-2.0
// What the tactics of scatter_elements and scatter_nd share: the data goes to the result first, unless it is there
// already, and updates follow. Sums and products of narrow floats are gathered in f32.
#pragma once

#include <functional>

#include "kernels/cuda/move.h"
#include "ops/scatter.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {

// Plan of the updates alone, of elements of the type.
using ScatterPlan = std::function<Result<cuda::KernelPlan>(DType type, cuda::ScatterReduction reduction)>;
Result<CudaWork> scatterWork(const ir::Node& n, ops::Scatter reduction, const DimsOf& dims, const ScatterPlan& plan);
// The candidate of a scatter node that scatterWork is for.
Binding bindScatter(const Tactic& tactic, const ir::Node& anchor);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Normalizations on a GPU, over rows and over groups of an image's channels. Scale and bias that kernels can't read as
// they are (of other shapes, or of two types) are applied by an elementwise launch of their own.
#pragma once

#include "tactics/common/norm.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {

// Work of a node's normalization. `layout`: of images. `outputs`: of the binding; those behind the first are f32, the
// rows' means and the inverses of their deviations.
Result<CudaWork> rowNormWork(const ir::Node& n, const Norm& norm, const DimsOf& dims, int outputs = 1);
Result<CudaWork> imageNormWork(const ir::Node& n, const Norm& norm, Layout layout, const DimsOf& dims,
                               const Target& target);
// Bindings: a row normalization's one, an image normalization's in both layouts.
Binding bindRowNorm(const Tactic& tactic, const ir::Node& anchor, const Norm& norm);
std::vector<Binding> bindImageNorm(const Tactic& tactic, const ir::Node& anchor, const Norm& norm);

}  // namespace lathe::tactics

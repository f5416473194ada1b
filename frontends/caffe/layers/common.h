// SPDX-License-Identifier: Apache-2.0
// What several importers share.
#pragma once

#include "frontends/caffe/importer/layer_import.h"

namespace lathe::caffe {

// Settings of convolutions and poolings, one number for each spatial axis.
struct Window {
    Ints kernel, stride, pad, dilation;
};

// kernel_size, stride and pad as lists, or with _h and _w for two axes; `dilations`: whether there is a dilation too.
// An empty kernel means that the file gives none. Values are in range.
Result<Window> readWindow(Params& params, int spatial, bool dilations);

// axis of the legacy field (`concat_dim`, `slice_dim`) or of `axis`.
Result<int> joinAxis(LayerImport& c, Params& params, const char* legacy, int rank);

// `extents` for a tensor of this rank: 1s, but from `axis` on those of the operand.
Ints alignedExtents(const Ints& extents, int axis, int rank);

// Weights that are a single number; none at all when it is `neutral`.
Weights number(LayerImport& c, double value, double neutral);

}  // namespace lathe::caffe

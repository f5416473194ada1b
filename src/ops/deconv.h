// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

// deconv: the transpose of a convolution: every input element adds its multiple of the kernel to a window of the
// output. Inputs: x [N, C, spatial…] with one to three spatial axes, w [C, M / group, kernel…], bias [M] (optional);
// all of one floating type. Output: [N, M, out…] with, on each axis,
//   out = (in - 1) * stride + output_padding + (kernel - 1) * dilation + 1 - (pads at both ends).
// With `output_shape` (the spatial extents), or auto_pad same_upper or same_lower (in * stride), the pads follow from
// the output's extent instead: never below 0, an odd one at the end for same_upper, else at the beginning. ceil_mode
// has no meaning here and must stay false.
struct DeconvAttrs : ir::AttrsOf<DeconvAttrs>, WindowFields {
    int64_t group = 1;
    std::vector<int64_t> outputPadding;
    std::vector<int64_t> outputShape;
    void fields(ir::AttrVisitor& f) {
        windowFields(f);
        f("group", group);
        f("output_padding", outputPadding);
        f("output_shape", outputShape);
    }
};

// One spatial axis: input position i and tap k meet output position i * stride - padBegin + k * dilation.
Result<std::vector<WindowAxis>> deconvAxes(const DeconvAttrs& attrs, std::span<const Dim> spatial,
                                           std::span<const int64_t> kernel);

extern const ir::Op* const op_deconv;

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
// Elementwise groups over images that lie in blocks of channels, or with the channels last.
#pragma once

#include "kernels/cpu/pointwise.h"
#include "tactics/common/pointwise_program.h"

namespace lathe::tactics::pointwise {

// How an operand of the program goes along with an image of the outputs' shape.
enum class Operand {
    kImage,    // the whole shape, in the image's layout
    kChannel,  // one element a channel (of each image, or of all), in the image's layout; constants row-major
    kScalar,   // one element
};

// The operands of the translation in an image layout, or why the group cannot work in it.
Result<std::vector<Operand>> operandsIn(Layout layout, const Binding& binding, const Translation& t);

// Whether lanes that are zero in every image and channel operand are zero in every output.
bool keepsZeros(const cpu::PointwiseProgram& program, const std::vector<Operand>& operands);

// The loop over an image of `dims` in the layout. Constants of kChannel are replaced in `pointers` by copies in
// `storage`, padded to whole blocks. REQUIRES: operandsIn() gave `operands`; pointers as for the program's inputs.
Result<cpu::PointwiseLoop> makeLoop(Layout layout, const Translation& t, const std::vector<Operand>& operands,
                                    const PrepareContext& c, const ir::Dims& dims, std::vector<const void*>& pointers,
                                    std::vector<std::vector<float>>& storage);

}  // namespace lathe::tactics::pointwise

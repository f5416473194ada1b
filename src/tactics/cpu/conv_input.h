// SPDX-License-Identifier: Apache-2.0
// What a convolution may take from the node before it: the gate of a squeeze-and-excite block, or a concatenation of
// channels, which then need no tensor of their own.
#pragma once

#include "tactics/cpu/image.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

struct ConvInputMatch {
    const ir::Node* node = nullptr;         // the covered node, or null: the input is read as it is
    std::vector<const ir::Value*> sources;  // along the channels
    const ir::Value* scale = nullptr;       // one number for each channel of each image
    std::vector<int64_t> channels;          // of the sources, where there are several
};

// The forms that an input may be read in; the plain one first.
std::vector<ConvInputMatch> matchConvInputs(const ir::Value& x);
// The form that covers the node (null: the plain one).
Result<ConvInputMatch> findConvInput(const ir::Value& x, const ir::Node* node);

}  // namespace lathe::tactics

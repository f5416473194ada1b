// SPDX-License-Identifier: Apache-2.0
// What pooling and reductions of whole planes share.
#pragma once

#include "tactics/cpu/image.h"

namespace lathe::tactics {

// One candidate for each layout, the output in the input's.
BindResult bindPooling(const Tactic& tactic, const ir::Node& anchor, const BindContext& c);
// `dims`: of the input, [N, C, spatial…]. The layout is the binding's.
Result<std::unique_ptr<Kernel>> makePooling(const Binding& binding, const ir::Dims& dims, const WindowNumbers& window,
                                            bool max, bool countPadding);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// What tactics over images share: layouts as the kernels name them, windows in numbers (common/window_numbers.h).
#pragma once

#include "kernels/cpu/layout.h"
#include "tactics/common/window_numbers.h"

namespace lathe::tactics {

// The blocked layout that the target's kernels use.
inline Layout blockedLayout(const Target& target) {
    return target.isa == Target::Isa::kAvx512 ? Layout::kBlocked16 : Layout::kBlocked8;
}
inline cpu::Layout toKernel(Layout layout) {
    return layout == Layout::kLinear         ? cpu::Layout::kNchw
           : layout == Layout::kChannelsLast ? cpu::Layout::kNhwc
                                             : cpu::Layout::kBlocked;
}

}  // namespace lathe::tactics

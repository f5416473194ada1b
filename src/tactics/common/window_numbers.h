// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

// A sliding window over up to three spatial axes, the last axis last; missing ones are 1 wide.
struct WindowNumbers {
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1},
            dilation[3] = {1, 1, 1};
    int64_t padBegin[3] = {}, padEnd[3] = {};
};
// `dims`: [N, C, spatial…]; `kernel`: of the spatial axes.
Result<WindowNumbers> windowNumbers(const ops::WindowFields& fields, const ir::Dims& dims,
                                    std::span<const int64_t> kernel);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Layouts of image tensors (batch, channels, spatial) in fp32, and conversion between them.
//
//   kNchw     [n][c][spatial]
//   kNhwc     [n][spatial][c]
//   kBlocked  [n][ceil(c / b)][spatial][b], b = channelBlock(): 8, or 16 with AVX-512. Lanes past the last channel are
//             zero: every kernel that writes this layout writes zeros there, and every kernel that reads it may count
//             on them.
#pragma once

#include <cstdint>

namespace lathe::cpu {

enum class Layout : int32_t { kNchw = 0, kNhwc = 1, kBlocked = 2 };

// Channels in a block of kBlocked under activeIsa().
int channelBlock();

// Floats that a tensor takes.
int64_t layoutFloats(Layout layout, int64_t n, int64_t c, int64_t spatial);

// from and to must differ.
void convertLayout(Layout from, Layout to, int64_t n, int64_t c, int64_t spatial, const float* src, float* dst,
                   int threads);

}  // namespace lathe::cpu

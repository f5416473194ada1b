// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lathe {

// Part of plans and timing cache keys.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace lathe

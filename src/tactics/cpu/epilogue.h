// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cpu/epilogue.h"
#include "tactics/common/epilogue_match.h"

namespace lathe::tactics {

// The kernel's form, its bias pointing to `bias` (expanded to one float a channel in `storage` where needed).
Result<cpu::Epilogue> makeEpilogue(const EpilogueMatch& match, int64_t channels, const PrepareContext& c,
                                   std::vector<float>& storage);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Normalizations by statistics of the data itself: over groups of an image's channels, or over rows.
#pragma once

#include "tactics/common/norm.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {

BindResult bindImageNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm);
Result<std::unique_ptr<Kernel>> makeImageNorm(const Binding& binding, const PrepareContext& c, const Norm& norm);

BindResult bindRowNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm);
Result<std::unique_ptr<Kernel>> makeRowNorm(const Binding& binding, const PrepareContext& c, const Norm& norm);

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Tactics that cover one node and read and write row-major: what most ops of few uses need.
#pragma once

#include <algorithm>

#include "kernels/cuda/move.h"
#include "kernels/cuda/small.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/kernel.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {

// One candidate; `reads`: the inputs whose elements the kernels read (others only tell shapes, which are known by
// then). Priced by the bytes of those inputs and of the outputs.
BindResult bindCudaAlone(const Tactic& tactic, const ir::Node& anchor, const BindContext& c,
                         std::initializer_list<int> reads);
// Why a value's type has no kernel, or empty: floats alone, or any type of whole bytes that kernels name.
std::string cudaFloatRefusal(const ir::Value& v);
std::string cudaTypeRefusal(const ir::Value& v);

// "u32" for 4 bytes; what elements that are only moved are copied as.
const char* cudaWord(int bytes);
std::string cudaDefine(const char* name, DType type);

// Node inputs as operands of their own numbers; absent ones stay null.
Status cudaInputs(CudaOperands& operands, const Binding& binding, const PrepareContext& c,
                  std::initializer_list<int> reads);

// Floats by lines along an axis, each scaled by its norm or marked at its largest element: fill.cu's scaleLines.
enum class LineScale : int { kAbsoluteSum = 0, kEuclidean = 1, kLargest = 2 };
BindResult bindScaledLines(const Tactic& tactic, const ir::Node& anchor, const BindContext& c);
Result<std::unique_ptr<Kernel>> prepareScaledLines(const Binding& binding, const PrepareContext& c, int64_t axis,
                                                   LineScale scale);

}  // namespace lathe::tactics

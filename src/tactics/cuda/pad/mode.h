// SPDX-License-Identifier: Apache-2.0
// A pad node's mode as the CUDA kernels number it.
#pragma once

#include "kernels/cuda/move.h"
#include "tactics/common/pads.h"

namespace lathe::tactics {

inline cuda::PadMode cudaPadMode(const ir::Node& n) {
    switch (n.attrs<ops::PadAttrs>().mode) {
        case ops::PadMode::kConstant: return cuda::PadMode::kConstant;
        case ops::PadMode::kReflect: return cuda::PadMode::kReflect;
        case ops::PadMode::kEdge: return cuda::PadMode::kEdge;
        case ops::PadMode::kWrap: return cuda::PadMode::kWrap;
    }
    return cuda::PadMode::kConstant;
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/transpose.h"

#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(TransposeTable, transposeTable)

namespace lathe::cpu {

TransposeFn transposeKernel(int elementBytes) {
    const TransposeTable& table = transposeTable();
    switch (elementBytes) {
        case 1: return table.bytes1;
        case 2: return table.bytes2;
        case 4: return table.bytes4;
        case 8: return table.bytes8;
    }
    return nullptr;
}

}  // namespace lathe::cpu

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/vector_math.h"

#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(VectorMathTable, vectorMathTable)

namespace lathe::cpu {

const VectorMathTable& vectorMath() { return vectorMathTable(); }

}  // namespace lathe::cpu

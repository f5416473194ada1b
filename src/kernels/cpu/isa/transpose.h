// SPDX-License-Identifier: Apache-2.0
// Transposing copies. Included by isa/*.cc only.
#pragma once

#include "kernels/cpu/isa/simd.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// to[j * ldTo + i] = from[i * ld + j] for i < rows, j < columns; writes nothing else.
[[maybe_unused]] void transposeInto(const float* from, int64_t ld, int64_t rows, int64_t columns, float* to,
                                    int64_t ldTo) {
    for (int64_t i = 0; i < rows; i += kLanes) {
        int height = rows - i < kLanes ? static_cast<int>(rows - i) : kLanes;
        for (int64_t j = 0; j < columns; j += kLanes) {
            int width = columns - j < kLanes ? static_cast<int>(columns - j) : kLanes;
            const float* p = from + i * ld + j;
            float* q = to + j * ldTo + i;
            F r[kLanes];
            if (height == kLanes && width == kLanes) {
                LATHE_UNROLL
                for (int a = 0; a < kLanes; ++a) r[a] = load(p + a * ld);
                transpose(r);
                LATHE_UNROLL
                for (int a = 0; a < kLanes; ++a) store(q + a * ldTo, r[a]);
            } else {
                LATHE_UNROLL
                for (int a = 0; a < kLanes; ++a) r[a] = a < height ? loadN(p + a * ld, width) : zero();
                transpose(r);
                LATHE_UNROLL
                for (int a = 0; a < kLanes; ++a) {
                    if (a < width) storeN(q + a * ldTo, r[a], height);
                }
            }
        }
    }
}

}  // namespace
}  // namespace lathe::cpu::LATHE_ISA

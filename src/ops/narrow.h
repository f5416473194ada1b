// SPDX-License-Identifier: Apache-2.0
// Elements of every type one by one, the types of less than a byte and the bare exponents included.
#pragma once

#include "base/dtype.h"

namespace lathe::ops {

// Element i as a number. REQUIRES: isFloating(t).
double loadFloating(DType t, const void* data, int64_t i);
// REQUIRES: an integer type or bool.
int64_t loadInteger(DType t, const void* data, int64_t i);
// Both kinds; int64 rounds to double.
double loadNumber(DType t, const void* data, int64_t i);

// i4: v is taken modulo 16.
void storeInt4(void* data, int64_t i, int64_t v);
// f4e2m1: to nearest, halves to the even code; beyond ±6, and NaN, becomes the largest magnitude.
void storeFp4(void* data, int64_t i, double v);
// f8e4m3 by the rule that values beyond the largest finite one become NaN (Fp8's constructor saturates instead).
Fp8 fp8WithoutSaturation(float v);

}  // namespace lathe::ops

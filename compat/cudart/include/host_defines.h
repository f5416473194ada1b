// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the CUDA headers mark functions with, for a host compiler: nothing.
#define CUDARTAPI
#define CUDART_CB
#define __host__
#define __device__
#define __global__
#define __shared__
#define __constant__
#define __managed__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __device_builtin__
#define __builtin_align__(n) __align__(n)

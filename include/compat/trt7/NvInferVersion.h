// SPDX-License-Identifier: Apache-2.0
#pragma once

// Version 7.2 of the TensorRT API, by source.
#define LATHE_TRT 7

#undef NV_TENSORRT_MAJOR
#undef NV_TENSORRT_MINOR
#undef NV_TENSORRT_PATCH
#undef NV_TENSORRT_BUILD
#define NV_TENSORRT_MAJOR 7
#define NV_TENSORRT_MINOR 2
#define NV_TENSORRT_PATCH 3
#define NV_TENSORRT_BUILD 0

#define NV_TENSORRT_SONAME_MAJOR 7
#define NV_TENSORRT_SONAME_MINOR 2
#define NV_TENSORRT_SONAME_PATCH 3

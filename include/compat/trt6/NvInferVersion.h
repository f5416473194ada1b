// SPDX-License-Identifier: Apache-2.0
#pragma once

// Version 6.0 of the TensorRT API, by source.
#define LATHE_TRT 6

#undef NV_TENSORRT_MAJOR
#undef NV_TENSORRT_MINOR
#undef NV_TENSORRT_PATCH
#undef NV_TENSORRT_BUILD
#define NV_TENSORRT_MAJOR 6
#define NV_TENSORRT_MINOR 0
#define NV_TENSORRT_PATCH 1
#define NV_TENSORRT_BUILD 0

#define NV_TENSORRT_SONAME_MAJOR 6
#define NV_TENSORRT_SONAME_MINOR 0
#define NV_TENSORRT_SONAME_PATCH 1

// SPDX-License-Identifier: Apache-2.0
#pragma once

// What all headers of the older versions rest on. They are one set of declarations for the versions 6.0, 7.2 and 8.6;
// the folder that a program includes them from (compat/trt6, trt7 or trt8) chooses by LATHE_TRT. All names live in an
// inline namespace of their version, and entry points have names of their own, so that a program can be linked with
// libraries that use other versions, or the current one.
//
// Deprecated names are not marked as such: who compiles against these headers knows.
#ifndef LATHE_TRT
#error "include NvInfer.h and the like from compat/trt6, compat/trt7 or compat/trt8"
#endif

#include <cstddef>
#include <cstdint>

#if __has_include(<cuda_runtime_api.h>)
#include <cuda_runtime_api.h>
#else
typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
#endif

struct cublasContext;
struct cudnnContext;

#define LATHE_TRT_TEXT_(x) #x
#define LATHE_TRT_TEXT(x) LATHE_TRT_TEXT_(x)
#define LATHE_TRT_JOIN_(a, b) a##b
#define LATHE_TRT_JOIN(a, b) LATHE_TRT_JOIN_(a, b)
#define LATHE_TRT_NAMESPACE LATHE_TRT_JOIN(trt, LATHE_TRT)
//! The symbol of a C entry point: lathe_trt6_getLogger, say.
#define LATHE_TRT_ENTRY(name) __asm__("lathe_trt" LATHE_TRT_TEXT(LATHE_TRT) "_" #name)

#undef TRT_DEPRECATED
#undef TRT_DEPRECATED_ENUM
#undef TRT_DEPRECATED_API
#undef TENSORRTAPI
#define TRT_DEPRECATED
#define TRT_DEPRECATED_ENUM
#define TRT_DEPRECATED_API
#define TENSORRTAPI __attribute__((visibility("default")))
#ifndef _TENSORRT_FINAL
#define _TENSORRT_FINAL final
#define _TENSORRT_OVERRIDE override
#endif

// Up to version 7, what an application overrides is not noexcept.
#undef TRTNOEXCEPT
#if LATHE_TRT >= 8
#define TRTNOEXCEPT noexcept
#else
#define TRTNOEXCEPT
#endif

static constexpr int32_t LATHE_TRT_JOIN(kLatheTrtVersion, LATHE_TRT) =
    NV_TENSORRT_MAJOR * 1000 + NV_TENSORRT_MINOR * 100 + NV_TENSORRT_PATCH;
#undef NV_TENSORRT_VERSION
#define NV_TENSORRT_VERSION LATHE_TRT_JOIN(kLatheTrtVersion, LATHE_TRT)

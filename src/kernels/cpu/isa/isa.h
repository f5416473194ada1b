// SPDX-License-Identifier: Apache-2.0
// How a kernel is written once and compiled per instruction set.
//
// A kernel family `foo` has
//   foo.h           the public functions, and `struct FooTable { ... };` holding one function pointer per kernel;
//   isa/foo.cc      the kernels, written with simd.h; compiled once per instruction set. It ends with
//                       namespace lathe::cpu::LATHE_ISA {
//                       extern const FooTable fooTable;
//                       constinit const FooTable fooTable = {&kernelA, &kernelB};
//                       }
//   foo.cc          compiled once, for the baseline: LATHE_ISA_TABLE(FooTable, fooTable) declares the tables of all
//                   instruction sets and defines `const FooTable& fooTable()`, the one of activeIsa(); the public
//                   functions call through it.
// vector_math.h is the smallest example.
//
// Rule for isa/*.cc: no std:: function templates or other inline functions with external linkage (the linker keeps one
// copy of those for all instruction sets, and it might be the one that this processor cannot run). Plain loops,
// simd.h, builtins, and code in an anonymous namespace or in namespace LATHE_ISA are fine; so are constexpr values and
// structs without member functions from other headers.
#pragma once

#include "base/cpu_info.h"

#if defined(__x86_64__)
#define LATHE_ISA_TABLE(Type, name)                                               \
    namespace lathe::cpu {                                                        \
    namespace base {                                                              \
    extern const Type name;                                                       \
    }                                                                             \
    namespace avx2 {                                                              \
    extern const Type name;                                                       \
    }                                                                             \
    namespace avx512 {                                                            \
    extern const Type name;                                                       \
    }                                                                             \
    namespace {                                                                   \
    [[maybe_unused]] inline const Type& name##For(Isa isa) {                      \
        switch (isa) {                                                            \
            case Isa::kAvx512: return avx512::name;                               \
            case Isa::kAvx2: return avx2::name;                                   \
            default: return base::name;                                           \
        }                                                                         \
    }                                                                             \
    [[maybe_unused]] inline const Type& name() { return name##For(activeIsa()); } \
    }                                                                             \
    }
#else
#define LATHE_ISA_TABLE(Type, name)                                           \
    namespace lathe::cpu {                                                    \
    namespace base {                                                          \
    extern const Type name;                                                   \
    }                                                                         \
    namespace {                                                               \
    [[maybe_unused]] inline const Type& name##For(Isa) { return base::name; } \
    [[maybe_unused]] inline const Type& name() { return base::name; }         \
    }                                                                         \
    }
#endif

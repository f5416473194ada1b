// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the generated slot tests need: every public header, and where a virtual function sits in its vtable.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "impl/NvInferPythonPlugin.h"

// The vtable slot that a pointer to a virtual member function calls, or -1 when the function is not virtual. Itanium
// C++ ABI: the pointer is the pair {ptr, adj}. x86-64 marks a virtual function by ptr = 1 + 8 * slot; AArch64 keeps bit
// 0 of adj for the mark and ptr = 8 * slot.
template <typename Member>
int64_t slotOf(Member member) {
    struct {
        int64_t ptr;
        int64_t adj;
    } pair;
    static_assert(sizeof(member) == sizeof(pair), "not the Itanium C++ ABI");
    std::memcpy(&pair, &member, sizeof(pair));
#if defined(__aarch64__)
    return (pair.adj & 1) != 0 ? pair.ptr / 8 : -1;
#else
    return (pair.ptr & 1) != 0 ? (pair.ptr - 1) / 8 : -1;
#endif
}

// `Member` spelled by the caller picks the overload and fixes the signature, constness and noexcept at compile time.
template <typename Member>
void expectSlot(Member member, int64_t slot, char const* name) {
    EXPECT_EQ(slotOf(member), slot) << name;
}

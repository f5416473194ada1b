// SPDX-License-Identifier: Apache-2.0
// What the processor can do, how large its caches are, and which instruction set the CPU kernels use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lathe {

// Kernels are compiled once for each of these (src/kernels/cpu/isa/isa.h). Ordered: a later one includes the earlier.
enum class Isa : int32_t {
    kBase = 0,    // what the compiler assumes by default (SSE2 on x86-64)
    kAvx2 = 1,    // AVX2 + FMA + F16C
    kAvx512 = 2,  // AVX-512 F, BW, DQ, VL
};
inline constexpr int kIsaCount = 3;

std::string_view toString(Isa isa);

struct CpuInfo {
    std::string model;          // the processor's own name, or "unknown"
    Isa detected = Isa::kBase;  // best that this processor and operating system run
    Isa chosen = Isa::kBase;    // detected, lowered where LATHE_TARGET says so

    // Extensions beyond `chosen`; false where LATHE_TARGET lowers below the instruction set that they belong to.
    bool avxVnni = false;
    bool avx512Vnni = false;
    bool avx512Bf16 = false;
    bool avx512Fp16 = false;
    bool amxInt8 = false;
    bool amxBf16 = false;

    int64_t l1Bytes = 32 << 10;  // data cache of one core
    int64_t l2Bytes = 512 << 10;
    int64_t l3Bytes = 8 << 20;  // the whole shared cache that one core sees
    int physicalCores = 1;      // physical cores that the process may use: affinity mask and cgroup quota (see cpuSet)
};

// Read once per process. LATHE_TARGET=cpu:base, cpu:avx2, cpu:avx512 or cpu:avx512_bf16 lowers `chosen`; it never
// raises it, and any other value leaves it alone.
const CpuInfo& cpuInfo();

// The instruction set that kernels use now: cpuInfo().chosen, unless a test overrode it.
Isa activeIsa();

// For tests: run the kernels of a lower instruction set. Blobs packed under one Isa must not be used under another.
// REQUIRES: isa <= cpuInfo().detected; no kernel running.
class ScopedIsa {
  public:
    explicit ScopedIsa(Isa isa);
    ~ScopedIsa();
    ScopedIsa(const ScopedIsa&) = delete;
    ScopedIsa& operator=(const ScopedIsa&) = delete;

  private:
    Isa saved_;
};

// One logical processor per physical core that this process may use, in ascending order, cut to the cgroup's CPU quota
// (rounded up). Never empty. Entries are -1 where the platform cannot tell.
struct CpuSet {
    static constexpr int kMax = 1024;
    int count = 0;
    int cpus[kMax];
    int16_t coreOf[kMax];  // logical processor -> index into cpus of its core, -1 for one that is not in the set
};
CpuSet usableCores();

}  // namespace lathe

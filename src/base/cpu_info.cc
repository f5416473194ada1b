// SPDX-License-Identifier: Apache-2.0
#include "base/cpu_info.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#ifdef __linux__
#include <sched.h>
#include <unistd.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/status.h"

namespace lathe {
namespace {

#if defined(__x86_64__)
struct Leaf {
    uint32_t a = 0, b = 0, c = 0, d = 0;
};

Leaf cpuid(uint32_t leaf, uint32_t sub = 0) {
    Leaf r;
    if (leaf > __get_cpuid_max(leaf & 0x80000000u, nullptr)) return r;
    __cpuid_count(leaf, sub, r.a, r.b, r.c, r.d);
    return r;
}

// Register state that the operating system saves; 0 where it saves none of the extended states.
uint64_t enabledStates() {
    if (!(cpuid(1).c >> 27 & 1)) return 0;
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (static_cast<uint64_t>(hi) << 32) | lo;
}

void detectFeatures(CpuInfo& info) {
    auto bit = [](uint32_t word, int n) { return (word >> n & 1) != 0; };
    Leaf l1 = cpuid(1), l7 = cpuid(7), l71 = l7.a >= 1 ? cpuid(7, 1) : Leaf();
    uint64_t states = enabledStates();
    bool ymm = (states & 0x6) == 0x6, zmm = (states & 0xe6) == 0xe6, tiles = (states & 0x60000) == 0x60000;
    bool avx2 = ymm && bit(l1.c, 12) && bit(l1.c, 29) && bit(l7.b, 5) && bit(l7.b, 8);
    bool avx512 = avx2 && zmm && bit(l7.b, 16) && bit(l7.b, 17) && bit(l7.b, 30) && bit(l7.b, 31);
    info.detected = avx512 ? Isa::kAvx512 : avx2 ? Isa::kAvx2 : Isa::kBase;
    info.avxVnni = avx2 && bit(l71.a, 4);
    info.avx512Vnni = avx512 && bit(l7.c, 11);
    info.avx512Bf16 = avx512 && bit(l71.a, 5);
    info.avx512Fp16 = avx512 && bit(l7.d, 23);
    info.amxInt8 = tiles && bit(l7.d, 24) && bit(l7.d, 25);
    info.amxBf16 = tiles && bit(l7.d, 24) && bit(l7.d, 22);

    char name[49] = {};
    for (uint32_t i = 0; i < 3; ++i) {
        Leaf l = cpuid(0x80000002u + i);
        uint32_t words[4] = {l.a, l.b, l.c, l.d};
        std::memcpy(name + 16 * i, words, 16);
    }
    std::string_view text(name);
    size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
    if (first != std::string_view::npos) info.model = text.substr(first, last - first + 1);
}

// Deterministic cache parameters: leaf 4 (Intel) or 0x8000001d (AMD) share one form.
void detectCaches(CpuInfo& info) {
    for (uint32_t leaf : {4u, 0x8000001du}) {
        bool any = false;
        for (uint32_t i = 0; i < 16; ++i) {
            Leaf l = cpuid(leaf, i);
            uint32_t type = l.a & 31;
            if (type == 0) break;
            if (type == 2) continue;  // instructions only
            int64_t bytes = static_cast<int64_t>((l.b >> 22) + 1) * ((l.b >> 12 & 0x3ff) + 1) * ((l.b & 0xfff) + 1) *
                            (static_cast<int64_t>(l.c) + 1);
            if (bytes <= 0) continue;
            any = true;
            switch (l.a >> 5 & 7) {
                case 1: info.l1Bytes = bytes; break;
                case 2: info.l2Bytes = bytes; break;
                case 3: info.l3Bytes = bytes; break;
            }
        }
        if (any) return;
    }
}
#else
void detectFeatures(CpuInfo&) {}
void detectCaches(CpuInfo&) {}
#endif

void lowerToTarget(CpuInfo& info) {
    info.chosen = info.detected;
    const char* text = std::getenv("LATHE_TARGET");
    if (!text) return;
    std::string_view target(text);
    if (!target.starts_with("cpu:")) return;
    target.remove_prefix(4);
    auto cap = [&](Isa isa) { info.chosen = std::min(info.chosen, isa); };
    if (target == "base") cap(Isa::kBase);
    if (target == "avx2") cap(Isa::kAvx2);
    if (info.chosen < Isa::kAvx2) info.avxVnni = false;
    if (info.chosen < Isa::kAvx512) info.avx512Vnni = info.avx512Bf16 = info.avx512Fp16 = false;
    if (target == "avx512") info.avx512Bf16 = info.avx512Fp16 = false;
    if (target != "amx") info.amxInt8 = info.amxBf16 = false;
}

std::string firstLine(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

// CPUs' worth of time that one cgroup directory allows, or 0 for no limit.
double quotaOf(const std::string& dir) {
    std::istringstream v2(firstLine(dir + "/cpu.max"));
    std::string quota;
    double period = 0;
    if (v2 >> quota >> period && quota != "max" && period > 0) return std::atof(quota.c_str()) / period;
    double q = std::atof(firstLine(dir + "/cpu.cfs_quota_us").c_str());
    double p = std::atof(firstLine(dir + "/cpu.cfs_period_us").c_str());
    return q > 0 && p > 0 ? q / p : 0;
}

// The tightest quota on the way from the process's cgroup to the root, in both hierarchies.
double cgroupQuota() {
    double best = 0;
    auto consider = [&](const std::string& dir) {
        double q = quotaOf(dir);
        if (q > 0 && (best == 0 || q < best)) best = q;
    };
    std::ifstream in("/proc/self/cgroup");
    std::string line;
    while (std::getline(in, line)) {
        size_t a = line.find(':'), b = line.find(':', a + 1);
        if (a == std::string::npos || b == std::string::npos) continue;
        std::string names = line.substr(a + 1, b - a - 1), path = line.substr(b + 1);
        std::string root;
        if (names.empty()) root = "/sys/fs/cgroup";
        for (size_t at = 0; at < names.size();) {
            size_t end = std::min(names.find(',', at), names.size());
            if (names.substr(at, end - at) == "cpu") root = "/sys/fs/cgroup/cpu";
            at = end + 1;
        }
        if (root.empty()) continue;
        while (!path.empty()) {
            consider(root + (path == "/" ? "" : path));
            size_t slash = path.rfind('/');
            if (slash == std::string::npos || path == "/") break;
            path = slash == 0 ? "/" : path.substr(0, slash);
        }
        consider(root);
    }
    return best;
}

CpuInfo detect() {
    CpuInfo info;
    info.model = "unknown";
    detectFeatures(info);
    detectCaches(info);
    lowerToTarget(info);
    info.physicalCores = usableCores().count;
    return info;
}

std::atomic<int32_t>& activeStorage() {
    static std::atomic<int32_t> active{static_cast<int32_t>(cpuInfo().chosen)};
    return active;
}

}  // namespace

std::string_view toString(Isa isa) {
    switch (isa) {
        case Isa::kBase: return "base";
        case Isa::kAvx2: return "avx2";
        case Isa::kAvx512: return "avx512";
    }
    return "unknown";
}

const CpuInfo& cpuInfo() {
    static const CpuInfo* info = new CpuInfo(detect());
    return *info;
}

Isa activeIsa() { return static_cast<Isa>(activeStorage().load(std::memory_order_relaxed)); }

ScopedIsa::ScopedIsa(Isa isa) : saved_(activeIsa()) {
    ASSERT(isa <= cpuInfo().detected);
    activeStorage().store(static_cast<int32_t>(isa));
}
ScopedIsa::~ScopedIsa() { activeStorage().store(static_cast<int32_t>(saved_)); }

CpuSet usableCores() {
    CpuSet set;
    std::fill_n(set.coreOf, CpuSet::kMax, static_cast<int16_t>(-1));
#ifdef __linux__
    cpu_set_t mask;
    CPU_ZERO(&mask);
    if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {
        std::map<std::string, int16_t> seen;  // cores by the list of their hardware threads
        for (int cpu = 0; cpu < CPU_SETSIZE && cpu < CpuSet::kMax; ++cpu) {
            if (!CPU_ISSET(cpu, &mask)) continue;
            std::string siblings =
                firstLine(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
            if (siblings.empty()) siblings = std::to_string(cpu);
            auto [at, isNew] = seen.emplace(siblings, static_cast<int16_t>(set.count));
            if (isNew) set.cpus[set.count++] = cpu;
            set.coreOf[cpu] = at->second;
        }
        double quota = cgroupQuota();
        if (quota > 0) set.count = std::clamp(static_cast<int>(quota + 0.999), 1, std::max(set.count, 1));
        for (int16_t& core : set.coreOf) core = core < set.count ? core : static_cast<int16_t>(-1);
    }
#endif
    if (set.count == 0) {
        set.count = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, CpuSet::kMax);
        std::fill_n(set.cpus, set.count, -1);
    }
    return set;
}

}  // namespace lathe

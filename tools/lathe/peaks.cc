// SPDX-License-Identifier: Apache-2.0
// How fast the processor can be: independent multiply-adds in registers, and sums over more memory than the caches
// hold.
#include <algorithm>
#include <atomic>
#include <thread>

#include "lathe/common.h"

namespace lathe::tool {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kChains = 12;  // enough to hide the latency of a multiply-add on two units
constexpr int64_t kRounds = 400000;

// Answers the number of floating-point operations; `sink` keeps the compiler from dropping them.
#if defined(__x86_64__)
typedef float Vector4 __attribute__((vector_size(16)));
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));

template <class Vector>
__attribute__((always_inline)) inline double multiplyAdds(volatile float* sink) {
    constexpr int kWidth = sizeof(Vector) / sizeof(float);
    Vector a[kChains], b = {}, c = {};
    b += 0.999f;
    c += 0.001f;
    for (int i = 0; i < kChains; ++i) a[i] = c * static_cast<float>(i);
    for (int64_t r = 0; r < kRounds; ++r)
        for (int i = 0; i < kChains; ++i) a[i] = a[i] * b + c;
    Vector sum = {};
    for (int i = 0; i < kChains; ++i) sum += a[i];
    *sink = sum[0];
    return 2.0 * kWidth * kChains * static_cast<double>(kRounds);
}
__attribute__((target("avx512f,fma"))) double widest(volatile float* sink) { return multiplyAdds<Vector16>(sink); }
__attribute__((target("avx2,fma"))) double wide(volatile float* sink) { return multiplyAdds<Vector8>(sink); }
double plain(volatile float* sink) { return multiplyAdds<Vector4>(sink); }

double work(volatile float* sink) {
    if (__builtin_cpu_supports("avx512f")) return widest(sink);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return wide(sink);
    return plain(sink);
}
#else
double work(volatile float* sink) {
    float a[kChains] = {};
    for (int64_t r = 0; r < kRounds; ++r)
        for (int i = 0; i < kChains; ++i) a[i] = a[i] * 0.999f + 0.001f;
    *sink = a[0];
    return 2.0 * kChains * static_cast<double>(kRounds);
}
#endif

// Runs `f(thread)` on all threads at once; answers seconds.
template <class F>
double together(int threads, F&& f) {
    std::atomic<int> ready{0};
    std::vector<std::thread> list;
    auto body = [&](int t) {
        ++ready;
        while (ready < threads) {
        }
        f(t);
    };
    auto start = Clock::now();
    for (int t = 1; t < threads; ++t) list.emplace_back(body, t);
    body(0);
    for (std::thread& t : list) t.join();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Peaks measurePeaks(int threads) {
    Peaks p;
    std::vector<float> sinks(static_cast<size_t>(threads) * 16);
    for (int round = 0; round < 5; ++round) {
        double operations = 0;
        double s = together(threads, [&](int t) {
            double n = work(&sinks[static_cast<size_t>(t) * 16]);
            if (t == 0) operations = n * threads;
        });
        p.gflops = std::max(p.gflops, operations / s * 1e-9);
    }
    constexpr size_t kEach = size_t{16} << 20;  // doubles: 128 MiB a thread
    std::vector<std::vector<uint64_t>> memory(static_cast<size_t>(threads));
    together(threads, [&](int t) { memory[static_cast<size_t>(t)].assign(kEach, 1); });
    std::atomic<uint64_t> total{0};
    for (int round = 0; round < 3; ++round) {
        double s = together(threads, [&](int t) {
            uint64_t sum[8] = {};
            const std::vector<uint64_t>& m = memory[static_cast<size_t>(t)];
            for (size_t i = 0; i < kEach; i += 8)
                for (size_t k = 0; k < 8; ++k) sum[k] += m[i + k];
            total += sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
        });
        p.gbytes = std::max(p.gbytes, static_cast<double>(kEach) * 8 * threads / s * 1e-9);
    }
    return p;
}

}  // namespace lathe::tool

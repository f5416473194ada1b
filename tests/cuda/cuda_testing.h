// SPDX-License-Identifier: Apache-2.0
// A GPU to test kernels on, and tensors that go there and back.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "device/cuda/memory.h"
#include "device/cuda/stream.h"
#include "tactics/cuda/launcher.h"

namespace lathe::cuda {

// The first GPU, opened once; null where there is none, with the reason.
struct Rig {
    Gpu* gpu = nullptr;
    std::string reason;
    CubinCache cache{CubinCache::defaultFolder()};
    KernelTarget target;
    static Rig& get();
};

// Skips the test where there is no GPU.
#define NEEDS_GPU() \
    if (!::lathe::cuda::Rig::get().gpu) GTEST_SKIP() << ::lathe::cuda::Rig::get().reason

// Numbers in host memory, read and written as doubles.
struct Tensor {
    DType type = DType::kFloat;
    int64_t count = 0;
    std::vector<std::byte> bytes;

    Tensor() = default;
    Tensor(DType type, int64_t count) : type(type), count(count), bytes(static_cast<size_t>(bytesOf(type, count))) {}
    double get(int64_t i) const;
    void set(int64_t i, double value);
    // Uniform in [low, high), or whole numbers of it for integers.
    static Tensor random(DType type, int64_t count, uint32_t seed, double low = -1, double high = 1);
    // 0xcd in every byte: what an output holds before a kernel writes it.
    static Tensor poisoned(DType type, int64_t count);
};

// Uploads the operands, runs the plan, and brings the outputs (kOutput and up) back. Fails the test on an error, and
// when the kernel wrote past an output's or the workspace's end.
void runPlan(Result<KernelPlan> plan, const std::map<int, Tensor*>& operands);

// Runs the checks twice: first to compile every plan that they run, on all threads, then to run them. (One after the
// other, compiling would take most of the time.)
void withPlansCompiled(const std::function<void()>& checks);
// In the first of those two runs, where runPlan only notes the plan.
bool onlyCompiling();

// 2^-24, 2^-11, 2^-8 for f32, f16, bf16; 0 for integers.
double epsilonOf(DType t);
// |got - want| <= tolerance for each, NaN with NaN; the first few differences are told.
void expectNear(const Tensor& got, const std::vector<double>& want, const std::vector<double>& tolerance,
                const std::string& what);
void expectNear(const Tensor& got, const std::vector<double>& want, double relative, double absolute,
                const std::string& what);

// Seconds of `work`, the median of several runs of a captured graph that repeats it.
double timeOf(const LoadedPlan& plan, int repeats, int rounds = 7);

}  // namespace lathe::cuda

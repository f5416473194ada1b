// SPDX-License-Identifier: Apache-2.0
#include "cuda/cuda_testing.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "kernels/cuda/move.h"

namespace lathe::cuda {

Rig& Rig::get() {
    static Rig* rig = [] {
        auto* r = new Rig;
        Result<Gpu*> gpu = Gpu::get(0);
        if (gpu.ok()) {
            Result<const Nvrtc*> nvrtc = Nvrtc::get();
            if (nvrtc.ok()) {
                r->gpu = *gpu;
                r->target = kernelTarget(**gpu);
            } else {
                r->reason = nvrtc.status().message();
            }
        } else {
            r->reason = gpu.status().message();
        }
        return r;
    }();
    return *rig;
}

double Tensor::get(int64_t i) const {
    double value = 0;
    Status s = dispatchAll(type, [&]<class T>() -> Status {
        T v;
        std::memcpy(&v, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof v);
        if constexpr (std::is_integral_v<T>)
            value = static_cast<double>(v);
        else
            value = static_cast<float>(v);
        return {};
    });
    EXPECT_TRUE(s.ok());
    return value;
}

void Tensor::set(int64_t i, double value) {
    Status s = dispatchAll(type, [&]<class T>() -> Status {
        T v;
        if constexpr (std::is_same_v<T, bool>)
            v = value != 0;
        else if constexpr (std::is_integral_v<T>)
            v = static_cast<T>(static_cast<int64_t>(value));
        else
            v = T(static_cast<float>(value));
        std::memcpy(bytes.data() + static_cast<size_t>(i) * sizeof(T), &v, sizeof v);
        return {};
    });
    EXPECT_TRUE(s.ok());
}

Tensor Tensor::random(DType type, int64_t count, uint32_t seed, double low, double high) {
    Tensor t(type, count);
    std::mt19937 gen(seed);
    std::uniform_real_distribution<double> dist(low, high);
    for (int64_t i = 0; i < count; ++i) {
        double v = dist(gen);
        t.set(i, type == DType::kBool ? v > 0.5 * (low + high) : isFloating(type) ? v : std::floor(v));
    }
    return t;
}

Tensor Tensor::poisoned(DType type, int64_t count) {
    Tensor t(type, count);
    std::memset(t.bytes.data(), 0xcd, t.bytes.size());
    return t;
}

namespace {
std::vector<KernelPlan>* noted = nullptr;
}

bool onlyCompiling() { return noted != nullptr; }

void withPlansCompiled(const std::function<void()>& checks) {
    std::vector<KernelPlan> plans;
    noted = &plans;
    checks();
    noted = nullptr;
    compileAhead(plans, Rig::get().gpu->info().sm);
    checks();
}

void runPlan(Result<KernelPlan> plan, const std::map<int, Tensor*>& operands) {
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    if (noted) {
        noted->push_back(plan.take());
        return;
    }
    Rig& rig = Rig::get();
    Gpu& gpu = *rig.gpu;
    int64_t workspace = plan->workspaceBytes;
    Result<std::unique_ptr<LoadedPlan>> loaded = LoadedPlan::load(gpu, plan.take(), rig.cache);
    ASSERT_TRUE(loaded.ok()) << loaded.status().toString();
    Result<Stream> stream = Stream::create(gpu);
    ASSERT_TRUE(stream.ok());
    constexpr int64_t kGuard = 256;
    std::vector<DeviceBuffer> buffers;
    Operands addresses;
    std::vector<std::pair<void*, int64_t>> guards;  // address of a guard
    auto make = [&](int operand, int64_t bytes, const void* contents) {
        Result<DeviceBuffer> b = DeviceBuffer::create(gpu, bytes + kGuard);
        ASSERT_TRUE(b.ok()) << b.status().toString();
        ASSERT_TRUE(gpu.fill(b->data(), 0xab, bytes + kGuard, stream->handle()).ok());
        if (contents) {
            ASSERT_TRUE(gpu.copy(b->data(), contents, bytes, stream->handle()).ok());
        }
        addresses.set(operand, b->data());
        guards.push_back({static_cast<char*>(b->data()) + bytes, operand});
        buffers.push_back(b.take());
    };
    for (auto& [operand, tensor] : operands)
        make(operand, static_cast<int64_t>(tensor->bytes.size()), tensor->bytes.data());
    if (workspace > 0) make(kWorkspace, workspace, nullptr);
    Status bound = (*loaded)->bind(addresses);
    ASSERT_TRUE(bound.ok()) << bound.toString();
    {
        Gpu::Current current(gpu);
        Status ran = (*loaded)->run(stream->handle());
        ASSERT_TRUE(ran.ok()) << ran.toString();
    }
    Status done = stream->synchronize();
    ASSERT_TRUE(done.ok()) << done.toString();
    for (auto& [operand, tensor] : operands)
        if (operand >= kOutput || operand == kFault) {
            ASSERT_TRUE(gpu.copy(tensor->bytes.data(), addresses.address[operand],
                                 static_cast<int64_t>(tensor->bytes.size()), stream->handle())
                            .ok());
        }
    for (auto& [address, operand] : guards) {
        unsigned char guard[kGuard];
        ASSERT_TRUE(gpu.copy(guard, address, kGuard, stream->handle()).ok());
        ASSERT_TRUE(stream->synchronize().ok());
        for (unsigned char g : guard) ASSERT_EQ(g, 0xab) << "written past the end of operand " << operand;
    }
    ASSERT_TRUE(stream->synchronize().ok());
}

double epsilonOf(DType t) {
    switch (t) {
        case DType::kFloat: return 0x1p-24;
        case DType::kHalf: return 0x1p-11;
        case DType::kBf16: return 0x1p-8;
        default: return 0;
    }
}

void expectNear(const Tensor& got, const std::vector<double>& want, const std::vector<double>& tolerance,
                const std::string& what) {
    if (noted) return;
    ASSERT_EQ(static_cast<size_t>(got.count), want.size());
    int64_t bad = 0;
    std::string text;
    for (int64_t i = 0; i < got.count; ++i) {
        double g = got.get(i), w = want[static_cast<size_t>(i)];
        bool fine = std::isnan(w) ? std::isnan(g) : g == w || std::abs(g - w) <= tolerance[static_cast<size_t>(i)];
        if (fine) continue;
        if (++bad <= 4)
            text += fmt::format("  [{}] {} instead of {} (tolerance {})\n", i, g, w, tolerance[static_cast<size_t>(i)]);
    }
    EXPECT_EQ(bad, 0) << what << ": of " << got.count << "\n" << text;
}

void expectNear(const Tensor& got, const std::vector<double>& want, double relative, double absolute,
                const std::string& what) {
    std::vector<double> tolerance;
    for (double w : want) tolerance.push_back(relative * std::abs(w) + absolute);
    expectNear(got, want, tolerance, what);
}

double timeOf(const LoadedPlan& plan, int repeats, int rounds) {
    Gpu& gpu = *Rig::get().gpu;
    Result<Stream> stream = Stream::create(gpu);
    if (!stream.ok()) return -1;
    Gpu::Current current(gpu);
    Result<Graph> graph = stream->capture([&](const Stream& s) -> Status {
        for (int i = 0; i < repeats; ++i) TRY(plan.run(s.handle()));
        return {};
    });
    Result<std::unique_ptr<GpuTimer>> timer = GpuTimer::create(gpu);
    if (!graph.ok() || !timer.ok() || !graph->launch(stream->handle()).ok()) return -1;
    std::vector<double> times;
    for (int r = 0; r < rounds; ++r) {
        if (!(*timer)->start(stream->handle()).ok() || !graph->launch(stream->handle()).ok() ||
            !(*timer)->stop(stream->handle()).ok())
            return -1;
        Result<double> s = (*timer)->seconds();
        if (!s.ok()) return -1;
        times.push_back(*s / repeats);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
// From a kernel plan (src/kernels/cuda/launch.h: text and launches as data) to a GPU.
#pragma once

#include <memory>
#include <span>

#include "device/cuda/cubin_cache.h"
#include "device/cuda/module.h"
#include "device/cuda/nvrtc.h"
#include "kernels/cuda/launch.h"

namespace lathe::cuda {

KernelTarget kernelTarget(const Gpu& gpu);
CompileRequest compileRequest(const KernelSource& source, int sm);

// Where compiled kernels of this process are kept.
const CubinCache& processCache();
// Compiles what that cache lacks of the plans' sources, on several threads. What fails is told when a plan is loaded.
void compileAhead(std::span<const KernelPlan> plans, int sm);

// Addresses of a plan's operands, by number (launch.h); null for those it has not.
struct Operands {
    void* address[kWorkspace + 1] = {};
    void set(int operand, const void* p) { address[operand] = const_cast<void*>(p); }
};

// A plan made ready: its code loaded, its parameter blocks filled in but for the addresses.
class LoadedPlan {
  public:
    // Compiles what the cache does not have. Allocates and loads; may not be called while a stream is captured.
    static Result<std::unique_ptr<LoadedPlan>> load(const Gpu& gpu, KernelPlan plan, const CubinCache& cache);

    // Puts the addresses in place for the runs that follow: at most a memory write for each, and where the kernel takes
    // tensor maps, those.
    Status bind(const Operands& operands);
    // Puts the launches into the stream; allocates nothing, waits for nothing. REQUIRES: bound; gpu current
    // (Gpu::Current).
    Status run(CuStream stream) const;

    const KernelPlan& plan() const { return plan_; }
    // Of launch i's kernel.
    Result<Module::Resources> resources(size_t i) const;

  private:
    LoadedPlan(const Gpu& gpu, KernelPlan plan) : gpu_(gpu), plan_(std::move(plan)) {}
    Status encode(const TensorMapAt& map, void* address, std::byte* to) const;

    // Parameter blocks are read as wholes by the driver; tensor maps in them want 64 bytes.
    struct alignas(64) Block {
        std::byte bytes[64];
    };
    struct Ready {
        CuFunction function = nullptr;
        LaunchShape shape;
        std::vector<Block> params;
    };
    const Gpu& gpu_;
    KernelPlan plan_;
    std::vector<std::shared_ptr<const Module>> modules_;  // by source; shared with other plans of the same text
    std::vector<Ready> launches_;
};

}  // namespace lathe::cuda

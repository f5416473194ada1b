// SPDX-License-Identifier: Apache-2.0
#include "exec/target.h"

#include <algorithm>

#include "base/cpu_info.h"
#include "base/thread_pool.h"
#include "device/cuda/cublaslt.h"
#include "device/cuda/cudnn.h"
#include "device/cuda/gpu.h"
#include "kernels/cpu/onednn.h"

namespace lathe::exec {

tactics::Target localTarget() {
    tactics::Target t;
    t.isa = static_cast<tactics::Target::Isa>(activeIsa());
    t.threads = ThreadPool::instance().threads();
    t.model = cpuInfo().model;
    return t;
}

tactics::Target buildTarget() {
    tactics::Target t = localTarget();
    t.onednn = cpu::onednn::version();
    return t;
}

namespace {

// The host's steps beside a GPU are short: an instruction set that every machine with such a GPU has will do, so that
// plans can go to another one.
tactics::Target hostOfGpu() {
    tactics::Target t = localTarget();
    t.backend = tactics::Target::Backend::kCuda;
    t.isa = std::min(t.isa, tactics::Target::Isa::kAvx2);
    t.model.clear();
    return t;
}

}  // namespace

tactics::Target gpuTarget(const cuda::Gpu& gpu) {
    tactics::Target t = hostOfGpu();
    t.model = gpu.info().name;
    t.sm = gpu.info().sm;
    t.smCount = gpu.info().smCount;
    t.sharedPerBlock = gpu.info().sharedPerBlock;
    if (auto lt = cuda::CublasLt::get(); lt.ok()) t.cublasLt = (*lt)->version();
    if (auto dnn = cuda::Cudnn::get(); dnn.ok()) t.cudnn = (*dnn)->version();
    return t;
}

Result<tactics::Target> absentGpuTarget(int sm) {
    // T4, A100, A10, L40, H100, B200, RTX 5090.
    static constexpr struct {
        int sm, smCount, sharedKib;
    } kModels[] = {{75, 40, 64},   {80, 108, 163},  {86, 72, 99},  {89, 142, 99},
                   {90, 132, 227}, {100, 148, 227}, {120, 170, 99}};
    for (const auto& m : kModels) {
        if (m.sm != sm) continue;
        tactics::Target t = hostOfGpu();
        t.sm = sm;
        t.smCount = m.smCount;
        t.sharedPerBlock = m.sharedKib << 10;
        return t;
    }
    return unsupported("cuda:sm_{}: engines are built for sm_75, sm_80, sm_86, sm_89, sm_90, sm_100 and sm_120", sm);
}

Result<tactics::Target> ampereAndLater(tactics::Target t) {
    // What a block may have of the smallest of them, sm_86, sm_89 and sm_120.
    constexpr int kOldest = 80, kShared = 99 << 10;
    if (t.sm < kOldest)
        return unsupported("{} is before sm_{}: nothing that is built there is for it and all later GPUs", t.name(),
                           kOldest);
    t.sm = kOldest;
    t.sharedPerBlock = std::min(t.sharedPerBlock, kShared);
    t.reach = tactics::Target::Reach::kAmpereAndLater;
    t.cublasLt.clear();
    t.cudnn.clear();
    return t;
}

}  // namespace lathe::exec

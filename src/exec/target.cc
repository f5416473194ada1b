// SPDX-License-Identifier: Apache-2.0
#include "exec/target.h"

#include "base/cpu_info.h"
#include "base/thread_pool.h"
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

}  // namespace lathe::exec

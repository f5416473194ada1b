// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/debug.h"

namespace lathe::tactics {
namespace {

class CpuDebug final : public Tactic {
  public:
    constexpr CpuDebug() : Tactic("cpu.debug.listener.v1", "debug") {}
    // The only one that there is, at every optimization level.
    bool lastResort() const override { return true; }

    BindResult bind(const ir::Node& anchor, const BindContext&) const override { return bindDebug(*this, anchor); }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return prepareDebug(binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_debug_listener, CpuDebug)

}  // namespace lathe::tactics

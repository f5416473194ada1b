// SPDX-License-Identifier: Apache-2.0
// Plugins that take pointers to host memory.
#include "tactics/common/plugin_call.h"

namespace lathe::tactics {
namespace {

class HostPluginTactic final : public Tactic {
  public:
    constexpr HostPluginTactic() : Tactic("cpu.plugin.enqueue.v1", "plugin") {}

    BindResult bind(const ir::Node& anchor, const BindContext&) const override {
        const auto& a = anchor.attrs<ops::PluginAttrs>();
        if (!a.host)
            return BindResult::refuse(fmt::format(
                "{} is not known to work on host memory: lathe::setHostPlugin() says that it does", a.describe()));
        return bindPlugin(*this, anchor);
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return pluginKernel(binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_plugin_enqueue, HostPluginTactic)

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// Plugins that take pointers to the GPU's memory: what every plugin does of which nothing else is known.
#include "tactics/common/plugin_call.h"

namespace lathe::tactics {
namespace {

class DevicePluginTactic final : public Tactic {
  public:
    constexpr DevicePluginTactic() : Tactic("cuda.plugin.enqueue.v1", "plugin") {}

    BindResult bind(const ir::Node& anchor, const BindContext&) const override {
        const auto& a = anchor.attrs<ops::PluginAttrs>();
        if (!a.device)
            return BindResult::refuse(fmt::format(
                "{} takes pointers to host memory only: lathe::setPluginTraits() says what it takes", a.describe()));
        return bindPlugin(*this, anchor);
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return pluginKernel(binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cuda_plugin_enqueue, DevicePluginTactic)

}  // namespace lathe::tactics

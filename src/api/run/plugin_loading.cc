// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_loading.h"

#include <algorithm>
#include <cstring>

#include "api/run/plugin_adapter.h"
#include "api/run/plugin_fields.h"
#include "api/run/plugin_registry.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

class PluginLoader {
  public:
    PluginLoader(IPluginRegistry& registry, IErrorRecorder* recorder) : registry_(registry), recorder_(recorder) {}

    Status steps(const std::vector<plan::Step>& list) {
        for (const plan::Step& s : list) {
            for (const auto& region : s.regions) TRY(steps(region));
            if (s.control || s.binding.nodes.size() != 1 || &s.binding.nodes[0]->op() != ops::op_plugin) continue;
            auto& node = const_cast<ir::Node&>(*s.binding.nodes[0]);  // of a plan that is still being loaded
            auto& a = node.attrs<ops::PluginAttrs>();
            TRY_IN(fmt::format("layer '{}' needs {}", node.name(), a.describe()), load(s, node, a));
        }
        return {};
    }

  private:
    Status load(const plan::Step& step, const ir::Node& node, ops::PluginAttrs& a) {
        if (step.binding.params.empty() || step.binding.params[0] < 0 || step.binding.params[0] >= a.choiceCount())
            return invalidArgument("the plan does not say how to run it");
        int64_t state = a.choice(static_cast<int>(step.binding.params[0])).state;
        auto bytes = TRY(node.input(a.stateInput(state))->constant()->bytes());
        IPluginCreatorInterface* creator = registry_.getCreator(a.type.c_str(), a.version.c_str(), a.space.c_str());
        if (!creator)
            return makeStatus(Code::kInvalidState,
                              "no creator of that name, version and namespace is registered (load its library, or call "
                              "initLibNvInferPlugins() for the plugins that come with this library)");
        const uint32_t traits = pluginTraits(a.type, a.version, a.space);
        const bool onHost = tactics::backendOf(*step.binding.tactic) == tactics::Target::Backend::kCpu;
        if (onHost && !(traits & kHostPointers))
            return unsupported("it is not known here to work on host memory: lathe::setHostPlugin() says that it does");
        if (!onHost && !(traits & kDevicePointers))
            return unsupported("it is said here to take pointers to host memory only, and the plan runs it on a GPU");
        const char* kind = textOf(creator->getInterfaceInfo().kind);
        std::shared_ptr<AdaptedPlugin> plugin;
        if (a.kind == ops::PluginAttrs::kV3) {
            if (std::strcmp(kind, "PLUGIN CREATOR_V3ONE"))
                return unsupported("the creator is of kind '{}', the plugin an IPluginV3", kind);
            auto fields = TRY(StoredFields::create(bytes));
            plugin = TRY(adaptPlugin(static_cast<IPluginCreatorV3One*>(creator)->createPlugin(
                                         node.name().c_str(), &fields->collection(), TensorRTPhase::kRUNTIME),
                                     true));
        } else {
            if (std::strcmp(kind, "PLUGIN CREATOR_V1"))
                return unsupported("the creator is of kind '{}', the plugin an IPluginV2", kind);
            auto serialized = TRY(unpackSerialized(bytes));
            // Aligned as plugins may expect it.
            std::vector<std::byte> copy(serialized.begin(), serialized.end());
            IPluginV2* made =
                static_cast<IPluginCreator*>(creator)->deserializePlugin(node.name().c_str(), copy.data(), copy.size());
            if (made) made->setPluginNamespace(a.space.c_str());
            plugin = TRY(adaptPlugin(made, true));
        }
        ops::PluginAttrs own;
        TRY(plugin->identify(own));
        if (own.type != a.type || own.version != a.version || own.space != a.space || own.kind != a.kind)
            return makeStatus(Code::kFailedInitialization, "its creator makes {}", own.describe());
        TRY(compare(*plugin, node, a));
        plugin->setCapturable(traits & kCapturable);
        plugin->setRecorder(recorder_);
        a.object = std::move(plugin);
        return {};
    }

    // A plugin writes as much as it thinks that there is; so what it says of itself now must be what the plan says.
    static Status compare(AdaptedPlugin& plugin, const ir::Node& node, const ops::PluginAttrs& a) {
        std::vector<ir::TensorType> inputs;
        std::vector<ir::Shape> shapeInputs;
        std::vector<ir::Dim> known;
        for (int i = 0; i < a.inputCount(); ++i) {
            inputs.push_back(node.input(i)->type());
            known.insert(known.end(), inputs.back().shape.begin(), inputs.back().shape.end());
        }
        for (size_t i = 0; i < a.shapeLengths.size(); ++i) {
            const ir::Value& v = *node.input(a.inputCount() + static_cast<int>(i));
            if (v.elements()) {
                shapeInputs.push_back(*v.elements());
            } else if (v.isConstant()) {
                auto values = ir::integerElements(*v.constant());
                shapeInputs.emplace_back();
                if (values) shapeInputs.back().assign(values->begin(), values->end());
            } else {
                return {};
            }
            known.insert(known.end(), shapeInputs.back().begin(), shapeInputs.back().end());
        }
        ops::PluginAttrs now;
        // One that was made for execution need not know.
        if (!plugin.describe(inputs, shapeInputs, now).ok()) return {};
        auto put = [&](const ir::Dim& d) {
            return d.substitute([&](ir::SymbolId id) {
                size_t i = static_cast<size_t>(id);
                return i < known.size() ? known[i] : ir::Dim::symbol(1 << 20 | (id - static_cast<int>(known.size())));
            });
        };
        auto shapesOf = [&](const ops::PluginAttrs& attrs) -> Result<std::vector<ir::Shape>> {
            ops::PluginShapes s = TRY(ops::parsePluginShapes(attrs));
            s.outputs.push_back(s.bounds);
            for (ir::Shape& shape : s.outputs)
                for (ir::Dim& d : shape) d = put(d);
            return std::move(s.outputs);
        };
        if (now.outputTypes != a.outputTypes || now.sizes != a.sizes || now.aliases != a.aliases ||
            TRY(shapesOf(now)) != TRY(shapesOf(a)))
            return makeStatus(Code::kFailedInitialization,
                              "it describes its outputs in another way than when the engine was built");
        return {};
    }

    IPluginRegistry& registry_;
    IErrorRecorder* recorder_;
};

}  // namespace

Status loadPlugins(plan::Plan& plan, IPluginRegistry& registry, IErrorRecorder* recorder) {
    PluginLoader loader(registry, recorder);
    for (const auto& program : plan.programs) TRY(loader.steps(program->steps));
    return {};
}

}  // namespace lathe::api

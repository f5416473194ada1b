// SPDX-License-Identifier: Apache-2.0
// Plugins made of facets (IPluginV3 with the "one" facets).
#include <cstring>

#include "api/run/plugin_adapter.h"
#include "api/run/plugin_exprs.h"
#include "api/run/plugin_fields.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// A facet, if the plugin has one of that kind; `newest`: the newest major version that is known.
template <class F>
F* facet(IPluginV3& plugin, PluginCapabilityType type, const char* kind, int32_t newest) {
    IPluginCapability* c = plugin.getCapabilityInterface(type);
    if (!c) return nullptr;
    InterfaceInfo info = c->getInterfaceInfo();
    return !std::strcmp(textOf(info.kind), kind) && info.major >= 1 && info.major <= newest ? static_cast<F*>(c)
                                                                                            : nullptr;
}
IPluginV3OneCore* coreOf(IPluginV3& p) {
    return facet<IPluginV3OneCore>(p, PluginCapabilityType::kCORE, "PLUGIN_V3ONE_CORE", 1);
}
v_1_0::IPluginV3OneBuild* buildOf(IPluginV3& p) {
    return facet<v_1_0::IPluginV3OneBuild>(p, PluginCapabilityType::kBUILD, "PLUGIN_V3ONE_BUILD", 2);
}
IPluginV3OneRuntime* runtimeOf(IPluginV3& p) {
    return facet<IPluginV3OneRuntime>(p, PluginCapabilityType::kRUNTIME, "PLUGIN_V3ONE_RUNTIME", 1);
}

class V3Context final : public ops::PluginContext {
  public:
    V3Context(std::shared_ptr<AdaptedPlugin> owner, std::unique_ptr<PluginResources> resources,
              std::unique_ptr<IPluginV3> plugin, IPluginV3OneRuntime& runtime)
        : owner_(std::move(owner)), resources_(std::move(resources)), plugin_(std::move(plugin)), runtime_(runtime) {}

    Status setShapes(std::span<const ops::PluginTensor> inputs, std::span<const ops::PluginTensor> outputs) override {
        in_.clear();
        out_.clear();
        for (const auto& t : inputs) in_.push_back(toDesc(t));
        for (const auto& t : outputs) out_.push_back(toDesc(t));
        if (int32_t rc = runtime_.onShapeChange(in_.data(), static_cast<int32_t>(in_.size()), out_.data(),
                                                static_cast<int32_t>(out_.size())))
            return makeStatus(Code::kFailedExecution, "onShapeChange() answers {}", rc);
        return {};
    }

    Status enqueue(std::span<const ops::PluginTensor>, std::span<const ops::PluginTensor>, const void* const* in,
                   void* const* out, void* workspace, void* stream) override {
        if (int32_t rc =
                runtime_.enqueue(in_.data(), out_.data(), in, out, workspace, static_cast<cudaStream_t>(stream)))
            return makeStatus(Code::kFailedExecution, "enqueue() answers {}", rc);
        return {};
    }

  private:
    const std::shared_ptr<AdaptedPlugin> owner_;
    const std::unique_ptr<PluginResources> resources_;
    const std::unique_ptr<IPluginV3> plugin_;
    IPluginV3OneRuntime& runtime_;
    std::vector<PluginTensorDesc> in_, out_;
};

class V3Plugin final : public AdaptedPlugin {
  public:
    V3Plugin(std::unique_ptr<IPluginV3> plugin)
        : plugin_(std::move(plugin)),
          core_(coreOf(*plugin_)),
          build_(buildOf(*plugin_)),
          runtime_(runtimeOf(*plugin_)) {}

    Status check(bool fromPlan) const {
        if (!core_) return invalidArgument("the plugin has no facet kCORE of kind PLUGIN_V3ONE_CORE");
        if (!runtime_) return invalidArgument("the plugin has no facet kRUNTIME of kind PLUGIN_V3ONE_RUNTIME");
        if (!build_ && !fromPlan) return invalidArgument("the plugin has no facet kBUILD of kind PLUGIN_V3ONE_BUILD");
        return {};
    }

    IPluginV3* v3() override { return plugin_.get(); }
    int outputCount() override { return build_ ? build_->getNbOutputs() : -1; }
    std::optional<std::string> timingText() override {
        const char* id = build_ ? build_->getTimingCacheID() : nullptr;
        return id ? std::optional<std::string>(id) : std::nullopt;
    }

    Status identify(ops::PluginAttrs& a) override {
        a.type = textOf(core_->getPluginName());
        a.version = textOf(core_->getPluginVersion());
        a.space = textOf(core_->getPluginNamespace());
        a.kind = ops::PluginAttrs::kV3;
        if (a.type.empty()) return invalidArgument("the plugin has no name");
        return {};
    }

    Status describe(std::span<const ir::TensorType> inputs, std::span<const ir::Shape> shapeInputs,
                    ops::PluginAttrs& a) override {
        if (!build_) return makeStatus(Code::kInvalidState, "the plugin has no build facet");
        std::lock_guard lock(mutex_);
        int outputs = build_->getNbOutputs();
        if (outputs < 1) return invalidArgument("the plugin has {} outputs", outputs);
        auto n = static_cast<int32_t>(inputs.size());
        std::vector<DataType> in = typesOf(inputs), out(static_cast<size_t>(outputs), DataType::kFLOAT);
        if (int32_t rc = build_->getOutputDataTypes(out.data(), outputs, in.data(), n))
            return invalidArgument("getOutputDataTypes() answers {}", rc);
        a.ranks.clear();
        a.shapeLengths.clear();
        a.outputTypes.clear();
        a.aliases.clear();
        for (DataType t : out) a.outputTypes.push_back(static_cast<int64_t>(t));
        ExprBuilder exprs;
        std::vector<DimsExprs> dims, elements, made(static_cast<size_t>(outputs));
        for (const ir::TensorType& t : inputs) {
            a.ranks.push_back(static_cast<int64_t>(t.shape.size()));
            dims.push_back(exprs.inputs(t.shape));
        }
        for (const ir::Shape& s : shapeInputs) {
            if (s.size() > static_cast<size_t>(Dims::MAX_DIMS))
                return unsupported("a shape input has {} elements; at most {} can be told to a plugin", s.size(),
                                   Dims::MAX_DIMS);
            a.shapeLengths.push_back(static_cast<int64_t>(s.size()));
            elements.push_back(exprs.inputs(s));
        }
        exprs.endInputs();
        if (int32_t rc = build_->getOutputShapes(dims.data(), n, elements.data(), static_cast<int32_t>(elements.size()),
                                                 made.data(), outputs, exprs))
            return invalidArgument("getOutputShapes() answers {}", rc);
        ops::PluginShapes shapes;
        for (int o = 0; o < outputs; ++o)
            shapes.outputs.push_back(
                TRY_IN(fmt::format("output {}", o), ExprBuilder::shapeOf(made[static_cast<size_t>(o)])));
        a.sizes = exprs.sizeOutputs();
        shapes.bounds = exprs.sizeBounds();
        ops::printPluginShapes(shapes, a);
        if (build_->getInterfaceInfo().major < 2) return {};
        std::vector<bool> shared(inputs.size(), false);
        for (int o = 0; o < outputs; ++o) {
            int32_t i = static_cast<v_2_0::IPluginV3OneBuild*>(build_)->getAliasedInput(o);
            if (i >= n) return invalidArgument("getAliasedInput({}) answers {}; there are {} inputs", o, i, n);
            if (i >= 0 && shared[static_cast<size_t>(i)])
                return invalidArgument("two outputs share the memory of input {}", i);
            if (i >= 0) {
                shared[static_cast<size_t>(i)] = true;
                a.aliases.resize(static_cast<size_t>(outputs), -1);
                a.aliases[static_cast<size_t>(o)] = i;
            }
        }
        return {};
    }

    Result<std::vector<ops::PluginChoice>> choices(std::span<const ops::PluginRange> inputs,
                                                   std::span<const ops::PluginRange> outputs) override {
        if (!build_) return makeStatus(Code::kInvalidState, "the plugin has no build facet");
        int limit = std::max(1, std::min(build_->getFormatCombinationLimit(), 1000));
        auto combos = combinations(inputs, outputs, limit);
        if (combos.empty()) return unsupported("it takes no combination of formats that this library has");
        std::lock_guard lock(mutex_);
        std::vector<ops::PluginChoice> out;
        for (const auto& formats : combos) TRY(configured(inputs, outputs, formats, out));
        return out;
    }

    int64_t workspaceBytes(std::span<const ops::PluginTensor> inputs,
                           std::span<const ops::PluginTensor> outputs) override {
        if (!build_) return 0;
        std::lock_guard lock(mutex_);
        std::vector<DynamicPluginTensorDesc> in, out;
        for (const auto& t : inputs) in.push_back(toDynamic(t));
        for (const auto& t : outputs) out.push_back(toDynamic(t));
        return static_cast<int64_t>(build_->getWorkspaceSize(in.data(), static_cast<int32_t>(in.size()), out.data(),
                                                             static_cast<int32_t>(out.size())));
    }

    Result<std::unique_ptr<ops::PluginContext>> attach(const std::string&, int64_t tactic,
                                                       ops::PluginMemory* memory) override {
        std::lock_guard lock(mutex_);
        auto resources = std::make_unique<PluginResources>(memory, recorder());
        std::unique_ptr<IPluginV3> copy(runtime_->attachToContext(resources.get()));
        if (copy.get() == plugin_.get()) {
            copy.release();
            return makeStatus(Code::kFailedInitialization, "attachToContext() answers the plugin itself, not a clone");
        }
        if (!copy) return makeStatus(Code::kFailedInitialization, "attachToContext() answers null");
        IPluginV3OneRuntime* runtime = runtimeOf(*copy);
        if (!runtime) return makeStatus(Code::kFailedInitialization, "the clone has no runtime facet");
        if (int32_t rc = runtime->setTactic(static_cast<int32_t>(tactic)))
            return makeStatus(Code::kFailedInitialization, "setTactic({}) answers {}", tactic, rc);
        return std::unique_ptr<ops::PluginContext>(
            std::make_unique<V3Context>(shared_from_this(), std::move(resources), std::move(copy), *runtime));
    }

  protected:
    bool supports(int pos, std::span<const ops::PluginRange> tensors, int inputs) override {
        std::vector<DynamicPluginTensorDesc> descs;
        for (const ops::PluginRange& r : tensors) descs.push_back(toDynamic(r));
        return build_->supportsFormatCombination(pos, descs.data(), inputs,
                                                 static_cast<int32_t>(tensors.size()) - inputs);
    }

  private:
    // A choice for each tactic of one combination of formats.
    Status configured(std::span<const ops::PluginRange> inputs, std::span<const ops::PluginRange> outputs,
                      const std::vector<int64_t>& formats, std::vector<ops::PluginChoice>& out) {
        std::unique_ptr<IPluginV3> copy(plugin_->clone());
        if (!copy) return makeStatus(Code::kFailedInitialization, "clone() answers null");
        v_1_0::IPluginV3OneBuild* build = buildOf(*copy);
        IPluginV3OneRuntime* runtime = runtimeOf(*copy);
        if (!build || !runtime) return makeStatus(Code::kFailedInitialization, "the clone lacks facets");
        std::vector<DynamicPluginTensorDesc> in, made;
        for (const auto& r : inputs) in.push_back(toDynamic(r));
        for (const auto& r : outputs) made.push_back(toDynamic(r));
        for (size_t i = 0; i < in.size(); ++i) in[i].desc.format = static_cast<TensorFormat>(formats[i]);
        for (size_t o = 0; o < made.size(); ++o)
            made[o].desc.format = static_cast<TensorFormat>(formats[in.size() + o]);
        auto n = static_cast<int32_t>(in.size()), m = static_cast<int32_t>(made.size());
        if (int32_t rc = build->configurePlugin(in.data(), n, made.data(), m))
            return makeStatus(Code::kFailedInitialization, "configurePlugin() answers {}", rc);
        int32_t count = build->getNbTactics();
        if (count < 0 || count > 10'000) return invalidArgument("getNbTactics() answers {}", count);
        std::vector<int32_t> tactics(static_cast<size_t>(count));
        if (count > 0)
            if (int32_t rc = build->getValidTactics(tactics.data(), count))
                return invalidArgument("getValidTactics() answers {}", rc);
        for (size_t i = 0; i < tactics.size(); ++i)
            if (tactics[i] <= 0 || std::count(tactics.begin(), tactics.end(), tactics[i]) > 1)
                return invalidArgument("getValidTactics() answers {}; tactics are positive and distinct", tactics[i]);
        if (tactics.empty()) tactics.push_back(0);
        ops::PluginChoice choice;
        choice.workspaceBytes = static_cast<int64_t>(build->getWorkspaceSize(in.data(), n, made.data(), m));
        if (choice.workspaceBytes < 0) return invalidArgument("getWorkspaceSize() answers an impossible number");
        choice.formats = formats;
        choice.state = TRY(packFields(runtime->getFieldsToSerialize()));
        for (int32_t t : tactics) {
            choice.tactic = t;
            out.push_back(choice);
        }
        return {};
    }

    const std::unique_ptr<IPluginV3> plugin_;
    IPluginV3OneCore* const core_;
    v_1_0::IPluginV3OneBuild* const build_;
    IPluginV3OneRuntime* const runtime_;
};

}  // namespace

Result<std::shared_ptr<AdaptedPlugin>> adaptPlugin(IPluginV3* owned, bool fromPlan) {
    if (!owned) return makeStatus(Code::kFailedInitialization, "there is no plugin (null)");
    std::unique_ptr<IPluginV3> plugin(owned);
    InterfaceInfo info = plugin->getInterfaceInfo();
    if (std::strcmp(textOf(info.kind), "PLUGIN") || info.major != 1)
        return unsupported("plugins of kind '{}', version {} are not known", textOf(info.kind), info.major);
    auto adapted = std::make_shared<V3Plugin>(std::move(plugin));
    TRY(adapted->check(fromPlan));
    return std::shared_ptr<AdaptedPlugin>(std::move(adapted));
}

}  // namespace lathe::api

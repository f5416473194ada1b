// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/plugin_call.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "tactics/plugin_format.h"
#include "tactics/shared_state.h"

namespace lathe::tactics {
namespace {

using ops::PluginAttrs;
using ops::PluginTensor;

bool isOfDevice(const Tactic& t) { return backendOf(t) != Target::Backend::kCpu; }

class DeviceMemory final : public ops::PluginMemory {
  public:
    explicit DeviceMemory(device::Device& device) : device_(device) {}
    void* allocate(uint64_t bytes, uint64_t alignment) override {
        if (alignment > 256 || bytes > INT64_MAX) return nullptr;
        auto p = device_.allocate(static_cast<int64_t>(bytes));
        return p.ok() ? *p : nullptr;
    }
    void free(void* p) override { device_.free(p); }

  private:
    device::Device& device_;
};

// The plugin in one execution context, and for whose shapes it was set up last.
struct PluginState {
    std::unique_ptr<DeviceMemory> memory;  // outlives the context
    std::unique_ptr<ops::PluginContext> context;
    uint64_t shapesOf = 0;
};

class PluginKernel final : public Kernel {
  public:
    PluginKernel(const Binding& binding)
        : node_(*binding.nodes[0]), attrs_(node_.attrs<PluginAttrs>()), ofDevice_(isOfDevice(*binding.tactic)) {}

    Status setUp(const Binding& binding, const PrepareContext& c) {
        if (!attrs_.object)
            return makeStatus(Code::kInvalidState, "{} was not loaded with the plan", attrs_.describe());
        if (ofDevice_) device_ = c.device();
        const PluginAttrs::Choice choice = attrs_.choice(static_cast<int>(binding.params[0]));
        tactic_ = choice.tactic;
        size_t n = static_cast<size_t>(attrs_.inputCount());
        for (size_t i = 0; i < n; ++i) {
            const ir::Value& v = *node_.input(static_cast<int>(i));
            inputs_.push_back({v.dtype(), c.dims(v), choice.formats[i]});
            slot_.push_back(-1);
            in_.push_back(nullptr);
            if (v.isConstant()) {
                in_.back() = ofDevice_ ? TRY(c.residentWeights(v)) : TRY(c.weights(v)).data();
            } else {
                auto at = std::find(binding.inputs.begin(), binding.inputs.end(), &v);
                slot_.back() = static_cast<int>(at - binding.inputs.begin());
            }
        }
        for (int o = 0; o < node_.outputCount(); ++o) {
            const ir::Value& v = *node_.output(o);
            outputs_.push_back({v.dtype(), c.dims(v), choice.formats[n + static_cast<size_t>(o)]});
            aliasBytes_.push_back(bytesOf({v.dtype(), binding.outputLayouts[static_cast<size_t>(o)]}, c.dims(v)));
        }
        if (!attrs_.sizes.empty()) {
            shapes_ = TRY(ops::parsePluginShapes(attrs_));
            int id = 0;
            symbols_ = ir::SymbolValues(static_cast<size_t>(shapes_.symbols) + attrs_.sizes.size());
            for (const PluginTensor& t : inputs_)
                for (int64_t d : t.dims) symbols_.set(id++, d);
            sizes_.resize(attrs_.sizes.size());
        }
        workspace_ = std::max(choice.workspaceBytes, attrs_.object->workspaceBytes(inputs_, outputs_));
        if (auto* shared = sharedStateOf(c)) {
            if (!*shared) *shared = std::make_shared<PluginState>();
            state_ = std::static_pointer_cast<PluginState>(*shared);
        } else {
            state_ = std::make_shared<PluginState>();
        }
        static std::atomic<uint64_t> last{0};
        id_ = ++last;
        return {};
    }

    int64_t workspaceBytes() const override { return workspace_; }
    // What tells extents is read back.
    bool waits() const override { return ofDevice_ && !attrs_.sizes.empty(); }
    Recording recording() const override {
        return !ofDevice_ ? Recording::kAlways : attrs_.object->isCapturable() ? Recording::kTried : Recording::kNever;
    }

    Status run(const RunArgs& args) override {
        if (ofDevice_ && !device_) return internalError("{} was prepared without a device", attrs_.describe());
        // Kernels are also prepared to learn what memory a context will need; the plugin hears of real ones only.
        if (!state_->context) {
            if (ofDevice_ && !state_->memory) state_->memory = std::make_unique<DeviceMemory>(*device_);
            state_->context =
                TRY_IN(attrs_.describe(), attrs_.object->attach(node_.name(), tactic_, state_->memory.get()));
        }
        if (state_->shapesOf != id_) {
            state_->shapesOf = 0;
            TRY_IN(attrs_.describe(), state_->context->setShapes(inputs_, outputs_));
            state_->shapesOf = id_;
        }
        for (size_t i = 0; i < slot_.size(); ++i)
            if (slot_[i] >= 0) in_[i] = args.inputs[slot_[i]];
        for (size_t o = 0; o < attrs_.aliases.size(); ++o) {
            if (attrs_.aliases[o] < 0) continue;
            const void*& in = in_[static_cast<size_t>(attrs_.aliases[o])];
            if (in != args.outputs[o] && aliasBytes_[o] > 0) {
                if (ofDevice_)
                    TRY(device_->copy(args.outputs[o], in, aliasBytes_[o], args.stream));
                else
                    std::memcpy(args.outputs[o], in, static_cast<size_t>(aliasBytes_[o]));
            }
            in = args.outputs[o];
        }
        TRY_IN(attrs_.describe(), state_->context->enqueue(inputs_, outputs_, in_.data(), args.outputs, args.workspace,
                                                           ofDevice_ ? args.stream : nullptr));
        return attrs_.sizes.empty() ? Status() : findExtents(args);
    }

  private:
    Status findExtents(const RunArgs& args) {
        for (size_t s = 0; s < attrs_.sizes.size(); ++s) {
            auto o = static_cast<size_t>(attrs_.sizes[s]);
            sizes_[s] = 0;
            const int64_t bytes = outputs_[o].dtype == DType::kInt32 ? 4 : 8;
            if (ofDevice_)
                TRY(device_->copy(&sizes_[s], args.outputs[o], bytes, args.stream));
            else
                std::memcpy(&sizes_[s], args.outputs[o], static_cast<size_t>(bytes));
        }
        if (ofDevice_) TRY(device_->synchronize(args.stream));
        for (size_t s = 0; s < attrs_.sizes.size(); ++s) {
            auto o = static_cast<size_t>(attrs_.sizes[s]);
            int64_t size = sizes_[s];
            if (outputs_[o].dtype == DType::kInt32) {
                int32_t narrow;
                std::memcpy(&narrow, &sizes_[s], sizeof narrow);
                size = narrow;
            }
            int64_t most = TRY(shapes_.bounds[s].eval(symbols_));
            if (size < 0 || size > most)
                return makeStatus(Code::kFailedExecution, "{}: output {} tells the size {}, its bound is {}",
                                  attrs_.describe(), o, size, most);
            symbols_.set(shapes_.symbols + static_cast<int>(s), size);
        }
        for (size_t o = 0; o < outputs_.size() && args.outputDims; ++o)
            args.outputDims[o] = TRY_IN(attrs_.describe(), ir::evalShape(shapes_.outputs[o], symbols_));
        return {};
    }

    const ir::Node& node_;
    const PluginAttrs& attrs_;
    const bool ofDevice_;
    device::Device* device_ = nullptr;
    int64_t tactic_ = 0, workspace_ = 0;
    std::vector<PluginTensor> inputs_, outputs_;
    std::vector<int> slot_;  // of each input among the binding's, -1 for constants
    std::vector<const void*> in_;
    std::vector<int64_t> aliasBytes_;
    ops::PluginShapes shapes_;
    ir::SymbolValues symbols_;
    std::vector<int64_t> sizes_;  // as the size tensors' bytes
    std::shared_ptr<PluginState> state_;
    uint64_t id_ = 0;
};

Status setPluginFormats(Binding& b, const PluginAttrs& a, const PluginAttrs::Choice& choice, const ir::Node& node) {
    int state = a.stateInput(choice.state);
    if (choice.state < 0 || choice.state > INT32_MAX || state >= node.inputCount() || !node.input(state) ||
        !node.input(state)->isConstant() || node.input(state)->dtype() != DType::kUint8 || choice.workspaceBytes < 0)
        return invalidArgument("{} has a malformed choice", a.describe());
    std::vector<bool> set(b.inputs.size(), false);
    for (int i = 0; i < a.inputCount(); ++i) {
        const ir::Value& v = *node.input(i);
        auto layout = layoutOfPluginFormat(choice.formats[static_cast<size_t>(i)], v.dtype(), v.shape());
        if (!layout) return unsupported("input {} cannot have format {}", i, choice.formats[static_cast<size_t>(i)]);
        if (v.isConstant()) {
            if (*layout != Layout::kLinear) return unsupported("input {} is a constant, which is row-major", i);
            continue;
        }
        auto at = static_cast<size_t>(std::find(b.inputs.begin(), b.inputs.end(), &v) - b.inputs.begin());
        if (set[at] && b.inputLayouts[at] != *layout) return unsupported("input {} is read in two formats", i);
        set[at] = true;
        b.inputLayouts[at] = *layout;
    }
    for (int o = 0; o < a.outputCount(); ++o) {
        const ir::Value& v = *node.output(o);
        int64_t format = choice.formats[static_cast<size_t>(a.inputCount() + o)];
        auto layout = layoutOfPluginFormat(format, v.dtype(), v.shape());
        if (!layout) return unsupported("output {} cannot have format {}", o, format);
        b.outputLayouts[static_cast<size_t>(o)] = *layout;
        int shared = node.op().mustAlias(node, o);
        if (shared < 0 || node.input(shared)->isConstant()) continue;
        auto at = std::find(b.inputs.begin(), b.inputs.end(), node.input(shared)) - b.inputs.begin();
        if (b.inputLayouts[static_cast<size_t>(at)] != *layout)
            return unsupported("output {} and input {} share memory, but not their format", o, shared);
        b.inPlace.push_back({o, static_cast<int>(at)});
    }
    return {};
}

// Shape inputs are told to plugins when shapes are asked for; a GPU's plugin has nothing of them in its memory.
void dropShapeInputs(Binding& b, const PluginAttrs& a, const ir::Node& node) {
    for (size_t i = b.inputs.size(); i-- > 0;) {
        bool read = false;
        for (int k = 0; k < a.inputCount(); ++k) read = read || node.input(k) == b.inputs[i];
        if (read) continue;
        b.inputs.erase(b.inputs.begin() + static_cast<long>(i));
        b.inputLayouts.erase(b.inputLayouts.begin() + static_cast<long>(i));
    }
}

}  // namespace

BindResult bindPlugin(const Tactic& tactic, const ir::Node& anchor) {
    const auto& a = anchor.attrs<PluginAttrs>();
    BindResult result;
    if (a.choices.size() % a.choiceSize() != 0)
        return BindResult::refuse(fmt::format("{} has malformed choices", a.describe()));
    for (int i = 0; i < a.choiceCount(); ++i) {
        Candidate candidate{bindNode(tactic, anchor), 1e-6 * (i + 1), a.choice(i).workspaceBytes};
        if (isOfDevice(tactic)) dropShapeInputs(candidate.binding, a, anchor);
        Status s = setPluginFormats(candidate.binding, a, a.choice(i), anchor);
        if (!s.ok()) {
            result.refusals.push_back(s.message());
            continue;
        }
        candidate.binding.params = {i};
        result.candidates.push_back(std::move(candidate));
    }
    if (result.candidates.empty() && result.refusals.empty())
        result.refusals.push_back(fmt::format("{} was not asked for its formats", a.describe()));
    return result;
}

Result<std::unique_ptr<Kernel>> pluginKernel(const Binding& binding, const PrepareContext& c) {
    auto kernel = std::make_unique<PluginKernel>(binding);
    TRY(kernel->setUp(binding, c));
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics

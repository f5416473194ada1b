// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "ir/op.h"

namespace lathe::ops {

// What a plugin is told of a tensor. `format` is the API's number of it (0: row-major).
struct PluginTensor {
    DType dtype = DType::kFloat;
    ir::Dims dims;
    int64_t format = 0;
};
// The same while an engine is built: -1 stands in `dims` for what varies, within the profile's extents.
struct PluginRange {
    DType dtype = DType::kFloat;
    ir::Dims dims, min, opt, max;
    int64_t format = 0;
};
// One way to run a plugin.
struct PluginChoice {
    int64_t tactic = 0;
    int64_t workspaceBytes = 0;    // at the largest shapes
    std::vector<int64_t> formats;  // of the inputs, then of the outputs
    std::vector<std::byte> state;  // what the plugin is made from again when the plan is loaded
};

// Memory of the kind that a plugin's pointers are of, for plugins that want some of their own. Thread-safe.
class PluginMemory {
  public:
    virtual ~PluginMemory() = default;
    // Null when there is not enough, or none of that alignment.
    virtual void* allocate(uint64_t bytes, uint64_t alignment) = 0;
    virtual void free(void* p) = 0;
};

// A plugin in one execution context. Called by one thread at a time.
class PluginContext {
  public:
    virtual ~PluginContext() = default;
    // Before the first enqueue, and whenever shapes have changed since.
    virtual Status setShapes(std::span<const PluginTensor> inputs, std::span<const PluginTensor> outputs) = 0;
    virtual Status enqueue(std::span<const PluginTensor> inputs, std::span<const PluginTensor> outputs,
                           const void* const* in, void* const* out, void* workspace, void* stream) = 0;
};

// A plugin of an engine, or of a network that is built. Made by the API; thread-safe.
class Plugin {
  public:
    virtual ~Plugin() = default;
    // At least one, or an error that says why there is none.
    virtual Result<std::vector<PluginChoice>> choices(std::span<const PluginRange> inputs,
                                                      std::span<const PluginRange> outputs) = 0;
    // Scratch memory for these shapes; 0 when the plugin cannot be asked any more.
    virtual int64_t workspaceBytes(std::span<const PluginTensor> inputs, std::span<const PluginTensor> outputs) = 0;
    // For pluginTimingText.
    virtual std::optional<std::string> timingText() = 0;
    // `memory` must outlive what this answers; null: the host's.
    virtual Result<std::unique_ptr<PluginContext>> attach(const std::string& layer, int64_t tactic,
                                                          PluginMemory* memory) = 0;
    // What enqueue() puts into a GPU's stream may be recorded once and run again without calling it.
    virtual bool isCapturable() const { return false; }
};

// plugin: a layer that an application implements. Inputs:
//   one a `ranks` entry: what the plugin reads when it runs, of these ranks
//   then one a `shape_lengths` entry: integer tensors of so many elements, which only shapes depend on
//   then one a distinct state of `choices`, u8 constants
// Types and shapes of the outputs were asked of the plugin when the layer was lowered, so that a plan can be read
// without it. `shapes` has the outputs separated by ';' and their extents by '|', each an expression (ir::Dim) whose
// symbols count the extents of the inputs, then the elements of the shape inputs, then the size tensors: scalar outputs
// (`sizes` has their indices) that tell an extent when the plugin has run; `bounds` has their upper bounds, separated
// by
// ';'. Output o shares the memory of input aliases[o], unless that is -1 (or the list is empty).
struct PluginAttrs : ir::AttrsOf<PluginAttrs> {
    std::string type, version, space;  // how its creator is found
    int64_t kind = 0;                  // of its interface: nvinfer1::PluginVersion, or kV3
    bool host = false;                 // it takes pointers to host memory
    bool device = false;               // it takes pointers to a GPU's memory
    std::vector<int64_t> ranks, shapeLengths;
    std::vector<int64_t> outputTypes;  // DType
    std::string shapes, bounds;
    std::vector<int64_t> sizes, aliases;
    // Of each choice: tactic, bytes of workspace, which state, formats. Empty until settlePlugins().
    std::vector<int64_t> choices;

    // Not part of the attributes: who does the work. Null until the API has set it.
    std::shared_ptr<Plugin> object;

    static constexpr int64_t kV3 = 256;
    int inputCount() const { return static_cast<int>(ranks.size()); }
    int outputCount() const { return static_cast<int>(outputTypes.size()); }
    int stateInput(int64_t state) const {
        return static_cast<int>(ranks.size() + shapeLengths.size() + static_cast<size_t>(state));
    }
    int choiceCount() const { return static_cast<int>(choices.size() / choiceSize()); }
    size_t choiceSize() const { return 3 + ranks.size() + outputTypes.size(); }
    struct Choice {
        int64_t tactic, workspaceBytes, state;
        std::span<const int64_t> formats;
    };
    // REQUIRES: 0 <= i < choiceCount().
    Choice choice(int i) const {
        std::span<const int64_t> c = std::span(choices).subspan(static_cast<size_t>(i) * choiceSize(), choiceSize());
        return {c[0], c[1], c[2], c.subspan(3)};
    }
    // "plugin 'Foo', version '1'", for messages.
    std::string describe() const;

    void fields(ir::AttrVisitor& f) {
        f("type", type);
        f("version", version);
        f("namespace", space);
        f("kind", kind);
        f("host", host);
        f("device", device);
        f("ranks", ranks);
        f("shape_lengths", shapeLengths);
        f("output_types", outputTypes);
        f("shapes", shapes);
        f("bounds", bounds);
        f("sizes", sizes);
        f("aliases", aliases);
        f("choices", choices);
    }
};

// The outputs' shapes, and the bounds of the size tensors, as texts over the attributes' own symbols.
struct PluginShapes {
    std::vector<ir::Shape> outputs;
    std::vector<ir::Dim> bounds;
    int symbols = 0;  // before those of the size tensors
};
// Errors: malformed, symbols that do not exist, lists that do not fit each other.
Result<PluginShapes> parsePluginShapes(const PluginAttrs& attrs);
void printPluginShapes(const PluginShapes& shapes, PluginAttrs& attrs);

// The extents that a profile allows.
struct ProfileDims {
    std::function<ir::Dims(const ir::Value&)> min, opt, max;
};
// While a program is built for a profile, before tactics are asked: asks plugins for formats, tactics, workspace and
// states, which become attributes and constants. Types stay as they are. REQUIRES: every plugin node has its object.
Status settlePlugins(ir::Graph& graph, const ProfileDims& profile);
// What tells a plugin's timings from those of others; nothing when they must not be kept.
std::optional<std::string> pluginTimingText(const ir::Node& node);

extern const ir::Op* const op_plugin;

}  // namespace lathe::ops

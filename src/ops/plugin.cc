// SPDX-License-Identifier: Apache-2.0
#include "ops/plugin.h"

#include <algorithm>

#include "ops/common.h"

namespace lathe::ops {
namespace {

std::vector<std::string_view> splitText(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    while (true) {
        size_t at = text.find(separator);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

Result<Dim> parseExtent(std::string_view text, int symbols) {
    Dim d = TRY(Dim::parse(text));
    Status s;
    d.forEachSymbol([&](ir::SymbolId id) {
        if (id < 0 || id >= symbols) s = invalidArgument("'{}' names symbol {} of {}", text, id, symbols);
    });
    TRY(std::move(s));
    return d;
}

bool mentions(const Dim& d, int from) {
    bool found = false;
    d.forEachSymbol([&](ir::SymbolId id) { found = found || id >= from; });
    return found;
}

PluginRange rangeOf(const ir::Value& v, const ProfileDims& profile) {
    PluginRange r{v.dtype(), {}, profile.min(v), profile.opt(v), profile.max(v), 0};
    if (v.isConstant()) r.min = r.opt = r.max = v.constant()->dims();
    for (const Dim& d : v.shape()) r.dims.push_back(d.valueOr(-1));
    return r;
}

class PluginOp final : public ir::OpWith<PluginAttrs> {
  public:
    // Never folded or merged: nobody knows what it does.
    constexpr PluginOp() : OpWith("plugin", kNondeterministic | kDataDependent) {}

    Status infer(InferContext& c) const override {
        const PluginAttrs& a = attrs(c);
        TRY_IN(a.describe(), inferOutputs(c, a));
        return {};
    }

    Status reference(RefContext& c) const override {
        return unsupported("{}: only the plugin itself knows what it computes", attrs(c).describe());
    }

    int mustAlias(const ir::Node& node, int o) const override {
        const auto& aliases = node.attrs<PluginAttrs>().aliases;
        return static_cast<size_t>(o) < aliases.size() ? static_cast<int>(aliases[static_cast<size_t>(o)]) : -1;
    }

  private:
    static Status inferOutputs(InferContext& c, const PluginAttrs& a) {
        PluginShapes shapes = TRY(parsePluginShapes(a));
        if (c.outputCount() != a.outputCount())
            return invalidArgument("the node has {} outputs, the plugin {}", c.outputCount(), a.outputCount());
        int shapeInputs = static_cast<int>(a.shapeLengths.size());
        TRY(requireInputs(c, a.inputCount() + shapeInputs));
        std::vector<Dim> known;
        for (int i = 0; i < a.inputCount(); ++i) {
            TRY(requireRank(c, i, static_cast<int>(a.ranks[static_cast<size_t>(i)])));
            known.insert(known.end(), c.shape(i).begin(), c.shape(i).end());
        }
        for (int i = 0; i < shapeInputs; ++i) {
            int64_t length = a.shapeLengths[static_cast<size_t>(i)];
            TRY(requireType(c, a.inputCount() + i, {DType::kInt32, DType::kInt64, DType::kBool}));
            std::vector<Dim> elements = TRY(c.elementsOrSymbols(a.inputCount() + i));
            if (static_cast<int64_t>(elements.size()) != length)
                return invalidArgument("shape input {} has {} elements, not {}", i, elements.size(), length);
            known.insert(known.end(), elements.begin(), elements.end());
        }
        for (int64_t f : a.aliases)
            if (f >= a.inputCount()) return invalidArgument("an output shares the memory of input {}", f);
        // Extents that running tells: between those for an empty size and for the largest.
        auto put = [&](const Dim& d, bool largest) {
            return d.substitute([&](ir::SymbolId id) -> Dim {
                if (id < shapes.symbols) return known[static_cast<size_t>(id)];
                if (!largest) return 0;
                return shapes.bounds[static_cast<size_t>(id - shapes.symbols)].substitute(
                    [&](ir::SymbolId k) { return known[static_cast<size_t>(k)]; });
            });
        };
        for (int o = 0; o < a.outputCount(); ++o) {
            TensorType type{static_cast<DType>(a.outputTypes[static_cast<size_t>(o)]), {}};
            for (const Dim& d : shapes.outputs[static_cast<size_t>(o)]) {
                int axis = static_cast<int>(type.shape.size());
                type.shape.push_back(mentions(d, shapes.symbols)
                                         ? c.dataDependentDim(o, axis, ir::max(put(d, false), put(d, true)))
                                         : put(d, false));
            }
            int shared =
                o < static_cast<int>(a.aliases.size()) ? static_cast<int>(a.aliases[static_cast<size_t>(o)]) : -1;
            if (shared >= 0 && !(c.input(shared) == type))
                return invalidArgument("output {} is {}, but input {}, whose memory it shares, {}", o,
                                       ir::toString(type), shared, ir::toString(c.input(shared)));
            c.setOutput(o, std::move(type));
        }
        return {};
    }
};

Status settlePlugin(ir::Node& node, const ProfileDims& profile) {
    auto& a = node.attrs<PluginAttrs>();
    if (!a.object) return internalError("{} was not made", a.describe());
    std::vector<PluginRange> in, out;
    for (int i = 0; i < a.inputCount(); ++i) in.push_back(rangeOf(*node.input(i), profile));
    for (const ir::Value* v : node.outputs()) out.push_back(rangeOf(*v, profile));
    std::vector<PluginChoice> choices = TRY_IN(a.describe(), a.object->choices(in, out));
    std::vector<const PluginChoice*> states;
    a.choices.clear();
    for (const PluginChoice& choice : choices) {
        auto same =
            std::find_if(states.begin(), states.end(), [&](const PluginChoice* s) { return s->state == choice.state; });
        auto index = same - states.begin();
        if (same == states.end()) states.push_back(&choice);
        a.choices.insert(a.choices.end(), {choice.tactic, choice.workspaceBytes, index});
        a.choices.insert(a.choices.end(), choice.formats.begin(), choice.formats.end());
    }
    ir::Graph& graph = node.parent()->graph();
    for (size_t s = 0; s < states.size(); ++s) {
        const auto& bytes = states[s]->state;
        ir::WeightsRef w = TRY(ir::copyWeights(DType::kUint8, {static_cast<int64_t>(bytes.size())}, bytes));
        ir::Value* constant = graph.addConstant(std::move(w), "");
        int at = a.stateInput(static_cast<int64_t>(s));
        if (at < node.inputCount())
            node.setInput(at, constant);
        else
            node.addInput(constant);
    }
    return {};
}

}  // namespace

Status settlePlugins(ir::Graph& graph, const ProfileDims& profile) {
    Status settled;
    graph.forEachNode([&](ir::Node& n) {
        if (settled.ok() && &n.op() == op_plugin)
            settled = settlePlugin(n, profile).prefix(fmt::format("node '{}'", n.name()));
    });
    return settled;
}

std::optional<std::string> pluginTimingText(const ir::Node& node) {
    const auto& a = node.attrs<PluginAttrs>();
    auto own = a.object ? a.object->timingText() : std::nullopt;
    if (!own) return std::nullopt;
    return fmt::format("{}/{}/{}/{}", a.type, a.version, a.space, *own);
}

std::string PluginAttrs::describe() const {
    std::string s = fmt::format("plugin '{}', version '{}'", type, version);
    if (!space.empty()) s += fmt::format(", namespace '{}'", space);
    return s;
}

Result<PluginShapes> parsePluginShapes(const PluginAttrs& a) {
    PluginShapes out;
    int64_t symbols = 0;
    for (int64_t r : a.ranks) {
        if (r < 0 || r > ir::kMaxRank) return invalidArgument("an input has rank {}", r);
        symbols += r;
    }
    for (int64_t n : a.shapeLengths) {
        if (n < 0 || n > ir::kMaxElements) return invalidArgument("a shape input has {} elements", n);
        symbols += n;
    }
    if (a.outputTypes.empty()) return invalidArgument("it has no outputs");
    for (int64_t t : a.outputTypes)
        if (t < 0 || t >= kDTypeCount) return invalidArgument("there is no element type {}", t);
    out.symbols = static_cast<int>(symbols);
    if (!a.sizes.empty())
        for (std::string_view text : splitText(a.bounds, ';'))
            out.bounds.push_back(TRY_IN("bounds", parseExtent(text, out.symbols)));
    if (out.bounds.size() != a.sizes.size())
        return invalidArgument("{} bounds for {} size tensors", out.bounds.size(), a.sizes.size());
    std::vector<std::string_view> outputs = splitText(a.shapes, ';');
    if (outputs.size() != a.outputTypes.size())
        return invalidArgument("{} shapes for {} outputs", outputs.size(), a.outputTypes.size());
    int all = out.symbols + static_cast<int>(a.sizes.size());
    for (std::string_view text : outputs) {
        ir::Shape& shape = out.outputs.emplace_back();
        if (text.empty()) continue;
        for (std::string_view extent : splitText(text, '|'))
            shape.push_back(TRY_IN("shapes", parseExtent(extent, all)));
        if (shape.size() > static_cast<size_t>(ir::kMaxRank))
            return invalidArgument("an output has rank {}", shape.size());
    }
    for (int64_t o : a.sizes) {
        if (o < 0 || o >= a.outputCount()) return invalidArgument("output {} is to tell a size", o);
        auto type = static_cast<DType>(a.outputTypes[static_cast<size_t>(o)]);
        if (!out.outputs[static_cast<size_t>(o)].empty() || (type != DType::kInt32 && type != DType::kInt64))
            return invalidArgument("output {} is to tell a size, but is no scalar of i32 or i64", o);
    }
    return out;
}

void printPluginShapes(const PluginShapes& shapes, PluginAttrs& attrs) {
    attrs.shapes.clear();
    attrs.bounds.clear();
    for (size_t o = 0; o < shapes.outputs.size(); ++o) {
        if (o) attrs.shapes += ';';
        for (size_t d = 0; d < shapes.outputs[o].size(); ++d)
            attrs.shapes += (d ? "|" : "") + shapes.outputs[o][d].toString();
    }
    for (size_t s = 0; s < shapes.bounds.size(); ++s) attrs.bounds += (s ? ";" : "") + shapes.bounds[s].toString();
}

LATHE_OP(plugin, PluginOp)

}  // namespace lathe::ops

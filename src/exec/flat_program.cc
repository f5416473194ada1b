// SPDX-License-Identifier: Apache-2.0
#include "exec/flat_program.h"

#include <algorithm>

namespace lathe::exec {

using tactics::Layout;

namespace {

// A constant bound beyond this means that nothing is known.
constexpr int64_t kLargestBound = int64_t{1} << 40;

}  // namespace

Result<std::unique_ptr<FlatProgram>> FlatProgram::create(const plan::Program& program) {
    auto flat = std::unique_ptr<FlatProgram>(new FlatProgram(program));
    flat->values_.resize(program.graph->values().size());
    TRY(flat->flatten(program.steps, program.graph->body(), -1));
    flat->classify();
    auto isAside = [](const FlatStep& s) { return s.step->stream > 0; };
    if (std::any_of(flat->steps_.begin(), flat->steps_.end(), isAside))
        flat->order_ = std::make_unique<StreamOrder>(TRY(StreamOrder::create(*flat)));
    return flat;
}

bool FlatProgram::visible(int from, int block) const {
    while (block >= 0 && block != from) block = parents_[static_cast<size_t>(block)];
    return block == from;
}

Status FlatProgram::read(const ir::Value& v, int block, Layout layout, int tick) {
    if (v.isConstant()) return {};
    ValueInfo& i = info(v);
    if (i.block < 0 || !visible(i.block, block))
        return internalError("value '{}' is read before a step has made it, or from outside of its region", v.name());
    if (i.layout != layout)
        return internalError("value '{}' is made with layout {} and read with {}", v.name(),
                             tactics::toString(i.layout), tactics::toString(layout));
    // Control steps around `block` have no end yet; they extend what they captured when they close.
    i.lastUse = std::max(i.lastUse, tick);
    return {};
}

Status FlatProgram::make(const ir::Value& v, int block, Layout layout, int tick) {
    if (v.isConstant()) return internalError("a step makes the constant '{}'", v.name());
    ValueInfo& i = info(v);
    if (i.block >= 0) return internalError("value '{}' is made by two steps", v.name());
    if ((layout == Layout::kHost && !program_.target.isCuda()) || (placement_.isRead(v) && layout != placement_.of(v)))
        return internalError("value '{}' is made with layout {}, where it cannot be", v.name(),
                             tactics::toString(layout));
    if (!tactics::fits(layout, v.rank()))
        return internalError("value '{}' of rank {} has layout {}", v.name(), v.rank(), tactics::toString(layout));
    i.block = block;
    i.layout = layout;
    i.lastUse = tick;
    return {};
}

Result<int> FlatProgram::flatten(const std::vector<plan::Step>& steps, const ir::Region& region, int parent) {
    int block = static_cast<int>(blocks_.size());
    blocks_.emplace_back();
    parents_.push_back(parent);
    blocks_.back().region = &region;
    blocks_.back().begin = clock_++;
    for (const ir::Value* v : region.parameters())
        TRY(make(*v, block, placement_.of(*v), blocks_[static_cast<size_t>(block)].begin));
    for (const plan::Step& s : steps) {
        int index = static_cast<int>(steps_.size());
        steps_.emplace_back();
        steps_.back().step = &s;
        blocks_[static_cast<size_t>(block)].steps.push_back(index);
        if (s.control)
            TRY_IN(fmt::format("step '{}'", s.name), flattenControl(index, block));
        else
            TRY_IN(fmt::format("step '{}'", s.name), flattenKernel(steps_.back(), block));
    }
    int end = blocks_[static_cast<size_t>(block)].end = clock_++;
    for (size_t r = 0; r < region.results().size(); ++r) {
        const ir::Value* v = region.results()[r];
        if (!v) return internalError("a region has an absent result");
        if (v->isConstant() && !tactics::isRowMajor(placement_.ofResult(region, static_cast<int>(r))))
            return unsupported("output '{}' is a constant, which can only be row-major", v->name());
        TRY(read(*v, block, placement_.ofResult(region, static_cast<int>(r)), end));
    }
    return block;
}

// In a program for a GPU the CPU's tactics work on host memory alone, and memory is shared only within one place.
Status FlatProgram::checkPlaces(const tactics::Binding& b) const {
    bool cpu = tactics::backendOf(*b.tactic) == tactics::Target::Backend::kCpu;
    if (!program_.target.isCuda())
        return cpu ? Status() : internalError("tactic {} is no tactic of the CPU's", b.tactic->id());
    auto isHost = [](Layout l) { return l == Layout::kHost; };
    if (cpu && !(std::all_of(b.inputLayouts.begin(), b.inputLayouts.end(), isHost) &&
                 std::all_of(b.outputLayouts.begin(), b.outputLayouts.end(), isHost)))
        return internalError("tactic {} of the CPU's works on the GPU's memory", b.tactic->id());
    for (const auto* list : {&b.aliases, &b.inPlace})
        for (auto [o, i] : *list)
            if (isHost(b.outputLayouts[static_cast<size_t>(o)]) != isHost(b.inputLayouts[static_cast<size_t>(i)]))
                return internalError("output {} cannot share memory with input {}: one is in host memory", o, i);
    return {};
}

Status FlatProgram::flattenKernel(FlatStep& flat, int block) {
    const tactics::Binding& b = flat.step->binding;
    if (!b.tactic) return internalError("it has no tactic");
    if (b.inputs.size() != b.inputLayouts.size() || b.outputs.size() != b.outputLayouts.size())
        return internalError("its layouts do not fit its inputs and outputs");
    flat.begin = flat.end = clock_++;
    for (size_t i = 0; i < b.inputs.size(); ++i) {
        if (b.inputs[i]->isConstant())
            return internalError("it reads the constant '{}' at run time", b.inputs[i]->name());
        TRY(read(*b.inputs[i], block, b.inputLayouts[i], flat.begin));
    }
    for (size_t o = 0; o < b.outputs.size(); ++o) TRY(make(*b.outputs[o], block, b.outputLayouts[o], flat.begin));
    int inputs = static_cast<int>(b.inputs.size()), outputs = static_cast<int>(b.outputs.size());
    for (const auto* list : {&b.aliases, &b.inPlace})
        for (auto [o, i] : *list)
            if (o < 0 || o >= outputs || i < 0 || i >= inputs)
                return internalError("output {} cannot share memory with input {}: there are {} and {}", o, i, outputs,
                                     inputs);
    TRY(checkPlaces(b));
    flat.onHost = tactics::backendOf(*b.tactic) == tactics::Target::Backend::kCpu;
    if (flat.onHost && program_.target.isCuda()) flat.offered = std::make_unique<tactics::Binding>(plan::asOffered(b));
    flat.goesUp = !flat.onHost && b.inputs.size() == 1 && b.inputLayouts[0] == Layout::kHost;
    auto touch = [&](const ir::Value* v) {
        if (v && !v->isConstant() && std::find(flat.touched.begin(), flat.touched.end(), v) == flat.touched.end())
            flat.touched.push_back(v);
    };
    for (const ir::Value* v : b.inputs) touch(v);
    for (const ir::Value* v : b.outputs) touch(v);
    for (const ir::Node* n : b.nodes) {
        if (!n->regions().empty()) return internalError("a kernel covers the control flow node '{}'", n->name());
        for (const ir::Value* v : n->inputs()) touch(v);
        for (const ir::Value* v : n->outputs()) touch(v);
        if (needsCheck(*n)) flat.toCheck.push_back(n);
    }
    return {};
}

Status FlatProgram::flattenControl(int index, int block) {
    const plan::Step& s = *steps_[static_cast<size_t>(index)].step;
    const ir::Node& node = *s.control;
    if (s.regions.size() != node.regions().size())
        return internalError("it has {} step lists for {} regions", s.regions.size(), node.regions().size());
    int begin = clock_++;
    steps_[static_cast<size_t>(index)].begin = begin;
    for (int i = 0; i < node.inputCount(); ++i)
        if (const ir::Value* v = node.input(i)) TRY(read(*v, block, placement_.ofInput(node, i), begin));
    for (const ir::Value* v : node.outputs()) TRY(make(*v, block, placement_.of(*v), begin));
    for (size_t r = 0; r < s.regions.size(); ++r) {
        int nested = TRY(flatten(s.regions[r], *node.regions()[r], block));
        steps_[static_cast<size_t>(index)].blocks.push_back(nested);
    }
    int end = clock_++;
    FlatStep& flat = steps_[static_cast<size_t>(index)];
    flat.end = end;
    // A loop runs its body again: what any of it read from outside is needed to the end. Results of the regions are
    // read by this step after they ran; the outputs are written then.
    for (size_t id = 0; id < values_.size(); ++id) {
        ValueInfo& i = values_[id];
        if (i.block < 0) continue;
        bool outside = visible(i.block, block);
        if (outside && i.lastUse >= begin) i.lastUse = std::max(i.lastUse, end);
    }
    for (size_t r = 0; r < s.regions.size(); ++r)
        for (const ir::Value* v : node.regions()[r]->results())
            if (!v->isConstant()) info(*v).lastUse = std::max(info(*v).lastUse, end);
    for (const ir::Value* v : node.inputs())
        if (v && !v->isConstant()) flat.touched.push_back(v);
    for (const ir::Value* v : node.outputs()) flat.touched.push_back(v);
    return {};
}

void FlatProgram::classify() {
    const auto& symbols = graph().symbols();
    for (const auto& v : graph().values())
        if (v && !v->isConstant()) info(*v).early = shapes_.isEarly(v->shape());
    for (FlatStep& s : steps_) {
        if (s.isControl()) {
            for (const ir::Value* v : s.step->control->outputs())
                s.bindsSymbols = s.bindsSymbols || shapes_.hasSymbols(*v);
            continue;
        }
        for (const ir::Value* v : s.step->binding.outputs) {
            s.bindsSymbols = s.bindsSymbols || shapes_.hasSymbols(*v);
            bool bounded = !info(*v).early;
            for (const ir::Dim& d : v->shape())
                d.forEachSymbol([&](ir::SymbolId id) {
                    const ir::SymbolInfo& info = symbols[static_cast<size_t>(id)];
                    if (shapes_.isEarly(id)) return;
                    // Only a whole extent is bounded by its symbol's bound; expressions need not grow with it.
                    bounded = bounded && d.asSymbol() == id && info.source == ir::SymbolInfo::Source::kOutputDim &&
                              info.value && info.value->producer() == v->producer() &&
                              shapes_.isEarly(ir::Shape{info.upperBound}) &&
                              info.upperBound.valueOr(0) <= kLargestBound;
                });
            info(*v).bounded = bounded;
        }
        s.early = std::all_of(s.touched.begin(), s.touched.end(), [&](const ir::Value* v) {
            bool mine = std::find(s.step->binding.outputs.begin(), s.step->binding.outputs.end(), v) !=
                        s.step->binding.outputs.end();
            return info(*v).early || (mine && info(*v).bounded);
        });
    }
}

}  // namespace lathe::exec

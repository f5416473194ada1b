// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include "ops/debug.h"
#include "plan/io_format.h"

namespace lathe::plan {

void placeIo(Program& program, std::span<const IoTensor> io) {
    program.hostParameters.clear();
    program.hostResults.clear();
    program.parameterLayouts.clear();
    program.resultLayouts.clear();
    const ir::Region& body = program.graph->body();
    for (const IoTensor& t : io) {
        if (t.format == 0 || t.index < 0) continue;
        auto& list = t.isInput ? program.parameterLayouts : program.resultLayouts;
        const auto& values = t.isInput ? body.parameters() : body.results();
        if (t.index >= static_cast<int>(values.size())) continue;
        list.resize(values.size(), tactics::Layout::kLinear);
        const ir::Value& v = *values[static_cast<size_t>(t.index)];
        list[static_cast<size_t>(t.index)] = layoutOf(t.format, v.dtype(), v.shape(), t.isInput);
    }
    if (!program.target.isCuda()) return;
    program.hostParameters.assign(body.parameters().size(), false);
    program.hostResults.assign(body.results().size(), false);
    for (const IoTensor& t : io) {
        std::vector<bool>& list = t.isInput ? program.hostParameters : program.hostResults;
        if (t.isShape && t.index >= 0 && t.index < static_cast<int>(list.size()))
            list[static_cast<size_t>(t.index)] = true;
    }
    for (const ir::SymbolInfo& s : program.graph->symbols())
        if (s.source == ir::SymbolInfo::Source::kElement && s.value && s.value->parameterOf() == &body)
            program.hostParameters[static_cast<size_t>(s.value->outputIndex())] = true;
}

std::set<std::string> debugTensors(const Plan& plan) {
    std::set<std::string> names;
    for (const auto& program : plan.programs)
        program->graph->forEachNode([&](ir::Node& n) {
            if (&n.op() == ops::op_debug) names.insert(n.attrs<ops::DebugAttrs>().name);
        });
    return names;
}

Result<std::string> packedKey(const tactics::PackedWeights& packed) {
    std::string key = packed.kind;
    for (const ir::Value* v : packed.sources) {
        if (!v->isConstant())
            return internalError("packed weights '{}' have a source that is not constant", packed.kind);
        key += fmt::format("/{:016x}", TRY(v->constant()->contentHash()));
    }
    return key;
}

}  // namespace lathe::plan

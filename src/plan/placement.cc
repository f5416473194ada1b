// SPDX-License-Identifier: Apache-2.0
#include "plan/placement.h"

#include <algorithm>

#include "ops/reorder.h"

namespace lathe::plan {
namespace {

using tactics::Layout;

bool isSingleInteger(const ir::Value& v) {
    if (v.dtype() != DType::kBool && v.dtype() != DType::kInt32 && v.dtype() != DType::kInt64) return false;
    if (v.rank() > 1) return false;
    return v.rank() == 0 || !v.shape()[0].isConstant() || v.shape()[0].value() == 1;
}

}  // namespace

Placement::Placement(const Program& program) : program_(program) {
    if (!program.target.isCuda()) return;
    for (const ir::SymbolInfo& s : program.graph->symbols())
        if (s.source == ir::SymbolInfo::Source::kElement && s.value) read_.insert(s.value);
}

Layout Placement::of(const ir::Value& v) const {
    bool isParameter = v.parameterOf() == &program_.graph->body();
    size_t i = static_cast<size_t>(v.outputIndex());
    if (isParameter && i < program_.parameterLayouts.size() && program_.parameterLayouts[i] != Layout::kLinear)
        return program_.parameterLayouts[i];
    if (!program_.target.isCuda()) return Layout::kLinear;
    if (isParameter)
        return i < program_.hostParameters.size() && program_.hostParameters[i] ? Layout::kHost : Layout::kLinear;
    const ir::Node* n = v.producer();
    if (n && &n->op() == ops::op_reorder)
        return n->attrs<ops::ReorderAttrs>().to == static_cast<int64_t>(Layout::kHost) ? Layout::kHost
                                                                                       : Layout::kLinear;
    if (isRead(v) || v.elements()) return Layout::kHost;
    bool ofControl = v.parameterOf() || (n && !n->regions().empty());
    return ofControl && isSingleInteger(v) ? Layout::kHost : Layout::kLinear;
}

Layout Placement::ofResult(const ir::Region& region, int index) const {
    size_t i = static_cast<size_t>(index);
    bool isBody = &region == &program_.graph->body();
    if (isBody && i < program_.resultLayouts.size() && program_.resultLayouts[i] != Layout::kLinear)
        return program_.resultLayouts[i];
    if (!program_.target.isCuda()) return Layout::kLinear;
    if (isBody) {
        return i < program_.hostResults.size() && program_.hostResults[i] ? Layout::kHost : Layout::kLinear;
    }
    const ir::Value& v = *region.results()[static_cast<size_t>(index)];
    return isSingleInteger(v) || of(v) == Layout::kHost ? Layout::kHost : Layout::kLinear;
}

Layout Placement::ofInput(const ir::Node& control, int index) const {
    if (!program_.target.isCuda()) return Layout::kLinear;
    const ir::Value& v = *control.input(index);
    return isSingleInteger(v) || of(v) == Layout::kHost ? Layout::kHost : Layout::kLinear;
}

bool moveToHost(tactics::Binding& b) {
    auto linear = [](Layout l) { return l == Layout::kLinear; };
    if (!std::all_of(b.inputLayouts.begin(), b.inputLayouts.end(), linear) ||
        !std::all_of(b.outputLayouts.begin(), b.outputLayouts.end(), linear))
        return false;
    std::fill(b.inputLayouts.begin(), b.inputLayouts.end(), Layout::kHost);
    std::fill(b.outputLayouts.begin(), b.outputLayouts.end(), Layout::kHost);
    return true;
}

tactics::Binding asOffered(const tactics::Binding& moved) {
    tactics::Binding b = moved;
    for (auto* list : {&b.inputLayouts, &b.outputLayouts})
        for (Layout& l : *list)
            if (l == Layout::kHost) l = Layout::kLinear;
    return b;
}

}  // namespace lathe::plan

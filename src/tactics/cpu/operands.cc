// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/operands.h"

#include <algorithm>

namespace lathe::tactics {

Result<Operand> operandOf(const ir::Value* v, const Binding& binding, const PrepareContext& c) {
    Operand o;
    if (!v) return o;
    if (v->isConstant()) {
        o.constant = TRY(c.weights(*v)).data();
        return o;
    }
    auto at = std::find(binding.inputs.begin(), binding.inputs.end(), v);
    if (at == binding.inputs.end()) return internalError("value '{}' is not among the inputs", v->name());
    o.slot = static_cast<int>(at - binding.inputs.begin());
    return o;
}

Candidate bindAlone(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, double secondsAnElement) {
    Candidate candidate{bindNode(tactic, anchor), 5e-7, 0};
    double elements = 0;
    for (const ir::Value* v : anchor.outputs()) elements += static_cast<double>(ir::volume(c.optDims(*v)));
    candidate.estimate += secondsAnElement * elements;
    return candidate;
}

}  // namespace lathe::tactics

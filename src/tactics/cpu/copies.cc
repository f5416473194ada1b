// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/copies.h"

#include <algorithm>

namespace lathe::tactics {

Status setSource(CopyPart& part, const ir::Value& v, const Binding& binding, const PrepareContext& c) {
    if (v.isConstant()) {
        part.constant = TRY(c.weights(v)).data();
        return {};
    }
    auto at = std::find(binding.inputs.begin(), binding.inputs.end(), &v);
    if (at == binding.inputs.end()) return internalError("value '{}' is not among the inputs", v.name());
    part.input = static_cast<int>(at - binding.inputs.begin());
    return {};
}

Result<std::unique_ptr<Kernel>> makeCopies(const std::vector<CopyShape>& copies, const Binding& binding,
                                           const PrepareContext& c) {
    std::vector<CopyPart> parts;
    for (const CopyShape& copy : copies) {
        int bytes = elementBytes(copy.from->dtype());
        CopyPart part{TRY(cpu::StridedCopy::make(copy.dims, copy.fromStrides, copy.toStrides, bytes))};
        TRY(setSource(part, *copy.from, binding, c));
        part.output = copy.output;
        part.inputOffset = copy.fromOffset * bytes;
        part.outputOffset = copy.toOffset * bytes;
        parts.push_back(std::move(part));
    }
    return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
}

BindResult bindCopy(const Tactic& tactic, const ir::Node& anchor, const BindContext& c) {
    if (elementBytes(anchor.output()->dtype()) == 0)
        return BindResult::refuse(fmt::format("type {} shares bytes", toString(anchor.output()->dtype())));
    Candidate candidate{bindNode(tactic, anchor), 0, 0};
    double bytes = 0;
    for (const ir::Value* v : anchor.outputs())
        bytes += static_cast<double>(bytesOf({v->dtype(), Layout::kLinear}, c.optDims(*v)));
    candidate.estimate = 3e-7 + bytes * 1e-10;
    return {{candidate}, {}};
}

Result<std::vector<int64_t>> constantIntegers(const ir::Value& v, const PrepareContext& c) {
    auto bytes = TRY(c.weights(v));
    std::vector<int64_t> out;
    if (v.dtype() == DType::kInt64) {
        const auto* p = reinterpret_cast<const int64_t*>(bytes.data());
        out.assign(p, p + bytes.size() / 8);
    } else if (v.dtype() == DType::kInt32) {
        const auto* p = reinterpret_cast<const int32_t*>(bytes.data());
        out.assign(p, p + bytes.size() / 4);
    } else {
        return internalError("operand '{}' holds no integers", v.name());
    }
    return out;
}

}  // namespace lathe::tactics

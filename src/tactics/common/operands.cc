// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/operands.h"

namespace lathe::tactics {

std::optional<std::vector<int64_t>> knownIntegers(const ir::Value* v) {
    if (!v || !v->elements() || !ir::isConstant(*v->elements())) return std::nullopt;
    return ir::constantDims(*v->elements());
}

AxisSplit splitAt(const ir::Dims& dims, int64_t axis) {
    AxisSplit s;
    int64_t at = fromStart(axis, static_cast<int>(dims.size()));
    for (int64_t d = 0; d < static_cast<int64_t>(dims.size()); ++d)
        (d < at ? s.outer : d == at ? s.n : s.inner) *= dims[static_cast<size_t>(d)];
    return s;
}

Result<std::vector<float>> constantFloats(const ir::Value& v, const ir::Dims& dims, const PrepareContext& c) {
    auto bytes = TRY(c.weights(v));
    // Surplus axes of 1, as of a number a channel in [1, C, 1, 1], change nothing.
    ir::Dims from = c.dims(v);
    while (from.size() > dims.size() && from.front() == 1) from.erase(from.begin());
    while (from.size() > dims.size() && from.back() == 1) from.pop_back();
    if (from.size() > dims.size()) return internalError("a constant of {} axes for {}", from.size(), dims.size());
    // Strides of the constant over `dims`, innermost last.
    std::vector<int64_t> strides(dims.size(), 0);
    int64_t step = 1;
    for (size_t k = from.size(), d = dims.size(); k > 0; --k) {
        --d;
        if (from[k - 1] != 1 && from[k - 1] != dims[d])
            return internalError("a constant of shape {} for {}", ir::toString(from), ir::toString(dims));
        strides[d] = from[k - 1] == 1 ? 0 : step;
        step *= from[k - 1];
    }
    std::vector<float> out(static_cast<size_t>(ir::volume(dims)));
    for (size_t i = 0; i < out.size(); ++i) {
        int64_t rest = static_cast<int64_t>(i), at = 0;
        for (size_t d = dims.size(); d > 0; --d) {
            at += rest % dims[d - 1] * strides[d - 1];
            rest /= dims[d - 1];
        }
        switch (v.dtype()) {
            case DType::kHalf: out[i] = static_cast<float>(reinterpret_cast<const Half*>(bytes.data())[at]); break;
            case DType::kBf16: out[i] = static_cast<float>(reinterpret_cast<const BFloat16*>(bytes.data())[at]); break;
            default: out[i] = reinterpret_cast<const float*>(bytes.data())[at]; break;
        }
    }
    return out;
}

BindResult bindView(const Tactic& tactic, const ir::Node& node) {
    if (!node.op().is(ir::Op::kView) || node.input(0)->isConstant()) return {};
    Candidate candidate{bindNode(tactic, node), 0, 0};
    // Shape inputs have been read by then; only the data counts.
    candidate.binding.inputs = {node.input(0)};
    candidate.binding.inputLayouts = {Layout::kLinear};
    candidate.binding.aliases = {{0, 0}};
    return {{candidate}, {}};
}

}  // namespace lathe::tactics

// SPDX-License-Identifier: Apache-2.0
// For tests of ops with regions: whole graphs in text form.
#pragma once

#include "ir/text.h"
#include "ir/verify.h"
#include "ops/ops_testing.h"
#include "ops/registry.h"

namespace lathe::ops::testing {

// Parses, infers, verifies (inference over a copy must agree, printing and parsing again too) and runs the graph.
inline Result<std::vector<HostTensor>> runGraph(const char* text, const std::vector<HostTensor>& inputs) {
    auto graph = TRY(ir::parse(text, find));
    TRY(ir::verify(*graph));
    std::string printed = ir::print(*graph);
    auto again = TRY_IN("parsing what was printed:\n" + printed, ir::parse(printed, find));
    EXPECT_EQ(ir::print(*again), printed);
    std::vector<Tensor> tensors;
    for (const HostTensor& t : inputs) tensors.push_back(t.tensor);
    return ir::interpret(*again, tensors);
}

inline std::string graphError(const char* text, const std::vector<HostTensor>& inputs = {}) {
    auto r = runGraph(text, inputs);
    return r.ok() ? "" : r.status().message();
}

// The type of result `i`, with the bounds of the data-dependent extents: "f32[s0 <= 4, 3]".
inline std::string resultType(const char* text, int i = 0) {
    auto graph = ir::parse(text, find);
    if (!graph.ok()) return graph.status().message();
    const ir::Value* v = (*graph)->body().results()[i];
    std::string s(toString(v->dtype()));
    s += "[";
    for (const Dim& d : v->shape()) {
        if (s.back() != '[') s += ", ";
        s += d.toString();
        ir::SymbolId id = d.asSymbol();
        if (id >= 0 && (*graph)->symbols()[id].source == ir::SymbolInfo::Source::kOutputDim)
            s += " <= " + ((*graph)->symbols()[id].upperBound == Dim(ir::kMaxExtent)
                               ? "?"
                               : (*graph)->symbols()[id].upperBound.toString());
    }
    return s + "]";
}

}  // namespace lathe::ops::testing

// SPDX-License-Identifier: Apache-2.0
#include "exec/exec_testing.h"

#include <unordered_map>

namespace lathe::exec::testing {

FixedShapes::FixedShapes(const ir::Graph& graph, tactics::Target target) : target_(std::move(target)) {
    for (size_t i = 0; i < graph.symbols().size(); ++i) {
        const ir::SymbolInfo& s = graph.symbols()[i];
        if (s.source != ir::SymbolInfo::Source::kOutputDim) continue;
        auto bound = s.upperBound.eval(symbols_);
        if (bound.ok()) symbols_.set(static_cast<ir::SymbolId>(i), *bound);
    }
}

ir::Dims FixedShapes::optDims(const ir::Value& v) const {
    auto dims = ir::evalShape(v.shape(), symbols_);
    EXPECT_TRUE(dims.ok()) << v.name() << ": " << dims.status().toString();
    return dims.ok() ? *dims : ir::Dims(v.shape().size(), 1);
}

MatchResult compareTactic(const ir::Graph& graph, const tactics::Tactic& tactic, std::span<const ir::Tensor> inputs,
                          const Tolerance& tolerance, const std::string& where) {
    MatchResult result;
    // What the interpreter gives for every value. Its tensors live only while the observer runs, so they are copied.
    std::unordered_map<const ir::Value*, ir::HostTensor> values;
    auto keep = [&](const ir::Value* v, const ir::Tensor& t) {
        auto copy = ir::allocateTensor(t.dtype, t.dims);
        ASSERT_TRUE(copy.ok()) << copy.status().toString();
        if (t.byteSize()) std::memcpy(copy->tensor.data, t.data, t.byteSize());
        values[v] = copy.take();
    };
    const auto& parameters = graph.body().parameters();
    for (size_t i = 0; i < parameters.size() && i < inputs.size(); ++i) keep(parameters[i], inputs[i]);
    auto ran = ir::interpret(graph, inputs, [&](const ir::Node& n, std::span<const ir::Tensor> outputs) {
        for (size_t o = 0; o < outputs.size(); ++o) keep(n.output(static_cast<int>(o)), outputs[o]);
    });
    EXPECT_TRUE(ran.ok()) << where << ": " << ran.status().toString();
    if (!ran.ok()) return result;

    FixedShapes shapes(graph);
    for (const auto& node : graph.body().nodes()) {
        if (std::strcmp(tactic.anchor(), "*") != 0 && std::strcmp(tactic.anchor(), node->op().name()) != 0) continue;
        tactics::BindResult bound = tactic.bind(*node, shapes);
        result.refusals.insert(result.refusals.end(), bound.refusals.begin(), bound.refusals.end());
        for (const tactics::Candidate& c : bound.candidates) {
            const tactics::Binding& b = c.binding;
            std::string at = fmt::format("{}, node '{}', tactic {}{}", where, node->name(), tactic.id(), ir::toString(b.params));
            ++result.candidates;
            EXPECT_EQ(b.inputs.size(), b.inputLayouts.size()) << at;
            EXPECT_EQ(b.outputs.size(), b.outputLayouts.size()) << at;
            auto alone = Standalone::create(b, shapes);
            EXPECT_TRUE(alone.ok()) << at << ": " << alone.status().toString();
            if (!alone.ok()) continue;
            EXPECT_LE((*alone)->workspaceBytes(), c.workspaceBytes) << at << ": more workspace than the candidate says";
            for (size_t i = 0; i < b.inputs.size(); ++i) {
                Status s = (*alone)->setInput(static_cast<int>(i), values.at(b.inputs[i]).tensor);
                EXPECT_TRUE(s.ok()) << at << ": " << s.toString();
            }
            Status s = (*alone)->run();
            EXPECT_TRUE(s.ok()) << at << ": " << s.toString();
            if (!s.ok()) continue;
            for (size_t o = 0; o < b.outputs.size(); ++o) {
                auto got = (*alone)->output(static_cast<int>(o));
                EXPECT_TRUE(got.ok()) << at << ": " << got.status().toString();
                if (!got.ok()) continue;
                Status same = compare(got->tensor, values.at(b.outputs[o]).tensor, tolerance);
                EXPECT_TRUE(same.ok()) << at << ", output '" << b.outputs[o]->name() << "': " << same.message();
            }
        }
    }
    return result;
}

void expectTacticMatches(const ir::Graph& graph, const char* tacticId, std::span<const ir::Tensor> inputs,
                         const Tolerance& tolerance) {
    const tactics::Tactic* tactic = tactics::find(tacticId);
    ASSERT_NE(tactic, nullptr) << tacticId;
    MatchResult r = compareTactic(graph, *tactic, inputs, tolerance, graph.name);
    EXPECT_GT(r.candidates, 0) << tacticId << " binds nowhere: " << ::testing::PrintToString(r.refusals);
}

void expectTacticMatches(const ir::Graph& graph, const char* tacticId, const Tolerance& tolerance) {
    std::vector<ir::Tensor> tensors;
    auto inputs = randomInputs(graph, 7);
    for (const ir::HostTensor& t : inputs) tensors.push_back(t.tensor);
    expectTacticMatches(graph, tacticId, tensors, tolerance);
}

std::vector<ir::HostTensor> randomInputs(const ir::Graph& graph, uint64_t seed) {
    std::vector<ir::HostTensor> out;
    for (const ir::Value* v : graph.body().parameters()) {
        EXPECT_TRUE(ir::isConstant(v->shape())) << v->name() << " has shape " << ir::toString(v->shape());
        auto t = ir::allocateTensor(v->dtype(), ir::constantDims(v->shape()));
        EXPECT_TRUE(t.ok()) << t.status().toString();
        Status s = ops::fillRandom(t->tensor, isFloating(v->dtype()) ? -1 : 0, 1, seed++);
        EXPECT_TRUE(s.ok()) << s.toString();
        out.push_back(t.take());
    }
    return out;
}

}  // namespace lathe::exec::testing

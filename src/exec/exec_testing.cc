// SPDX-License-Identifier: Apache-2.0
#include "exec/exec_testing.h"

#include <unordered_map>

#include "plan/plan_testing.h"

namespace lathe::exec::testing {

FixedShapes::FixedShapes(const ir::Graph& graph, std::span<const ir::Tensor> inputs) {
    std::vector<ir::Dims> dims;
    std::vector<const void*> data;
    for (const ir::Tensor& t : inputs) {
        dims.push_back(t.dims);
        data.push_back(t.data);
    }
    ShapeProgram shapes(graph);
    auto symbols = shapes.bindInputs(dims, data);
    EXPECT_TRUE(symbols.ok()) << symbols.status().toString();
    if (symbols.ok()) symbols_ = shapes.withBounds(*symbols);
}

std::optional<std::vector<int64_t>> FixedShapes::optElements(const ir::Value& v) const {
    if (!v.elements()) return std::nullopt;
    auto values = ir::evalShape(*v.elements(), symbols_);
    return values.ok() ? std::optional(*values) : std::nullopt;
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

    FixedShapes shapes(graph, inputs);
    for (const auto& node : graph.body().nodes()) {
        if (std::strcmp(tactic.anchor(), "*") != 0 && std::strcmp(tactic.anchor(), node->op().name()) != 0) continue;
        tactics::BindResult bound = tactic.bind(*node, shapes);
        result.refusals.insert(result.refusals.end(), bound.refusals.begin(), bound.refusals.end());
        for (const tactics::Candidate& c : bound.candidates) {
            const tactics::Binding& b = c.binding;
            std::string at =
                fmt::format("{}, node '{}', tactic {}{}", where, node->name(), tactic.id(), ir::toString(b.params));
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
    auto inputs = randomInputs(graph, 7);
    expectTacticMatches(graph, tacticId, tensorsOf(inputs), tolerance);
}

std::vector<ir::Tensor> tensorsOf(const std::vector<ir::HostTensor>& list) {
    std::vector<ir::Tensor> out;
    for (const ir::HostTensor& t : list) out.push_back(t.tensor);
    return out;
}

std::vector<ir::HostTensor> randomInputs(const ir::Graph& graph, uint64_t seed, const ir::SymbolValues& symbols) {
    std::vector<ir::HostTensor> out;
    for (const ir::Value* v : graph.body().parameters()) {
        auto dims = ir::evalShape(v->shape(), symbols);
        EXPECT_TRUE(dims.ok()) << v->name() << ": " << dims.status().toString();
        auto t = ir::allocateTensor(v->dtype(), dims.ok() ? *dims : ir::Dims(v->shape().size(), 1));
        EXPECT_TRUE(t.ok()) << t.status().toString();
        Status s = ops::fillRandom(t->tensor, isFloating(v->dtype()) ? -1 : 0, 1, seed++);
        EXPECT_TRUE(s.ok()) << s.toString();
        out.push_back(t.take());
    }
    return out;
}

std::unique_ptr<plan::Program> makeProgram(std::unique_ptr<ir::Graph> graph, uint64_t seed) {
    auto made = plan::testing::makePlan(std::move(graph), seed);
    auto program = std::make_unique<plan::Program>(std::move(*made->programs[0]));
    program->target = buildTarget();
    return program;
}

Session::Session(const plan::Program& program) {
    auto flat = FlatProgram::create(program);
    EXPECT_TRUE(flat.ok()) << flat.status().toString();
    if (!flat.ok()) return;
    flat_ = flat.take();
    store_ = std::make_unique<PackedStore>(program.target);
    kernels_ = std::make_unique<KernelCache>(flat_->steps().size());
    scratch_ = std::make_unique<Scratch>(Allocator::system());
}

Result<std::vector<ir::HostTensor>> Session::run(std::span<const ir::Tensor> inputs) {
    if (!flat_) return internalError("the program could not be flattened");
    std::vector<ir::Dims> dims;
    std::vector<const void*> data;
    for (const ir::Tensor& t : inputs) {
        dims.push_back(t.dims);
        data.push_back(t.data);
    }
    ir::SymbolValues symbols = TRY(flat_->shapes().bindInputs(dims, data));
    if (!prepared_ || !(prepared_->symbols() == symbols))
        prepared_ = TRY(Prepared::create({flat_.get(), store_.get(), kernels_.get(), scratch_.get()}, symbols, reserved,
                                         largest ? &*largest : nullptr));
    Memory arena = TRY(allocate(prepared_->arenaBytes()));
    std::memset(arena.get(), 0xa5, static_cast<size_t>(alignUp(prepared_->arenaBytes())));
    std::vector<ir::HostTensor> outputs(flat_->graph().body().results().size());
    std::vector<void*> pointers(outputs.size(), nullptr);
    auto allocateResult = [&](int r, const ir::Dims& shape) -> Status {
        auto& out = outputs[static_cast<size_t>(r)];
        out = TRY(ir::allocateTensor(flat_->graph().body().results()[static_cast<size_t>(r)]->dtype(), shape));
        if (out.tensor.byteSize()) std::memset(out.tensor.data, 0x5a, out.tensor.byteSize());
        return {};
    };
    for (size_t r = 0; r < outputs.size(); ++r) {
        if (!prepared_->isResultEarly(static_cast<int>(r))) continue;
        TRY(allocateResult(static_cast<int>(r), *prepared_->resultDims(static_cast<int>(r), false)));
        pointers[r] = outputs[r].tensor.data;
    }
    std::function<Result<void*>(int, const ir::Dims&, int64_t)> place = [&](int r, const ir::Dims& shape,
                                                                            int64_t) -> Result<void*> {
        TRY(allocateResult(r, shape));
        return outputs[static_cast<size_t>(r)].tensor.data;
    };
    RunBindings b;
    b.inputs = data;
    b.outputs = pointers;
    b.arena = arena.get();
    b.place = &place;
    TRY(prepared_->run(b));
    return outputs;
}

void expectSameAsInterpreter(Session& session, const ir::Graph& graph, std::span<const ir::Tensor> inputs,
                             const Tolerance& tolerance) {
    auto want = ir::interpret(graph, inputs);
    ASSERT_TRUE(want.ok()) << want.status().toString();
    auto got = session.run(inputs);
    ASSERT_TRUE(got.ok()) << got.status().toString();
    ASSERT_EQ(got->size(), want->size());
    for (size_t r = 0; r < want->size(); ++r) {
        Status same = compare((*got)[r].tensor, (*want)[r].tensor, tolerance);
        EXPECT_TRUE(same.ok()) << "result " << r << ": " << same.message();
    }
}

}  // namespace lathe::exec::testing

// SPDX-License-Identifier: Apache-2.0
#include "exec/exec_testing.h"

#include <unordered_map>

#include "plan/plan_testing.h"

namespace lathe::exec::testing {

FixedShapes::FixedShapes(const ir::Graph& graph, std::span<const ir::Tensor> inputs, tactics::Target target,
                         bool relaxed)
    : target_(std::move(target)), relaxed_(relaxed) {
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
                          const Tolerance& tolerance, const std::string& where, const Machine& machine) {
    MatchResult result;
    PackedStore store(machine.target, {}, machine.device);
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

    FixedShapes shapes(graph, inputs, machine.target, machine.relaxed);
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
            auto alone = Standalone::create(b, shapes, &store);
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
                auto zero = (*alone)->paddingIsZero(static_cast<int>(o));
                EXPECT_TRUE(zero.ok() && *zero) << at << ": lanes that pad a block";
                Status same = compare(got->tensor, values.at(b.outputs[o]).tensor, tolerance);
                EXPECT_TRUE(same.ok()) << at << ", output '" << b.outputs[o]->name() << "': " << same.message();
            }
            Status guards = (*alone)->guardsIntact();
            EXPECT_TRUE(guards.ok()) << at << ": " << guards.toString();
        }
    }
    return result;
}

MatchResult planTactic(const ir::Graph& graph, const tactics::Tactic& tactic, std::span<const ir::Tensor> inputs,
                       const std::string& where, const tactics::Target& target, std::vector<cuda::KernelPlan>& plans) {
    MatchResult result;
    FixedShapes shapes(graph, inputs, target);
    PackedStore store(target);
    std::unordered_map<const ir::Value*, ir::Dims> known;
    auto dimsOf = [&](const ir::Value& v) -> const ir::Dims& {
        auto [at, fresh] = known.try_emplace(&v);
        if (fresh) at->second = shapes.optDims(v);
        return at->second;
    };
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
            for (size_t i = 0; i < b.packed.size(); ++i) {
                auto packed = store.get(b, static_cast<int>(i));
                EXPECT_TRUE(packed.ok()) << at << ": " << packed.status().toString();
            }
            auto kernel = tactic.prepare(b, PlanPreparation(b, dimsOf, store, plans));
            EXPECT_TRUE(kernel.ok()) << at << ": " << kernel.status().toString();
            if (!kernel.ok()) continue;
            EXPECT_LE((*kernel)->workspaceBytes(), c.workspaceBytes)
                << at << ": more workspace than the candidate says";
        }
    }
    return result;
}

std::optional<ops::Sample> sampleIn(DType dtype, const ir::Op& op, const ir::SampleCase& c, uint64_t seed) {
    ir::SampleCase other = c;
    bool any = false;
    for (ir::SampleInput& in : other.inputs)
        if (!in.absent && in.dtype == DType::kFloat) {
            in.dtype = dtype;
            any = true;
        }
    if (!any) return std::nullopt;
    auto sample = ops::makeSample(op, other, seed);
    if (!sample.ok() || !ir::interpret(*sample->graph, sample->inputTensors()).ok()) return std::nullopt;
    return sample.take();
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

Session::Session(const plan::Program& program, device::Accelerator* device) : device_(device) {
    auto flat = FlatProgram::create(program);
    EXPECT_TRUE(flat.ok()) << flat.status().toString();
    if (!flat.ok()) return;
    flat_ = flat.take();
    store_ = std::make_unique<PackedStore>(program.target, std::span<const plan::Plan::PackedBlob>(), device);
    kernels_ = std::make_unique<KernelCache>(flat_->steps().size());
    scratch_ = std::make_unique<Scratch>(device ? Allocator::of(*device) : Allocator::system());
    hostScratch_ = std::make_unique<Scratch>(Allocator::system());
    if (device) {
        auto stream = device->makeStream();
        EXPECT_TRUE(stream.ok());
        if (stream.ok()) stream_ = stream.take();
        aux_ = std::make_unique<AuxStreams>(device);
    }
}

Session::~Session() = default;

namespace {

// Memory of a device, freed at the end.
class Blocks {
  public:
    Blocks(device::Accelerator* device, device::StreamHandle stream) : device_(device), stream_(stream) {}
    ~Blocks() {
        for (void* p : list_) device_->free(p);
    }
    Result<void*> take(size_t bytes) {
        list_.push_back(TRY(device_->allocate(static_cast<int64_t>(bytes))));
        TRY(device_->fill(list_.back(), 0x5a, static_cast<int64_t>(bytes), stream_));
        return list_.back();
    }

  private:
    device::Accelerator* device_;
    device::StreamHandle stream_;
    std::vector<void*> list_;
};

}  // namespace

Result<std::vector<ir::HostTensor>> Session::run(std::span<const ir::Tensor> inputs) {
    if (!flat_) return internalError("the program could not be flattened");
    const plan::Program& program = flat_->program();
    auto isThere = [&](const std::vector<bool>& host, size_t i) { return device_ && !(i < host.size() && host[i]); };
    device::StreamHandle stream = stream_ ? stream_->handle() : nullptr;
    Blocks blocks(device_, stream);
    std::vector<ir::Dims> dims;
    std::vector<const void*> data;
    for (size_t i = 0; i < inputs.size(); ++i) {
        dims.push_back(inputs[i].dims);
        data.push_back(inputs[i].data);
        if (!isThere(program.hostParameters, i)) continue;
        data.back() = TRY(blocks.take(inputs[i].byteSize()));
        TRY(device_->copy(const_cast<void*>(data.back()), inputs[i].data, static_cast<int64_t>(inputs[i].byteSize()),
                          stream));
    }
    ir::SymbolValues symbols = TRY(flat_->shapes().bindInputs(dims, data));
    if (!prepared_ || !(prepared_->symbols() == symbols))
        prepared_ = TRY(Prepared::create({flat_.get(), store_.get(), kernels_.get(), scratch_.get(), device_,
                                          hostScratch_.get(), nullptr, nullptr, aux_.get()},
                                         symbols, reserved, largest ? &*largest : nullptr));
    Memory arena;
    std::byte* arenaData = nullptr;
    if (device_) {
        arenaData = static_cast<std::byte*>(TRY(blocks.take(static_cast<size_t>(prepared_->arenaBytes()))));
    } else {
        arena = TRY(allocate(prepared_->arenaBytes()));
        std::memset(arena.get(), 0xa5, static_cast<size_t>(alignUp(prepared_->arenaBytes())));
        arenaData = arena.get();
    }
    std::vector<ir::HostTensor> outputs(flat_->graph().body().results().size());
    std::vector<void*> pointers(outputs.size(), nullptr);
    auto allocateResult = [&](int r, const ir::Dims& shape) -> Result<void*> {
        size_t k = static_cast<size_t>(r);
        auto& out = outputs[k];
        out = TRY(ir::allocateTensor(flat_->graph().body().results()[k]->dtype(), shape));
        if (out.tensor.byteSize()) std::memset(out.tensor.data, 0x5a, out.tensor.byteSize());
        pointers[k] = isThere(program.hostResults, k) ? TRY(blocks.take(out.tensor.byteSize())) : out.tensor.data;
        return pointers[k];
    };
    for (size_t r = 0; r < outputs.size(); ++r)
        if (prepared_->isResultEarly(static_cast<int>(r)))
            TRY(allocateResult(static_cast<int>(r), *prepared_->resultDims(static_cast<int>(r), false)));
    std::function<Result<void*>(int, const ir::Dims&, int64_t)> place =
        [&](int r, const ir::Dims& shape, int64_t) -> Result<void*> { return allocateResult(r, shape); };
    RunBindings b;
    std::vector<void*> given = pointers;
    b.inputs = data;
    b.outputs = given;
    b.arena = arenaData;
    b.place = &place;
    b.stream = stream;
    TRY(prepared_->run(b));
    for (size_t r = 0; r < outputs.size() && device_; ++r)
        if (isThere(program.hostResults, r))
            TRY(device_->copy(outputs[r].tensor.data, pointers[r], static_cast<int64_t>(outputs[r].tensor.byteSize()),
                              stream));
    if (device_) TRY(device_->synchronize(stream));
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

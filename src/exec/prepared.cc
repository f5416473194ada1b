// SPDX-License-Identifier: Apache-2.0
#include "exec/prepared.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "exec/layout.h"
#include "exec/preparation.h"
#include "ops/debug.h"
#include "ops/reorder.h"
#include "tactics/cuda/launcher.h"

namespace lathe::exec {

Prepared::~Prepared() {
    // Work in the stream may still use the recordings.
    device::Current current(env_.device);
    recorded_.clear();
}

Result<std::unique_ptr<Prepared>> Prepared::create(const Environment& env, ir::SymbolValues symbols,
                                                   int64_t reservedBytes, const MemoryPlan* largest) {
    auto prepared = std::unique_ptr<Prepared>(new Prepared(env));
    prepared->early_ = std::move(symbols);
    prepared->symbols_ = prepared->early_;
    TRY(prepared->setUp(reservedBytes, largest));
    return prepared;
}

Status Prepared::setUp(int64_t reservedBytes, const MemoryPlan* largest) {
    const ir::Graph& graph = program_.graph();
    ir::SymbolValues bounded = program_.shapes().withBounds(early_);
    dims_.resize(graph.values().size());
    for (const auto& v : graph.values()) {
        if (!v) continue;
        if (v->isConstant())
            dimsOf(*v) = v->constant()->dims();
        else if (program_.isEarly(*v) || program_.isBounded(*v))
            dimsOf(*v) = TRY_IN(fmt::format("value '{}'", v->name()), ir::evalShape(v->shape(), bounded));
    }
    plan_ = TRY(MemoryPlan::create(program_, early_));
    symbols_ = bounded;
    TRY(makeItems());
    symbols_ = early_;
    arenaBytes_ = plan_.arenaBytes + workspaceBytes_;
    if (arenaBytes_ > reservedBytes && largest && largest->arenaBytes + workspaceBytes_ <= reservedBytes &&
        largest->fits(plan_)) {
        plan_ = *largest;
        arenaBytes_ = plan_.arenaBytes + workspaceBytes_;
    }
    if (env_.device) {
        hostArena_ = TRY(allocate(plan_.hostArenaBytes + hostWorkspaceBytes_));
        hostWorkspace_ = hostArena_.get() + plan_.hostArenaBytes;
        recordable_ = isStatic_ && !waiting_ && recording_ != tactics::Kernel::Recording::kNever;
        TRY(makeEvents());
    }
    makeArguments();
    return {};
}

// What the GPU's kernels of these shapes lack is compiled on all threads at once; one after the other it would take
// minutes.
void Prepared::compileAhead() {
    std::vector<cuda::KernelPlan> plans;
    auto dims = [this](const ir::Value& v) -> const ir::Dims& { return dimsOf(v); };
    for (size_t i = 0; i < program_.steps().size(); ++i) {
        const FlatStep& s = program_.steps()[i];
        if (s.isControl() || s.onHost || !s.early) continue;
        key_.clear();
        for (const ir::Value* v : s.touched) key_.insert(key_.end(), dimsOf(*v).begin(), dimsOf(*v).end());
        if (env_.kernels->find(static_cast<int>(i), key_)) continue;
        const tactics::Binding& b = s.step->binding;
        // A failure is told when the step is prepared.
        (void)b.tactic->prepare(b, PlanPreparation(b, dims, *env_.store, plans));
    }
    cuda::compileAhead(plans, env_.device->architecture());
}

Status Prepared::makeItems() {
    const auto& steps = program_.steps();
    if (env_.device) compileAhead();
    items_.resize(steps.size());
    kernels_.resize(steps.size());
    scratchOf_.resize(program_.blocks().size());
    for (size_t b = 0; b < plan_.buffers.size(); ++b)
        if (plan_.buffers[b].kind == Buffer::Kind::kScratch) {
            scratchOf_[static_cast<size_t>(plan_.buffers[b].block)].push_back(static_cast<int>(b));
            isStatic_ = false;
        }
    std::vector<bool> nested(steps.size(), true);
    for (int s : program_.blocks()[0].steps) nested[static_cast<size_t>(s)] = false;
    std::vector<int64_t> workspaces(static_cast<size_t>(program_.streams()), 0);
    for (size_t i = 0; i < steps.size(); ++i) {
        const FlatStep& s = steps[i];
        Item& item = items_[i];
        item.step = static_cast<int>(i);
        item.early = env_.device && (s.onHost || s.goesUp);
        if (s.isControl()) {
            if (env_.device && !waiting_) waiting_ = s.step;

            item.mode = Item::Mode::kControl;
            continue;
        }
        const tactics::Binding& b = s.step->binding;
        auto scratch = [&](const ir::Value* v) { return inScratch(*v); };
        if (!s.early || std::any_of(b.inputs.begin(), b.inputs.end(), scratch) ||
            std::any_of(b.outputs.begin(), b.outputs.end(), scratch)) {
            item.mode = Item::Mode::kLate;
            isStatic_ = false;
            if (!s.onHost && !waiting_) waiting_ = s.step;
            continue;
        }
        bool bounded =
            std::any_of(b.outputs.begin(), b.outputs.end(), [&](const ir::Value* v) { return program_.isBounded(*v); });
        if (bounded || s.bindsSymbols) {
            item.mode = Item::Mode::kFinds;
            isStatic_ = false;
            for (const ir::Value* v : b.outputs) item.bounds.push_back(dimsOf(*v));
            item.outputDims = item.bounds;
            item.args.outputDims = item.outputDims.data();
        }
        auto kernel = kernelFor(item.step);
        if (!kernel.ok() && nested[i]) {
            // Shapes that don't suit a branch are an error only if it runs.
            item.mode = Item::Mode::kLate;
            isStatic_ = false;
            continue;
        }
        kernels_[i] = TRY_IN(fmt::format("step '{}'", s.step->name), std::move(kernel));
        item.kernel = kernels_[i].get();
        if (item.kernel->waits() && !waiting_) waiting_ = s.step;
        if (!s.onHost) recording_ = std::max(recording_, item.kernel->recording());
        int64_t& workspace = env_.device && s.onHost ? hostWorkspaceBytes_ : workspaces[laneOf(item)];
        workspace = std::max(workspace, alignUp(item.kernel->workspaceBytes()));
    }
    for (int64_t bytes : workspaces) {
        if (!workspaceAt_.empty())
            workspaceBytes_ = (workspaceBytes_ + kDeviceAlignment - 1) / kDeviceAlignment * kDeviceAlignment;
        workspaceAt_.push_back(workspaceBytes_);
        workspaceBytes_ += bytes;
    }
    return {};
}

// Lays out the argument pointers of the fast items, and notes who depends on which buffer.
void Prepared::makeArguments() {
    argsOf_.resize(plan_.buffers.size());
    address_.assign(plan_.buffers.size(), nullptr);
    size_t total = 0;
    auto fast = [](const Item& i) { return i.kernel != nullptr; };
    for (const Item& i : items_)
        if (fast(i)) {
            const tactics::Binding& b = program_.steps()[static_cast<size_t>(i.step)].step->binding;
            total += b.inputs.size() + b.outputs.size();
        }
    args_.assign(total, nullptr);
    size_t at = 0;
    for (Item& i : items_) {
        if (!fast(i)) continue;
        const tactics::Binding& b = program_.steps()[static_cast<size_t>(i.step)].step->binding;
        i.args.inputs = args_.data() + at;
        for (const ir::Value* v : b.inputs)
            argsOf_[static_cast<size_t>(bufferOf(*v))].push_back(static_cast<int>(at++));
        i.args.outputs = args_.data() + at;
        for (const ir::Value* v : b.outputs)
            argsOf_[static_cast<size_t>(bufferOf(*v))].push_back(static_cast<int>(at++));
    }
    const ir::Region& body = program_.graph().body();
    inputBuffer_.assign(body.parameters().size(), -1);
    outputBuffer_.assign(body.results().size(), -1);
    for (size_t b = 0; b < plan_.buffers.size(); ++b) {
        const Buffer& buffer = plan_.buffers[b];
        if (buffer.kind == Buffer::Kind::kInput) inputBuffer_[static_cast<size_t>(buffer.index)] = static_cast<int>(b);
        if (buffer.kind == Buffer::Kind::kOutput)
            outputBuffer_[static_cast<size_t>(buffer.index)] = static_cast<int>(b);
    }
}

// REQUIRES: the extents of all that the step touches are in dims_, and their symbols in symbols_.
Result<std::shared_ptr<tactics::Kernel>> Prepared::kernelFor(int step) {
    const FlatStep& s = program_.steps()[static_cast<size_t>(step)];
    key_.clear();
    for (const ir::Value* v : s.touched) key_.insert(key_.end(), dimsOf(*v).begin(), dimsOf(*v).end());
    if (auto known = env_.kernels->find(step, key_)) return known;
    auto dims = [this](const ir::Value& v) -> const ir::Dims& { return dimsOf(v); };
    for (const ir::Node* n : s.toCheck) TRY(checkNode(*n, dims, symbols_));
    const tactics::Binding& b = s.binding();
    std::shared_ptr<tactics::Kernel> kernel =
        TRY_IN(b.tactic->id(), b.tactic->prepare(b, Preparation(b, dims, *env_.store, env_.faultWord,
                                                                &env_.kernels->shared(step), env_.outside)));
    std::shared_ptr<tactics::Kernel> gone = env_.kernels->put(step, key_, kernel);
    // Code that the device may still run is not unloaded.
    if (gone && env_.device) TRY(env_.device->synchronizeAll());
    return kernel;
}

bool Prepared::isResultEarly(int result) const {
    const ir::Value& v = *program_.graph().body().results()[static_cast<size_t>(result)];
    return v.isConstant() || program_.isEarly(v);
}

const ir::Dims* Prepared::resultDims(int result, bool afterRun) const {
    if (!afterRun && !isResultEarly(result)) return nullptr;
    return &dimsOf(*program_.graph().body().results()[static_cast<size_t>(result)]);
}

Result<int64_t> Prepared::bytesNow(const ir::Value& v) const {
    TRY_IN(fmt::format("value '{}'", v.name()), ir::checkedVolume(dimsOf(v)));
    return tactics::bytesOf(program_.formatOf(v), dimsOf(v));
}

Result<ir::Tensor> Prepared::tensorOf(const ir::Value& v) const {
    if (v.isConstant()) {
        auto bytes = TRY(v.constant()->bytes());
        return ir::Tensor{v.dtype(), v.constant()->dims(), const_cast<std::byte*>(bytes.data())};
    }
    return ir::Tensor{v.dtype(), dimsOf(v), dataOf(v)};
}

void Prepared::setAddress(int buffer, void* p) {
    address_[static_cast<size_t>(buffer)] = p;
    for (int at : argsOf_[static_cast<size_t>(buffer)]) args_[static_cast<size_t>(at)] = p;
}

Status Prepared::bindCaller(const RunBindings& b) {
    const ir::Region& body = program_.graph().body();
    if (b.inputs.size() != inputBuffer_.size() || b.outputs.size() != outputBuffer_.size())
        return internalError("{} and {} addresses were given for {} inputs and {} outputs", b.inputs.size(),
                             b.outputs.size(), inputBuffer_.size(), outputBuffer_.size());
    if (arenaBytes_ > 0 && !b.arena) return makeStatus(Code::kInvalidState, "the context has no device memory");
    if (!bound_ || b.arena != arena_) {
        arena_ = b.arena;
        bound_ = true;
        for (size_t i = 0; i < plan_.buffers.size(); ++i)
            if (plan_.buffers[i].kind == Buffer::Kind::kArena)
                setAddress(static_cast<int>(i),
                           (plan_.buffers[i].host ? hostArena_.get() : arena_) + plan_.buffers[i].offset);
        workspace_ = arena_ + plan_.arenaBytes;
        if (!env_.device) hostWorkspace_ = workspace_;
        for (Item& i : items_)
            i.args.workspace = program_.steps()[static_cast<size_t>(i.step)].onHost
                                   ? hostWorkspace_
                                   : arena_ + plan_.arenaBytes + workspaceAt_[laneOf(i)];
    }
    setLanes(b.stream);
    for (size_t i = 0; i < inputBuffer_.size(); ++i) {
        void* p = const_cast<void*>(b.inputs[i]);
        int buffer = inputBuffer_[i];
        if (address_[static_cast<size_t>(buffer)] == p && p) continue;
        if (!p && TRY(bytesNow(*body.parameters()[i])) > 0)
            return makeStatus(Code::kInvalidState, "input '{}' has no address", body.parameters()[i]->name());
        setAddress(buffer, p);
    }
    for (size_t r = 0; r < outputBuffer_.size(); ++r) {
        int buffer = outputBuffer_[r];
        if (buffer < 0) continue;
        void* p = b.outputs[r];
        if (address_[static_cast<size_t>(buffer)] == p && p) continue;
        if (!p && TRY(bytesNow(*body.results()[r])) > 0)
            return makeStatus(Code::kInvalidState, "output '{}' has no address", body.results()[r]->name());
        setAddress(buffer, p);
    }
    return {};
}

Status Prepared::run(const RunBindings& bindings) {
    everyValue_ = bindings.everyValue;
    if (!env_.device) {
        TRY(bindCaller(bindings));
        return runDirectly(bindings);
    }
    device::Current current(env_.device);
    bool capturing = TRY(env_.device->isCapturing(bindings.stream));
    if (capturing && waiting_)
        return makeStatus(Code::kInvalidState,
                          "step '{}' waits for what the GPU computes, so this network cannot be captured into a graph",
                          waiting_->name);
    bool told = everyValue_ || (env_.outside && env_.outside->debug);
    if (capturing && told)
        return makeStatus(Code::kInvalidState,
                          "debug tensors are reported by the host, so a run with them cannot be captured into a graph");
    if (capturing)
        for (const Item& i : items_)
            if (program_.steps()[static_cast<size_t>(i.step)].goesUp)
                return makeStatus(Code::kInvalidState,
                                  "step '{}' sends to the GPU what the host computes, so this network cannot be "
                                  "captured into a graph",
                                  program_.steps()[static_cast<size_t>(i.step)].step->name);
    spread_ = program_.order() && env_.aux && !bindings.listener && !told;
    TRY(bindCaller(bindings));
    // A recording would go by what the host does at each step.
    if (!recordable_ || capturing || bindings.listener || told) return runDirectly(bindings);
    return runRecorded(bindings);
}

// The first run with some addresses goes step by step, the second one is recorded: addresses that never come back cost
// nothing more.
Status Prepared::runRecorded(const RunBindings& b) {
    addresses_.assign(b.inputs.begin(), b.inputs.end());
    addresses_.insert(addresses_.end(), b.outputs.begin(), b.outputs.end());
    addresses_.push_back(b.arena);
    if (env_.outside) addresses_.push_back(env_.outside->communicator);
    auto at =
        std::find_if(recorded_.begin(), recorded_.end(), [&](const Recorded& r) { return r.addresses == addresses_; });
    if (at == recorded_.end()) {
        if (addresses_ != lastAddresses_) {
            lastAddresses_ = addresses_;
            return runDirectly(b);
        }
        if (!recordingStream_) recordingStream_ = TRY(env_.device->makeStream());
        device::StreamHandle own = recordingStream_->handle();
        // Streams of the caller's stay out of it: others may put work there meanwhile.
        setLanes(own, true);
        auto made = env_.device->record(own, [this, &b]() -> Status {
            TRY(spread_ ? runSpread() : runItems(false));
            return finishOutputs(b, Results::kDevice);
        });
        setLanes(b.stream);
        if (!made.ok()) {
            if (made.status().code() != Code::kUnsupported && recording_ != tactics::Kernel::Recording::kTried)
                return made.status();
            recordable_ = false;
            return runDirectly(b);
        }
        if (recorded_.size() >= kKeptRecordings) recorded_.pop_back();
        recorded_.insert(recorded_.begin(), Recorded{addresses_, made.take()});
        at = recorded_.begin();
    }
    TRY(runItems(true));
    TRY(finishOutputs(b, Results::kHost));
    ++replays_;
    return at->recording->launch(b.stream);
}

// Of a recordable program: the items that come before its recording, or those in it.
Status Prepared::runItems(bool early) {
    for (int s : program_.blocks()[0].steps) {
        Item& item = items_[static_cast<size_t>(s)];
        if (item.early != early) continue;
        Status status = item.kernel->run(item.args);
        if (!status.ok())
            return status.prefix(fmt::format("step '{}'", program_.steps()[static_cast<size_t>(s)].step->name));
    }
    return {};
}

Status Prepared::runDirectly(const RunBindings& bindings) {
    if (!isStatic_) {
        env_.scratch->giveAll();
        if (env_.hostScratch) env_.hostScratch->giveAll();
        for (const auto& list : scratchOf_)
            for (int b : list) address_[static_cast<size_t>(b)] = nullptr;
        symbols_ = early_;
    }
    TRY(bindings.listener ? runOutermost(bindings) : spread_ ? runSpread() : runBlock(0));
    return finishOutputs(bindings);
}

Status Prepared::runBlock(int block) {
    const FlatBlock& flat = program_.blocks()[static_cast<size_t>(block)];
    bool scratch = !scratchOf_[static_cast<size_t>(block)].empty();
    for (int s : flat.steps) {
        Item& item = items_[static_cast<size_t>(s)];
        if (item.mode == Item::Mode::kFast) [[likely]] {
            Status status = item.kernel->run(item.args);
            if (!status.ok()) [[unlikely]]
                return status.prefix(fmt::format("step '{}'", program_.steps()[static_cast<size_t>(s)].step->name));
        } else {
            TRY(runItem(item));
        }
        if (everyValue_) [[unlikely]]
            TRY(tell(program_.steps()[static_cast<size_t>(s)]));
        if (scratch) releaseScratch(block, program_.steps()[static_cast<size_t>(s)].end);
    }
    return {};
}

Status Prepared::runOutermost(const RunBindings& b) {
    using Clock = std::chrono::steady_clock;
    std::unique_ptr<device::Timer> timer = env_.device ? TRY(env_.device->makeTimer()) : nullptr;
    for (int s : program_.blocks()[0].steps) {
        const FlatStep& flat = program_.steps()[static_cast<size_t>(s)];
        bool there = timer && !flat.onHost;
        auto start = Clock::now();
        if (there) TRY(timer->start(stream_));
        TRY(runItem(items_[static_cast<size_t>(s)]));
        if (there) TRY(timer->stop(stream_));
        double seconds = there ? TRY(timer->seconds()) : std::chrono::duration<double>(Clock::now() - start).count();
        (*b.listener)(*flat.step, seconds);
        if (everyValue_) TRY(tell(flat));
        releaseScratch(0, flat.end);
    }
    return {};
}

// What a step made, as a network's tensors: reorders and the like have none.
Status Prepared::tell(const FlatStep& s) {
    if (s.isControl()) {
        for (const ir::Value* v : s.step->control->outputs()) TRY(tell(*v));
        return {};
    }
    const tactics::Binding& b = s.step->binding;
    const ir::Op& op = b.nodes[0]->op();
    if (&op == ops::op_reorder || &op == ops::op_debug) return {};
    for (const ir::Value* v : b.outputs) TRY(tell(*v));
    return {};
}

Status Prepared::tell(const ir::Value& v) {
    // As inspectors show it.
    const std::string name = v.name().empty() ? fmt::format("(tensor {})", v.id()) : v.name();
    const ir::Dims& dims = dimsOf(v);
    const void* data = dataOf(v);
    bool onDevice = env_.device && !program_.isOnHost(v);
    tactics::Format format = program_.formatOf(v);
    if (tactics::isRowMajor(format.layout)) return (*everyValue_)({name, v.dtype(), dims, data, onDevice, stream_});
    int64_t bytes = TRY(bytesNow(v));
    Memory there, linear = TRY(allocate(bytesOf(v.dtype(), ir::volume(dims))));
    if (onDevice) {
        there = TRY(allocate(bytes));
        TRY(copy(there.get(), data, bytes));
        data = there.get();
    }
    TRY(toLinear(format, dims, data, linear.get()));
    return (*everyValue_)({name, v.dtype(), dims, linear.get(), false, stream_});
}

Status Prepared::runItem(Item& item) {
    auto run = [&]() -> Status {
        switch (item.mode) {
            case Item::Mode::kFast: return item.kernel->run(item.args);
            case Item::Mode::kFinds: return runFinds(item);
            case Item::Mode::kLate: return runLate(item);
            case Item::Mode::kControl: return runControl(item);
        }
        return internalError("unknown kind of step");
    };
    TRY_IN(fmt::format("step '{}'", program_.steps()[static_cast<size_t>(item.step)].step->name), run());
    return {};
}

Status Prepared::runFinds(Item& item) {
    for (size_t o = 0; o < item.bounds.size(); ++o) item.outputDims[o] = item.bounds[o];
    TRY(item.kernel->run(item.args));
    const plan::Step& step = *program_.steps()[static_cast<size_t>(item.step)].step;
    for (size_t o = 0; o < item.bounds.size(); ++o) dimsOf(*step.binding.outputs[o]) = item.bounds[o];
    return takeFound(step, item.outputDims);
}

// What a kernel found of its outputs' extents. dims_ holds the bounds, which found extents may not pass.
Status Prepared::takeFound(const plan::Step& step, std::span<const ir::Dims> found) {
    for (size_t o = 0; o < found.size(); ++o) {
        const ir::Value& v = *step.binding.outputs[o];
        const ir::Dims& bound = dimsOf(v);
        bool same = found[o].size() == bound.size();
        for (size_t d = 0; same && d < bound.size(); ++d)
            same =
                found[o][d] == bound[d] || (!v.shape()[d].isConstant() && found[o][d] >= 0 && found[o][d] <= bound[d]);
        if (!same)
            return internalError("output '{}' has shape {}, its bound was {}", v.name(), ir::toString(found[o]),
                                 ir::toString(bound));
        dimsOf(v) = found[o];
        TRY(program_.shapes().bindLate(v, found[o], dataOf(v), symbols_));
    }
    return {};
}

// Memory for a value that lies in scratch, sized by its extents now.
Status Prepared::giveScratch(const ir::Value& v) {
    int64_t bytes = TRY(bytesNow(v));
    int b = bufferOf(v);
    Scratch& scratch = scratchFor(v);
    if (void* old = address_[static_cast<size_t>(b)]) scratch.give(old);
    address_[static_cast<size_t>(b)] = nullptr;
    address_[static_cast<size_t>(b)] = TRY(scratch.take(bytes));
    return {};
}

Status Prepared::runLate(Item& item) {
    const FlatStep& s = program_.steps()[static_cast<size_t>(item.step)];
    const tactics::Binding& b = s.step->binding;
    for (const ir::Value* v : b.outputs) TRY(program_.shapes().setBounds(*v, symbols_));
    for (const ir::Value* v : s.touched) {
        // Inputs got theirs when they were made.
        if (program_.isEarly(*v) || std::find(b.inputs.begin(), b.inputs.end(), v) != b.inputs.end()) continue;
        dimsOf(*v) = TRY_IN(fmt::format("value '{}'", v->name()), ir::evalShape(v->shape(), symbols_));
        TRY(bytesNow(*v));
    }
    std::shared_ptr<tactics::Kernel> kernel = TRY(kernelFor(item.step));

    lateInputs_.clear();
    lateOutputs_.clear();
    for (const ir::Value* v : b.inputs) lateInputs_.push_back(dataOf(*v));
    item.outputDims.clear();
    for (size_t o = 0; o < b.outputs.size(); ++o) {
        const ir::Value& v = *b.outputs[o];
        const ir::Value* source = nullptr;
        for (auto [out, in] : b.aliases)
            if (out == static_cast<int>(o)) source = b.inputs[static_cast<size_t>(in)];
        if (source) {
            if (int64_t have = TRY(bytesNow(*source)), need = TRY(bytesNow(v)); need > have)
                return internalError("'{}' takes {} bytes of '{}', which has {}", v.name(), need, source->name(), have);
        } else if (inScratch(v)) {
            TRY(giveScratch(v));
        } else if (int64_t need = TRY(bytesNow(v)); need > buffer(v).bytes) {
            return internalError("'{}' needs {} bytes, {} were planned", v.name(), need, buffer(v).bytes);
        }
        lateOutputs_.push_back(dataOf(v));
        item.outputDims.push_back(dimsOf(v));
    }
    tactics::RunArgs args;
    args.inputs = lateInputs_.data();
    args.outputs = lateOutputs_.data();
    args.outputDims = item.outputDims.data();
    bool host = env_.device && s.onHost;
    Scratch& scratch = host ? *env_.hostScratch : *env_.scratch;
    args.workspace = s.onHost ? hostWorkspace_ : workspace_;
    args.stream = stream_;
    void* own = nullptr;
    if (kernel->workspaceBytes() > (host ? hostWorkspaceBytes_ : workspaceBytes_))
        args.workspace = own = TRY(scratch.take(kernel->workspaceBytes()));
    Status status = kernel->run(args);
    if (own) scratch.give(own);
    TRY(std::move(status));
    return takeFound(*s.step, item.outputDims);
}

// Gives back a block's scratch buffers that nothing needs after `tick`.
void Prepared::releaseScratch(int block, int tick) {
    for (int b : scratchOf_[static_cast<size_t>(block)]) {
        void*& p = address_[static_cast<size_t>(b)];
        if (!p || plan_.buffers[static_cast<size_t>(b)].last > tick) continue;
        Scratch& scratch = plan_.buffers[static_cast<size_t>(b)].host ? *env_.hostScratch : *env_.scratch;
        scratch.give(p);
        p = nullptr;
    }
}

bool Prepared::isOnDevice(const void* p) const {
    if (!env_.device) return false;
    auto place = env_.device->placeOf(p);
    return place.ok() && *place == device::Place::kDevice;
}

// In the order of the stream. Host memory may be read, or used again, when it returns.
Status Prepared::copy(void* to, const void* from, int64_t bytes) {
    if (bytes <= 0) return {};
    if (env_.device) {
        bool down = !isOnDevice(to);
        if (!down || isOnDevice(from)) {
            TRY(env_.device->copy(to, from, bytes, stream_));
            return down ? env_.device->synchronize(stream_) : Status();
        }
    }
    std::memcpy(to, from, static_cast<size_t>(bytes));
    return {};
}

Status Prepared::finishOutputs(const RunBindings& b, Results which) {
    const auto& results = program_.graph().body().results();
    const std::vector<bool>& host = program_.program().hostResults;
    for (size_t r = 0; r < results.size(); ++r) {
        if (!plan_.copied[r]) continue;
        if (which != Results::kAll && (r < host.size() && host[r]) != (which == Results::kHost)) continue;
        ir::Tensor t = TRY(tensorOf(*results[r]));
        int64_t bytes = results[r]->isConstant() ? static_cast<int64_t>(t.byteSize())
                                                 : tactics::bytesOf(program_.formatOf(*results[r]), t.dims);
        void* to = b.outputs[r];
        if (!to && b.place) to = TRY((*b.place)(static_cast<int>(r), t.dims, bytes));
        if (bytes == 0 || to == t.data) continue;
        if (!to) return makeStatus(Code::kInvalidState, "output '{}' has no address", results[r]->name());
        TRY(copy(to, t.data, bytes));
    }
    return {};
}

}  // namespace lathe::exec

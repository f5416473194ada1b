// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "device/cuda/gpu.h"
#include "plan/io_format.h"
#include "runtime/engine_impl.h"

namespace lathe::runtime {
namespace {

// Shapes for which a context keeps everything ready.
constexpr size_t kKeptShapes = 4;

struct ScratchOfRun {
    exec::Scratch& scratch;
    ScratchOfRun(exec::Scratch& scratch, device::StreamHandle stream) : scratch(scratch) { scratch.begin(stream); }
    ~ScratchOfRun() { scratch.end(); }
};

}  // namespace

struct Context::Impl {
    std::shared_ptr<const Engine> engine;
    Memory memoryMode = Memory::kStatic;
    Allocator allocator;
    int profile = 0;

    // By I/O tensor.
    std::vector<ir::Dims> dims;  // of inputs; valid where shapeSet
    std::vector<bool> shapeSet;
    std::vector<void*> addresses;
    struct Output {
        OutputAllocator allocate;
        ShapeListener listen;
    };
    std::vector<Output> outputs;

    std::byte* arena = nullptr;
    int64_t arenaBytes = 0;
    bool ownsArena = false;
    StepListener listener;

    // Debug tensors, and what steps see of it all.
    tactics::DebugListener debugListener;
    std::set<std::string> reported;
    bool unfused = false;
    tactics::Outside outside;

    // By program: what its prepared shapes share.
    struct ProgramState {
        std::unique_ptr<exec::KernelCache> kernels;
        std::unique_ptr<exec::Scratch> scratch, hostScratch;  // the latter of a program for a GPU
        std::vector<std::unique_ptr<exec::Prepared>> kept;    // most recently used first
    };
    std::vector<ProgramState> programs;
    Allocator scratchAllocator;
    std::unique_ptr<exec::AuxStreams> aux;  // null on the CPU
    exec::Prepared* current = nullptr;      // for the shapes that are set, or null when they changed
    std::vector<const void*> inputPointers;
    std::vector<void*> outputPointers;

    // Of an engine on a GPU.
    uint32_t* faultWord = nullptr;     // pinned
    bool pending = false;              // work of the last run may be under way
    std::vector<const void*> checked;  // by I/O tensor: the address that was found fit

    ~Impl() {
        settle();
        programs.clear();
        releaseArena();
        if (auto* gpu = dynamic_cast<cuda::Gpu*>(device())) gpu->freePinned(faultWord);
    }

    device::Accelerator* device() const { return engine ? engine->impl().device : nullptr; }

    // Waits for the last run before memory or code that it uses goes away.
    void settle() {
        // The program may have destroyed its stream.
        if (pending) (void)device()->synchronizeAll();
        pending = false;
    }

    // What kernels found wrong in the data of runs before this one.
    Status takeFault() {
        if (!faultWord || *reinterpret_cast<volatile uint32_t*>(faultWord) == 0) return {};
        *reinterpret_cast<volatile uint32_t*>(faultWord) = 0;
        return makeStatus(Code::kFailedComputation,
                          "an earlier run read or wrote at an index out of range (a gather's or a scatter's), and left "
                          "it out: what it gave is not right");
    }

    // Pointers of the wrong kind are refused before anything follows them.
    Status checkAddress(size_t io, const void* p) {
        device::Accelerator* domain = engine->impl().domain;
        if (!domain || !p || checked[io] == p) return {};
        const plan::IoTensor& t = plan().io[io];
        device::Place place = TRY(domain->placeOf(p));
        bool onDevice = place == device::Place::kDevice, pinned = place == device::Place::kPinned;
        const plan::Program& p0 = engine->program(profile);
        const std::vector<bool>& host = t.isInput ? p0.hostParameters : p0.hostResults;
        size_t index = static_cast<size_t>(t.index);
        bool wantsHost = !device() || (index < host.size() && host[index]);
        if (wantsHost && onDevice)
            return invalidArgument("'{}' is at a device address, but {}: give it host memory", t.name,
                                   device() ? "it is a shape tensor" : "the engine runs on the CPU");
        if (!wantsHost && !onDevice && !pinned)
            return invalidArgument("'{}' is at a host address, but the engine runs on the GPU: give it device memory",
                                   t.name);
        checked[io] = p;
        return {};
    }

    const plan::Plan& plan() const { return engine->plan(); }
    const plan::Profile& activeProfile() const { return plan().profiles[static_cast<size_t>(profile)]; }
    int programIndex() const { return engine->impl().chosen[static_cast<size_t>(profile)]; }
    const exec::FlatProgram& program() const { return *engine->impl().programs[static_cast<size_t>(programIndex())]; }
    int inputCount() const { return engine->impl().inputs; }

    void releaseArena() {
        if (ownsArena && arena) {
            settle();
            allocator.deallocate(arena, nullptr);
        }
        arena = nullptr;
        arenaBytes = 0;
        ownsArena = false;
    }

    void makePrograms(const Allocator& scratch) {
        programs.clear();
        for (const auto& p : engine->impl().programs) {
            ProgramState state;
            state.kernels = std::make_unique<exec::KernelCache>(p ? p->steps().size() : 0);
            state.hostScratch = std::make_unique<exec::Scratch>(exec::Allocator::system());
            state.scratch = std::make_unique<exec::Scratch>(scratch, engine->impl().alignment());
            programs.push_back(std::move(state));
        }
        scratchAllocator = scratch;
        current = nullptr;
    }

    Status reserve(int64_t bytes, device::StreamHandle stream) {
        if (arenaBytes >= bytes) return {};
        if (memoryMode == Memory::kUserManaged)
            return makeStatus(Code::kInvalidState,
                              "the context needs {} bytes of device memory, but {} were given by setDeviceMemory",
                              bytes, arenaBytes);
        releaseArena();
        // At least one byte, so that the address is one.
        auto alignment = static_cast<size_t>(engine->impl().alignment());
        void* p = allocator.allocate(static_cast<size_t>(std::max<int64_t>(bytes, 1)), alignment, stream);
        if (!p) return makeStatus(Code::kFailedAllocation, "out of memory: a context needs {} bytes", bytes);
        if (reinterpret_cast<uintptr_t>(p) % alignment != 0) {
            allocator.deallocate(p, stream);
            return makeStatus(Code::kFailedAllocation, "the allocator gave memory that is not aligned to {} bytes",
                              alignment);
        }
        arena = static_cast<std::byte*>(p);
        arenaBytes = bytes;
        ownsArena = true;
        return {};
    }

    // Shape tensors take part in shapes by their contents, so they are looked at on every run.
    // `capturing`: into a graph, while nothing may be prepared.
    Status prepare(bool capturing = false) {
        if (current && program().shapes().shapeInputs().empty()) return {};
        size_t n = static_cast<size_t>(inputCount());
        for (size_t i = 0; i < n; ++i)
            if (!shapeSet[i])
                return makeStatus(Code::kInvalidState, "the shape of input '{}' is not set", plan().io[i].name);
        std::vector<const void*> data(addresses.begin(), addresses.begin() + static_cast<long>(n));
        for (int i : program().shapes().shapeInputs())
            if (!data[static_cast<size_t>(i)])
                return makeStatus(Code::kInvalidState, "input '{}' determines shapes, but its address is not set",
                                  plan().io[static_cast<size_t>(i)].name);
        auto symbols = TRY(program().shapes().bindInputs(std::span(dims).first(n), data));
        ProgramState& state = programs[static_cast<size_t>(programIndex())];
        for (size_t i = 0; i < state.kept.size(); ++i)
            if (state.kept[i]->symbols() == symbols) {
                std::rotate(state.kept.begin(), state.kept.begin() + static_cast<long>(i),
                            state.kept.begin() + static_cast<long>(i) + 1);
                current = state.kept[0].get();
                return {};
            }
        if (capturing)
            return makeStatus(Code::kInvalidState,
                              "the stream is being captured, but the context is not prepared for these shapes: run it "
                              "once before the capture");
        exec::Prepared::Environment env{&program(),
                                        engine->impl().stores[static_cast<size_t>(programIndex())].get(),
                                        state.kernels.get(),
                                        state.scratch.get(),
                                        device(),
                                        state.hostScratch.get(),
                                        faultWord,
                                        &outside,
                                        aux.get()};
        // Before there is memory: what the engine says that the profile needs.
        int64_t reserved = arenaBytes > 0 ? arenaBytes : engine->impl().bytes[static_cast<size_t>(profile)];
        auto made = TRY(exec::Prepared::create(env, std::move(symbols), reserved,
                                               &engine->impl().largest[static_cast<size_t>(profile)]));
        if (state.kept.size() >= kKeptShapes) {
            settle();
            state.kept.pop_back();
        }
        state.kept.insert(state.kept.begin(), std::move(made));
        current = state.kept[0].get();
        return {};
    }
};

Context::Context() : impl_(std::make_unique<Impl>()) {}
Context::~Context() = default;

Result<std::unique_ptr<Context>> Context::create(std::shared_ptr<const Engine> engine, Memory memory,
                                                 Allocator allocator) {
    auto context = std::unique_ptr<Context>(new Context);
    Impl& m = *context->impl_;
    m.engine = std::move(engine);
    m.memoryMode = memory;
    if (!allocator.allocate) allocator = m.device() ? Allocator::of(*m.device()) : Allocator::system();
    m.allocator = std::move(allocator);
    const plan::Plan& plan = m.plan();
    m.dims.resize(plan.io.size());
    m.shapeSet.assign(plan.io.size(), false);
    m.addresses.assign(plan.io.size(), nullptr);
    m.outputs.resize(plan.io.size());
    m.checked.assign(plan.io.size(), nullptr);
    if (auto* gpu = dynamic_cast<cuda::Gpu*>(m.device())) {
        m.faultWord = static_cast<uint32_t*>(TRY(gpu->allocatePinned(sizeof(uint32_t))));
        *m.faultWord = 0;
    }
    if (m.device()) m.aux = std::make_unique<exec::AuxStreams>(m.device());
    for (int i = 0; i < m.inputCount(); ++i) {
        const ir::Shape& shape = plan.io[static_cast<size_t>(i)].shape;
        if (!ir::isConstant(shape)) continue;
        m.dims[static_cast<size_t>(i)] = ir::constantDims(shape);
        m.shapeSet[static_cast<size_t>(i)] = true;
    }
    m.inputPointers.resize(static_cast<size_t>(m.inputCount()));
    m.outputPointers.resize(plan.io.size() - static_cast<size_t>(m.inputCount()));
    m.makePrograms(m.allocator);
    if (memory == Memory::kStatic) {
        int64_t most = 0;
        for (int64_t b : m.engine->impl().bytes) most = std::max(most, b);
        TRY(m.reserve(most, nullptr));
        // No run comes before the memory is there, whichever its stream.
        if (m.device() && !m.allocator.keeps) TRY(m.device()->synchronize(nullptr));
    }
    return context;
}

const Engine& Context::engine() const { return *impl_->engine; }

void Context::adopt(std::shared_ptr<const Engine> engine) {
    if (engine == impl_->engine) return;
    Allocator scratch = impl_->scratchAllocator;
    // What is prepared refers to the old engine.
    impl_->settle();
    impl_->programs.clear();
    impl_->engine = std::move(engine);
    impl_->makePrograms(scratch);
}

int Context::profile() const { return impl_->profile; }

Status Context::setProfile(int index, device::StreamHandle stream) {
    Impl& m = *impl_;
    if (index < 0 || index >= m.engine->profileCount())
        return invalidArgument("there is no profile {}; the engine has {}", index, m.engine->profileCount());
    if (index == m.profile) return {};
    m.profile = index;
    std::fill(m.checked.begin(), m.checked.end(), nullptr);
    m.current = nullptr;
    for (int i = 0; i < m.inputCount(); ++i)
        m.shapeSet[static_cast<size_t>(i)] = ir::isConstant(m.plan().io[static_cast<size_t>(i)].shape);
    if (m.memoryMode == Memory::kOnProfileChange) {
        m.releaseArena();
        TRY(m.reserve(m.engine->impl().bytes[static_cast<size_t>(index)], stream));
    }
    return {};
}

Status Context::setInputShape(int io, const ir::Dims& dims) {
    Impl& m = *impl_;
    if (io < 0 || io >= m.inputCount()) return invalidArgument("I/O tensor {} is not an input", io);
    size_t i = static_cast<size_t>(io);
    if (m.shapeSet[i] && m.dims[i] == dims) return {};
    const plan::IoTensor& t = m.plan().io[i];
    TRY(exec::checkProfile(m.activeProfile().inputs[i], dims, t.name));
    m.dims[i] = dims;
    m.shapeSet[i] = true;
    m.current = nullptr;
    return {};
}

ir::Dims Context::shape(int io) const {
    Impl& m = *impl_;
    size_t i = static_cast<size_t>(io);
    const plan::IoTensor& t = m.plan().io[i];
    if (t.isInput && m.shapeSet[i]) return m.dims[i];
    ir::Dims out;
    for (const ir::Dim& d : t.shape) out.push_back(d.valueOr(-1));
    if (t.isInput || std::find(out.begin(), out.end(), -1) == out.end()) return out;
    // What the inputs that are set determine.
    if (m.current || missingInputs().empty()) {
        if (m.prepare().ok())
            if (const ir::Dims* dims = m.current->resultDims(t.index, /*afterRun=*/true)) return *dims;
    }
    return out;
}

std::vector<std::string> Context::missingInputs() const {
    const Impl& m = *impl_;
    std::vector<std::string> out;
    for (int i = 0; i < m.inputCount(); ++i)
        if (!m.shapeSet[static_cast<size_t>(i)]) out.push_back(m.plan().io[static_cast<size_t>(i)].name);
    for (int i : m.program().shapes().shapeInputs())
        if (!m.addresses[static_cast<size_t>(i)]) out.push_back(m.plan().io[static_cast<size_t>(i)].name);
    return out;
}

Status Context::setAddress(int io, void* data) {
    if (io < 0 || io >= static_cast<int>(impl_->addresses.size()))
        return invalidArgument("there is no I/O tensor {}", io);
    impl_->addresses[static_cast<size_t>(io)] = data;
    return {};
}

void* Context::address(int io) const { return impl_->addresses[static_cast<size_t>(io)]; }

Status Context::setOutputAllocator(int io, OutputAllocator allocator, ShapeListener listener) {
    Impl& m = *impl_;
    if (io < m.inputCount() || io >= static_cast<int>(m.outputs.size()))
        return invalidArgument("I/O tensor {} is not an output", io);
    m.outputs[static_cast<size_t>(io)] = {std::move(allocator), std::move(listener)};
    return {};
}

Status Context::setAuxStreams(std::vector<device::StreamHandle> streams) {
    for (size_t i = 0; i < streams.size(); ++i) {
        if (!streams[i]) return invalidArgument("auxiliary stream {} is the default stream", i);
        if (auto at = std::find(streams.begin(), streams.end(), streams[i]);
            at != streams.begin() + static_cast<long>(i))
            return invalidArgument("auxiliary streams {} and {} are the same", at - streams.begin(), i);
    }
    if (impl_->aux) impl_->aux->use(std::move(streams));
    return {};
}

Status Context::setDeviceMemory(void* memory, int64_t bytes) {
    Impl& m = *impl_;
    if (m.memoryMode != Memory::kUserManaged)
        return makeStatus(Code::kInvalidState,
                          "the context has memory of its own; create it without device memory to give it some");
    if (reinterpret_cast<uintptr_t>(memory) % static_cast<uintptr_t>(m.engine->impl().alignment()) != 0)
        return invalidArgument("device memory must be aligned to {} bytes", m.engine->impl().alignment());
    if (bytes < 0 || (!memory && bytes > 0)) return invalidArgument("{} bytes at a null address", bytes);
    m.arena = static_cast<std::byte*>(memory);
    // Arrangements that took more room than there is now must be made anew.
    if (bytes < m.arenaBytes) {
        m.settle();
        m.current = nullptr;
        for (auto& p : m.programs) p.kept.clear();
    }
    m.arenaBytes = bytes;
    return {};
}

void Context::setScratchAllocator(Allocator allocator) {
    Impl& m = *impl_;
    if (!allocator.allocate) allocator = m.allocator;
    m.scratchAllocator = allocator;
    // Prepared shapes refer to the scratch memory.
    m.settle();
    m.current = nullptr;
    for (auto& p : m.programs) {
        p.kept.clear();
        p.scratch = std::make_unique<exec::Scratch>(allocator, m.engine->impl().alignment());
    }
}

Result<int64_t> Context::deviceMemoryBytes() {
    TRY(impl_->prepare());
    return impl_->current->arenaBytes();
}

Status Context::run(device::StreamHandle stream) {
    Impl& m = *impl_;
    device::Accelerator* device = m.device();
    bool capturing = device && TRY(device->isCapturing(stream));
    TRY(m.takeFault());
    TRY(m.prepare(capturing));
    // Memory that is to go away is not waited for inside of a capture.
    if (capturing && m.arenaBytes < m.current->arenaBytes() && m.memoryMode != Memory::kUserManaged)
        return makeStatus(Code::kInvalidState,
                          "the stream is being captured, but the context has no memory for these shapes yet: run it "
                          "once before the capture");
    if (capturing && !m.current->isStatic() && !m.scratchAllocator.keeps)
        return makeStatus(Code::kInvalidState,
                          "the stream is being captured, but this network takes memory while it runs and gives it back "
                          "to the program's allocator: it cannot be captured into a graph");
    const plan::Plan& plan = m.plan();
    TRY(m.reserve(m.current->arenaBytes(), stream));
    std::function<Result<void*>(int, const ir::Dims&, int64_t)> place = [&](int result, const ir::Dims& dims,
                                                                            int64_t bytes) -> Result<void*> {
        size_t io = static_cast<size_t>(m.inputCount() + result);
        Impl::Output& out = m.outputs[io];
        if (!out.allocate) {
            if (bytes == 0) return static_cast<void*>(nullptr);
            return makeStatus(Code::kInvalidState, "output '{}' of shape {} has no address", plan.io[io].name,
                              ir::toString(dims));
        }
        void* p = out.allocate(m.addresses[io], static_cast<size_t>(bytes),
                               static_cast<size_t>(m.engine->impl().alignment()));
        if (!p && bytes > 0)
            return makeStatus(Code::kFailedAllocation, "the output allocator gave no memory for '{}' ({} bytes)",
                              plan.io[io].name, bytes);
        m.addresses[io] = p;
        return p;
    };
    for (size_t i = 0; i < plan.io.size(); ++i) {
        const plan::IoTensor& t = plan.io[i];
        void* p = m.addresses[i];
        if (t.isInput) {
            if (!p && ir::volume(m.dims[i]) > 0)
                return makeStatus(Code::kInvalidState, "the address of input '{}' is not set", t.name);
            TRY(m.checkAddress(i, p));
            m.inputPointers[static_cast<size_t>(t.index)] = p;
            continue;
        }
        const ir::Dims* dims = m.current->resultDims(t.index, /*afterRun=*/false);
        if (m.outputs[i].allocate) {
            // What isn't known yet is asked for while running.
            p = dims ? TRY(place(t.index, *dims, plan::bufferBytes(t, *dims))) : nullptr;
        } else if (!p) {
            if (!dims || ir::volume(*dims) > 0)
                return makeStatus(Code::kInvalidState, "output '{}' has neither an address nor an output allocator",
                                  t.name);
        }
        TRY(m.checkAddress(i, p));
        m.outputPointers[static_cast<size_t>(t.index)] = p;
    }
    m.outside.debug = nullptr;
    if (m.debugListener && !m.reported.empty())
        m.outside.debug = [&m](const tactics::DebugTensor& t) {
            return m.reported.contains(t.name) ? m.debugListener(t) : Status();
        };
    tactics::DebugListener everyValue;
    if (m.debugListener && m.unfused)
        everyValue = [&m](const tactics::DebugTensor& t) {
            // Those have steps of their own.
            return m.engine->impl().debugTensors.contains(t.name) ? Status() : m.debugListener(t);
        };
    std::function<void(const plan::Step&, double)> listen;
    if (m.listener) listen = m.listener;
    exec::RunBindings b;
    b.inputs = m.inputPointers;
    b.outputs = m.outputPointers;
    b.arena = m.arena;
    b.place = &place;
    b.listener = m.listener ? &listen : nullptr;
    b.everyValue = everyValue ? &everyValue : nullptr;
    b.stream = device ? stream : nullptr;
    if (device && !capturing) m.pending = true;
    {
        ScratchOfRun taken(*m.programs[static_cast<size_t>(m.programIndex())].scratch, stream);
        TRY(m.current->run(b));
    }
    for (size_t i = static_cast<size_t>(m.inputCount()); i < plan.io.size(); ++i)
        if (m.outputs[i].listen)
            if (const ir::Dims* dims = m.current->resultDims(plan.io[i].index, true)) m.outputs[i].listen(*dims);
    return {};
}

void Context::setDebugListener(tactics::DebugListener listener) { impl_->debugListener = std::move(listener); }

Status Context::reportDebugTensor(const std::string& name, bool report) {
    if (!impl_->engine->impl().debugTensors.contains(name)) return invalidArgument("'{}' is not a debug tensor", name);
    if (report)
        impl_->reported.insert(name);
    else
        impl_->reported.erase(name);
    return {};
}

Status Context::reportUnfused(bool report) {
    if (report && !impl_->plan().debugUnfused)
        return makeStatus(Code::kInvalidState,
                          "the network did not mark its unfused tensors as debug tensors when the engine was built");
    impl_->unfused = report;
    return {};
}

bool Context::reportsDebugTensor(const std::string& name) const { return impl_->reported.contains(name); }
bool Context::reportsUnfused() const { return impl_->unfused; }

Status Context::setCommunicator(void* communicator) {
    if (communicator && !impl_->device())
        return makeStatus(Code::kInvalidState,
                          "the engine runs on the CPU; processes communicate by way of NCCL, between GPUs");
    impl_->outside.communicator = communicator;
    return {};
}

void Context::setStepListener(StepListener listener) { impl_->listener = std::move(listener); }

}  // namespace lathe::runtime

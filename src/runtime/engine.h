// SPDX-License-Identifier: Apache-2.0
// Engine: a loaded plan, immutable and shared. Context: one caller's state (shapes, addresses, memory, prepared
// kernels).
#pragma once

#include <functional>

#include "device/accelerator.h"
#include "exec/memory.h"
#include "plan/plan.h"
#include "tactics/outside.h"

namespace lathe::runtime {

// What engines can run on in this process: the host, and in a GPU's domain its device.
struct Machine {
    tactics::Target host;
    device::Accelerator* device = nullptr;  // null in the CPU's domain
    tactics::Target gpu;                    // of `device`
    std::string whyNoGpu;                   // in the CPU's domain
    static Result<Machine> process();
};

class Engine : public std::enable_shared_from_this<Engine> {
  public:
    // Checks that for each profile one of the plan's programs can run here; a GPU's are preferred where there is one.
    // Warnings (another model of processor or GPU) go to `warn`.
    static Result<std::shared_ptr<Engine>> create(std::shared_ptr<const plan::Plan> plan,
                                                  const std::function<void(const std::string&)>& warn);
    static Result<std::shared_ptr<Engine>> create(std::shared_ptr<const plan::Plan> plan,
                                                  const std::function<void(const std::string&)>& warn,
                                                  const Machine& machine);
    // Where it runs: null for the CPU.
    device::Accelerator* device() const;
    // The program that a profile runs here, among plan().programs.
    const plan::Program& program(int profile) const;
    const plan::Plan& plan() const { return *plan_; }
    int profileCount() const { return static_cast<int>(plan_->profiles.size()); }
    // Index into plan().io, or -1.
    int ioIndex(std::string_view name) const;
    // Streams beside the caller's that its programs' steps are spread over, at most.
    int auxStreams() const;
    // Arena and workspace that a context needs at the profile's largest shapes; of a GPU, its memory.
    Result<int64_t> deviceMemoryBytes(int profile) const;

    struct Impl;
    Impl& impl() const { return *impl_; }
    ~Engine();

  private:
    Engine();
    std::shared_ptr<const plan::Plan> plan_;
    std::unique_ptr<Impl> impl_;
};

using exec::Allocator;

class Context {
  public:
    enum class Memory { kStatic, kOnProfileChange, kUserManaged };
    static Result<std::unique_ptr<Context>> create(std::shared_ptr<const Engine> engine, Memory memory,
                                                   Allocator allocator = {});
    ~Context();

    const Engine& engine() const;
    // Goes over to the same engine with other weights (refit.h); everything that was set stays.
    void adopt(std::shared_ptr<const Engine> engine);
    int profile() const;
    // Memory that the change of profile takes (Memory::kOnProfileChange) is taken in the order of the stream.
    Status setProfile(int index, device::StreamHandle stream = nullptr);

    // Inputs only. Errors: unknown tensor, not an input, rank, outside of the profile's range.
    Status setInputShape(int io, const ir::Dims& dims);
    // The dims as far as they are known; -1 for those that aren't.
    ir::Dims shape(int io) const;
    // Names of inputs whose shape (or, for shape tensors, address) isn't set yet.
    std::vector<std::string> missingInputs() const;

    Status setAddress(int io, void* data);
    void* address(int io) const;
    // For outputs whose size is known only after running: called with bytes needed, answers the address.
    using OutputAllocator = std::function<void*(void* current, size_t bytes, size_t alignment)>;
    using ShapeListener = std::function<void(const ir::Dims&)>;
    Status setOutputAllocator(int io, OutputAllocator allocator, ShapeListener listener);

    // Streams of the caller's for the engine's auxiliary ones (Engine::auxStreams()), in the place of the context's
    // own: as far as there are any. Errors: the default stream, one that is there twice.
    Status setAuxStreams(std::vector<device::StreamHandle> streams);

    Status setDeviceMemory(void* memory, int64_t bytes);
    // What is needed beyond that while running (tensors whose size only running tells) comes from here from now on, in
    // the order of the run's stream. An empty allocator: from the context's own.
    void setScratchAllocator(Allocator allocator);
    // For the shapes that are set now.
    Result<int64_t> deviceMemoryBytes();

    // On the CPU: runs in the caller's thread; outputs are complete when it returns, and the stream is only told to the
    // allocators. On a GPU: puts the work into the stream, and waits for it only where the network's own control flow
    // or data-dependent shapes need that.
    Status run(device::StreamHandle stream = nullptr);

    // Called after each step of a run with its seconds; null switches it off.
    // Called while a run goes on with each debug tensor (plan::debugTensors) that is switched on, as soon as it has its
    // value, and with every other tensor that a step makes where reportUnfused(true) was called. Empty: nobody is told.
    void setDebugListener(tactics::DebugListener listener);
    // Errors: no debug tensor has the name; the plan was not made to report its other tensors.
    Status reportDebugTensor(const std::string& name, bool report);
    Status reportUnfused(bool report);
    bool reportsDebugTensor(const std::string& name) const;
    bool reportsUnfused() const;
    // An ncclComm_t, for steps that work together with other processes.
    Status setCommunicator(void* communicator);

    using StepListener = std::function<void(const plan::Step& step, double seconds)>;
    void setStepListener(StepListener listener);

  private:
    Context();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lathe::runtime

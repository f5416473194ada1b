// SPDX-License-Identifier: Apache-2.0
// A program made ready for concrete shapes: kernels, memory, and a flat array of {kernel, argument pointers}.
//
// Steps whose extents all follow from the inputs are prepared at once, and running them allocates nothing. The others
// (after a step with data-dependent extents, or whose shape was computed by the network itself) run more slowly: each
// is prepared when it is reached, with the extents that are known by then, and what it makes lies in scratch memory.
// Control flow runs by its op's own definition (Op::reference), whose regions are nested step lists here.
//
// A program for a GPU runs in a stream: its kernels are put there, its host steps run in the caller's thread, and
// run() returns without waiting, unless a step reads back what the device computed. One whose steps never wait is
// recorded once its addresses repeat, and replayed: the host's steps and what they send to the device come first, then
// the recording of all else. (What is sent lies in memory of its own from the start, see MemoryPlan.)
//
// Its steps may be spread over streams (StreamOrder): they fork from the caller's and are joined with it at the end,
// with events where one reads what another stream's makes. Recordings, and captures of the caller's stream, get
// parallel branches this way. A run that tells of each step (a listener, debug tensors) puts all of them into the
// caller's stream.
#pragma once

#include <functional>

#include "exec/memory.h"
#include "exec/memory_plan.h"
#include "exec/packed_store.h"
#include "ir/op.h"
#include "tactics/outside.h"

namespace lathe::exec {

// Kernels of one context by step and extents, so that a shape that comes back needs no preparing. The least recently
// used ones of a step go first.
class KernelCache {
  public:
    explicit KernelCache(size_t steps) : steps_(steps), shared_(steps) {}
    static constexpr size_t kPerStep = 4;
    std::shared_ptr<tactics::Kernel> find(int step, std::span<const int64_t> key);
    // Returns what had to go for it; null mostly.
    std::shared_ptr<tactics::Kernel> put(int step, std::vector<int64_t> key, std::shared_ptr<tactics::Kernel> kernel);
    // What the step's kernels share (tactics::PrepareContext::shared).
    std::shared_ptr<void>& shared(int step) { return shared_[static_cast<size_t>(step)]; }

  private:
    struct Entry {
        std::vector<int64_t> key;
        std::shared_ptr<tactics::Kernel> kernel;
    };
    std::vector<std::vector<Entry>> steps_;  // most recently used first
    std::vector<std::shared_ptr<void>> shared_;
};

// Memory that grows while running and, where the allocator says so, is kept for the next run.
class Scratch {
  public:
    explicit Scratch(Allocator allocator, int64_t alignment = kAlignment)
        : allocator_(std::move(allocator)), alignment_(alignment) {}
    // REQUIRES: nothing uses the memory any more.
    ~Scratch();
    Scratch(const Scratch&) = delete;
    // In the order of begin()'s stream; of the default one before that.
    Result<void*> take(int64_t bytes);
    void give(void* p);
    void giveAll();
    // Around a run. What isn't kept goes back to the allocator in the order of the run's stream.
    void begin(device::StreamHandle stream);
    void end();
    // Blocks handed out now; for tests.
    int taken() const;

  private:
    struct Block {
        void* data;
        int64_t bytes;
        bool used;
    };
    Allocator allocator_;
    int64_t alignment_;
    device::StreamHandle stream_ = nullptr;
    std::vector<Block> blocks_;
};

// The streams beside the caller's that the runs of one context use.
class AuxStreams {
  public:
    explicit AuxStreams(device::Accelerator* device) : device_(device) {}
    // Has so many of its own from now on.
    Status reserve(int count);
    // The caller's, to be used in the place of the first of its own.
    void use(std::vector<device::StreamHandle> given) { given_ = std::move(given); }
    // REQUIRES: i < the count reserved.
    device::StreamHandle own(int i) const { return own_[static_cast<size_t>(i)]->handle(); }
    device::StreamHandle at(int i) const {
        return i < static_cast<int>(given_.size()) ? given_[static_cast<size_t>(i)] : own(i);
    }

  private:
    device::Accelerator* device_;
    std::vector<std::unique_ptr<device::Stream>> own_;
    std::vector<device::StreamHandle> given_;
};

// Where one run reads and writes.
struct RunBindings {
    std::span<const void* const> inputs;  // one a parameter
    std::span<void* const> outputs;       // one a result; null for those that `place` answers for
    std::byte* arena = nullptr;           // Prepared::arenaBytes(), aligned to 64; on a GPU: to 256
    device::StreamHandle stream = nullptr;
    // Asked for the address of a result that has none, when its shape is known; null when there is no such result.
    const std::function<Result<void*>(int result, const ir::Dims& dims, int64_t bytes)>* place = nullptr;
    // Called after each step of the outermost list with the seconds that it took, on a GPU by its clock; null costs
    // nothing.
    const std::function<void(const plan::Step& step, double seconds)>* listener = nullptr;
    // Told of every value that a step leaves to others, nested ones included; null costs nothing.
    const tactics::DebugListener* everyValue = nullptr;
};

class Prepared {
  public:
    // What a context owns and its prepared programs share. All must outlive them.
    struct Environment {
        const FlatProgram* program = nullptr;
        PackedStore* store = nullptr;
        KernelCache* kernels = nullptr;
        Scratch* scratch = nullptr;
        // Of a program for a GPU; scratch is its memory then.
        device::Accelerator* device = nullptr;
        Scratch* hostScratch = nullptr;
        uint32_t* faultWord = nullptr;  // see tactics::PrepareContext; of all kernels in `kernels`
        const tactics::Outside* outside = nullptr;
        AuxStreams* aux = nullptr;  // null: everything goes to the caller's stream
    };
    // `symbols`: from ShapeProgram::bindInputs. When these shapes' own arrangement of memory takes more than
    // `reservedBytes` and `largest` (arranged for the profile's largest shapes) does not, that one is used.
    static Result<std::unique_ptr<Prepared>> create(const Environment& env, ir::SymbolValues symbols,
                                                    int64_t reservedBytes = INT64_MAX,
                                                    const MemoryPlan* largest = nullptr);
    ~Prepared();

    const ir::SymbolValues& symbols() const { return early_; }
    // Buffers and workspace. Steps that are prepared while running take their workspace from scratch memory when it is
    // larger.
    int64_t arenaBytes() const { return arenaBytes_; }
    // False when running is the slower way described above, which allocates.
    bool isStatic() const { return isStatic_; }
    // The step for which run() waits for its stream; null where it doesn't, always for the CPU.
    const plan::Step* waitingStep() const { return waiting_; }
    // How often a recording was launched in the place of steps.
    int64_t replays() const { return replays_; }

    // Extents of a graph result: after a run, or before it when they follow from the inputs (else null).
    const ir::Dims* resultDims(int result, bool afterRun) const;
    bool isResultEarly(int result) const;

    Status run(const RunBindings& bindings);

  private:
    class ControlContext;
    struct Item {
        // kFinds: as kFast, and its outputs' extents or elements determine symbols.
        enum class Mode : uint8_t { kFast, kFinds, kLate, kControl };
        tactics::Kernel* kernel = nullptr;
        tactics::RunArgs args;
        Mode mode = Mode::kFast;
        bool early = false;  // comes before a recording: on the host, or sent from there
        int step = 0;
        std::vector<ir::Dims> bounds, outputDims;  // for kFinds
    };

    explicit Prepared(const Environment& env) : env_(env), program_(*env.program) {}
    Status setUp(int64_t reservedBytes, const MemoryPlan* largest);
    void compileAhead();
    Status makeItems();
    void makeArguments();
    Result<std::shared_ptr<tactics::Kernel>> kernelFor(int step);
    Status bindCaller(const RunBindings& b);
    Status makeEvents();
    void setLanes(device::StreamHandle main, bool ownOnly = false);
    size_t laneOf(const Item& item) const {
        return static_cast<size_t>(program_.steps()[static_cast<size_t>(item.step)].step->stream);
    }
    Status runSpread();
    Status putSpread(const StreamOrder& order);
    Status runDirectly(const RunBindings& b);
    Status runRecorded(const RunBindings& b);
    Status runItems(bool early);
    Status copy(void* to, const void* from, int64_t bytes);
    Scratch& scratchFor(const ir::Value& v) {
        return env_.device && program_.isOnHost(v) ? *env_.hostScratch : *env_.scratch;
    }
    bool isOnDevice(const void* p) const;
    void setAddress(int buffer, void* p);
    Status runBlock(int block);
    Status runOutermost(const RunBindings& b);
    Status runItem(Item& item);
    Status tell(const FlatStep& step);
    Status tell(const ir::Value& v);
    Status runFinds(Item& item);
    Status runLate(Item& item);
    Status runControl(Item& item);
    Status takeFound(const plan::Step& step, std::span<const ir::Dims> found);
    Status enterRegion(int block, std::span<const ir::Tensor> parameters);
    void releaseScratch(int block, int untilTick);
    enum class Results { kAll, kHost, kDevice };  // by where the caller wants them; of the CPU's, all
    Status finishOutputs(const RunBindings& b, Results which = Results::kAll);
    Status giveScratch(const ir::Value& v);

    int bufferOf(const ir::Value& v) const { return plan_.bufferOf[static_cast<size_t>(v.id())]; }
    bool inScratch(const ir::Value& v) const { return buffer(v).kind == Buffer::Kind::kScratch; }
    const Buffer& buffer(const ir::Value& v) const { return plan_.buffers[static_cast<size_t>(bufferOf(v))]; }
    // REQUIRES: a value with a buffer.
    void* dataOf(const ir::Value& v) const { return address_[static_cast<size_t>(bufferOf(v))]; }
    // Of anything a region may return, constants included.
    Result<ir::Tensor> tensorOf(const ir::Value& v) const;
    ir::Dims& dimsOf(const ir::Value& v) { return dims_[static_cast<size_t>(v.id())]; }
    const ir::Dims& dimsOf(const ir::Value& v) const { return dims_[static_cast<size_t>(v.id())]; }
    Result<int64_t> bytesNow(const ir::Value& v) const;

    Environment env_;
    const FlatProgram& program_;
    ir::SymbolValues early_, symbols_;  // symbols_: with what the current run has found
    MemoryPlan plan_;
    int64_t arenaBytes_ = 0, workspaceBytes_ = 0, hostWorkspaceBytes_ = 0;
    std::vector<int64_t> workspaceAt_;  // by stream: where its own begins
    bool isStatic_ = true;
    bool recordable_ = false;  // on a GPU, and neither waits nor allocates nor must be called each time
    tactics::Kernel::Recording recording_ = tactics::Kernel::Recording::kAlways;  // of all its kernels
    const plan::Step* waiting_ = nullptr;

    std::vector<ir::Dims> dims_;  // by value id
    std::vector<Item> items_;     // by step
    std::vector<std::shared_ptr<tactics::Kernel>> kernels_;
    std::vector<void*> args_;                      // of all fast items, one after the other
    std::vector<std::vector<int>> argsOf_;         // by buffer: places in args_ that hold its address
    std::vector<void*> address_;                   // by buffer
    std::vector<int> inputBuffer_, outputBuffer_;  // by parameter and result; -1 where there is none
    std::vector<std::vector<int>> scratchOf_;      // by block: its scratch buffers
    std::byte* arena_ = nullptr;
    Memory hostArena_;  // of a GPU's program
    void* workspace_ = nullptr;
    void* hostWorkspace_ = nullptr;          // the same as workspace_ on the CPU
    device::StreamHandle stream_ = nullptr;  // of the run that is going on
    // By plan::Step::stream: where such steps go. The first is stream_.
    std::vector<device::StreamHandle> lanes_, nextLanes_;
    bool spread_ = false;  // the run that is going on is, over lanes_
    std::unique_ptr<device::Event> start_;
    std::vector<std::unique_ptr<device::Event>> made_;  // by step; null where nobody waits
    std::vector<std::unique_ptr<device::Event>> done_;  // by stream; null for the caller's
    std::vector<bool> forked_;                          // by stream: it has something of this run

    // Of a recordable program: with which addresses it was recorded, the newest first, and those of the last run.
    struct Recorded {
        std::vector<const void*> addresses;
        std::unique_ptr<device::Recording> recording;
    };
    static constexpr size_t kKeptRecordings = 2;
    std::vector<Recorded> recorded_;
    std::vector<const void*> lastAddresses_, addresses_;
    std::unique_ptr<device::Stream> recordingStream_;
    int64_t replays_ = 0;
    const tactics::DebugListener* everyValue_ = nullptr;  // of the run that is going on
    bool bound_ = false;                                  // arena and workspace addresses are in place
    std::vector<int64_t> key_;
    std::vector<const void*> lateInputs_;
    std::vector<void*> lateOutputs_;
};

}  // namespace lathe::exec

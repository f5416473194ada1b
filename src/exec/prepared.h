// SPDX-License-Identifier: Apache-2.0
// A program made ready for concrete shapes: kernels, memory, and a flat array of {kernel, argument pointers}.
//
// Steps whose extents all follow from the inputs are prepared at once, and running them allocates nothing. The others
// (after a step with data-dependent extents, or whose shape was computed by the network itself) run more slowly: each
// is prepared when it is reached, with the extents that are known by then, and what it makes lies in scratch memory.
// Control flow runs by its op's own definition (Op::reference), whose regions are nested step lists here.
#pragma once

#include <functional>

#include "exec/memory.h"
#include "exec/memory_plan.h"
#include "exec/packed_store.h"
#include "ir/op.h"

namespace lathe::exec {

// Gets memory from the user (IGpuAllocator) or from the system; `allocate` answers null on failure.
struct Allocator {
    std::function<void*(size_t bytes, size_t alignment)> allocate;
    std::function<void(void*)> deallocate;
    static Allocator system();
};

// Kernels of one context by step and extents, so that a shape that comes back needs no preparing. The least recently
// used ones of a step go first.
class KernelCache {
  public:
    explicit KernelCache(size_t steps) : steps_(steps) {}
    static constexpr size_t kPerStep = 4;
    std::shared_ptr<tactics::Kernel> find(int step, std::span<const int64_t> key);
    void put(int step, std::vector<int64_t> key, std::shared_ptr<tactics::Kernel> kernel);

  private:
    struct Entry {
        std::vector<int64_t> key;
        std::shared_ptr<tactics::Kernel> kernel;
    };
    std::vector<std::vector<Entry>> steps_;  // most recently used first
};

// Memory that grows while running and is kept for the next run.
class Scratch {
  public:
    explicit Scratch(Allocator allocator) : allocator_(std::move(allocator)) {}
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Result<void*> take(int64_t bytes);
    void give(void* p);
    void giveAll();
    // Blocks handed out now; for tests.
    int taken() const;

  private:
    struct Block {
        void* data;
        int64_t bytes;
        bool used;
    };
    Allocator allocator_;
    std::vector<Block> blocks_;
};

// Where one run reads and writes.
struct RunBindings {
    std::span<const void* const> inputs;  // one a parameter
    std::span<void* const> outputs;       // one a result; null for those that `place` answers for
    std::byte* arena = nullptr;           // Prepared::arenaBytes(), aligned to 64
    // Asked for the address of a result that has none, when its shape is known; null when there is no such result.
    const std::function<Result<void*>(int result, const ir::Dims& dims, int64_t bytes)>* place = nullptr;
    // Called after each step of the outermost list with the seconds that it took; null costs nothing.
    const std::function<void(const plan::Step& step, double seconds)>* listener = nullptr;
};

class Prepared {
  public:
    // What a context owns and its prepared programs share. All must outlive them.
    struct Environment {
        const FlatProgram* program = nullptr;
        PackedStore* store = nullptr;
        KernelCache* kernels = nullptr;
        Scratch* scratch = nullptr;
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
        int step = 0;
        std::vector<ir::Dims> bounds, outputDims;  // for kFinds
    };

    explicit Prepared(const Environment& env) : env_(env), program_(*env.program) {}
    Status setUp(int64_t reservedBytes, const MemoryPlan* largest);
    Status makeItems();
    void makeArguments();
    Result<std::shared_ptr<tactics::Kernel>> kernelFor(int step);
    Status bindCaller(const RunBindings& b);
    void setAddress(int buffer, void* p);
    Status runBlock(int block);
    Status runOutermost(const RunBindings& b);
    Status runItem(Item& item);
    Status runFinds(Item& item);
    Status runLate(Item& item);
    Status runControl(Item& item);
    Status takeFound(const plan::Step& step, std::span<const ir::Dims> found);
    Status enterRegion(int block, std::span<const ir::Tensor> parameters);
    void releaseScratch(int block, int untilTick);
    Status finishOutputs(const RunBindings& b);
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
    int64_t arenaBytes_ = 0, workspaceBytes_ = 0;
    bool isStatic_ = true;

    std::vector<ir::Dims> dims_;  // by value id
    std::vector<Item> items_;     // by step
    std::vector<std::shared_ptr<tactics::Kernel>> kernels_;
    std::vector<void*> args_;                      // of all fast items, one after the other
    std::vector<std::vector<int>> argsOf_;         // by buffer: places in args_ that hold its address
    std::vector<void*> address_;                   // by buffer
    std::vector<int> inputBuffer_, outputBuffer_;  // by parameter and result; -1 where there is none
    std::vector<std::vector<int>> scratchOf_;      // by block: its scratch buffers
    std::byte* arena_ = nullptr;
    void* workspace_ = nullptr;
    bool bound_ = false;  // arena and workspace addresses are in place
    std::vector<int64_t> key_;
    std::vector<const void*> lateInputs_;
    std::vector<void*> lateOutputs_;
};

}  // namespace lathe::exec

// SPDX-License-Identifier: Apache-2.0
// A tactic is one way to compute a small part of a graph: an anchor node and any of its neighbours. It lives through
//   bind      at build: does it fit here? Answers with candidates, or with the reason why not;
//   pack      at build, refit, or load on another machine: weights into the form that its kernel reads;
//   prepare   for concrete shapes: may allocate and compile, and gives a Kernel;
//   run       Kernel::run: may do none of these.
// A binding is all that a plan stores of the choice, so bind and prepare see the same thing.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "ir/op.h"
#include "tactics/format.h"

namespace lathe::tactics {

class Tactic;

// Where code runs. A CUDA target also says what its host offers: values that lie in host memory are computed there.
// bind() may use all of it but `model`; what is built for a device that is absent is built from this alone.
struct Target {
    enum class Backend : int64_t { kCpu = 0, kCuda = 1 };
    enum class Isa : int64_t { kBase = 0, kAvx2 = 1, kAvx512 = 2 };
    Backend backend = Backend::kCpu;
    Isa isa = Isa::kBase;
    int threads = 1;    // that work on one engine
    std::string model;  // of the processor, or of the GPU; part of timing cache keys
    // The version of oneDNN whose kernels may be used, empty for none. Part of timing cache keys too.
    std::string onednn;
    // The version of cuBLASLt whose products may be used on a GPU, empty for none; as above.
    std::string cublasLt;
    // The same of cuDNN.
    std::string cudnn;
    // Of a CUDA target: compute capability (90 for 9.0), multiprocessors, bytes of shared memory that a block may take.
    int sm = 0, smCount = 0, sharedPerBlock = 0;
    // Other devices that it stands for: any GPU of its architecture (told apart from kNone by the builder's user
    // alone), or every GPU from `sm` on. Kernels are compiled for the GPU that is there.
    enum class Reach : int64_t { kNone = 0, kAmpereAndLater = 1, kSameArchitecture = 2 };
    Reach reach = Reach::kNone;
    bool isCuda() const { return backend == Backend::kCuda; }
    // "cpu:avx2", "cuda:sm_90", "cuda:sm_80+"
    std::string name() const;
    bool operator==(const Target&) const = default;
};

// Weights in a form that a kernel wants: computed from constants by Tactic::pack, cached in the plan.
struct PackedWeights {
    std::vector<const ir::Value*> sources;  // constants
    std::string kind;  // names the form and its version ("gemm_b.avx2.v1:16"); equal kinds over equal
                       // sources are shared
    int64_t bytes = 0;
};

struct Binding {
    const Tactic* tactic = nullptr;
    std::vector<const ir::Node*> nodes;     // what it covers, in execution order
    std::vector<const ir::Value*> inputs;   // what it reads at run time, each once; constants are not inputs
    std::vector<const ir::Value*> outputs;  // what others see of it
    std::vector<Layout> inputLayouts, outputLayouts;
    std::vector<PackedWeights> packed;
    std::vector<int64_t> params;  // the tactic's own choices (tile sizes, algorithm numbers)
    // Output o may take over the buffer of input i when nobody needs that input any more: {o, i}.
    std::vector<std::pair<int, int>> inPlace;
    // Output o is input i, without a copy: {o, i}. run() does nothing for it.
    std::vector<std::pair<int, int>> aliases;
};

struct Candidate {
    Binding binding;
    double estimate = 0;         // seconds at the optimum shapes, from a cost model
    int64_t workspaceBytes = 0;  // at the largest shapes
};

// What bind() may ask. Shapes are those of the profile: smallest, optimum and largest.
class BindContext {
  public:
    virtual ~BindContext() = default;
    virtual const Target& target() const = 0;
    virtual ir::Dims minDims(const ir::Value& v) const = 0;
    virtual ir::Dims optDims(const ir::Value& v) const = 0;
    virtual ir::Dims maxDims(const ir::Value& v) const = 0;
    // Relaxed fp32 (BuilderFlag::kTF32): tactics with a little more rounding error than a plain sum may be used.
    virtual bool relaxed() const = 0;
    // Elements of an integer tensor at the optimum shapes, where the graph knows them.
    virtual std::optional<std::vector<int64_t>> optElements(const ir::Value& v) const;
    // The one node that reads v, when v has no other use and isn't a result of its region; else null.
    const ir::Node* onlyUser(const ir::Value& v) const;
};

// bind()'s answer. No candidates and no refusals means: not for this anchor at all.
struct BindResult {
    std::vector<Candidate> candidates;
    std::vector<std::string> refusals;  // "stride 2 is not 1"
    static BindResult refuse(std::string reason) { return {{}, {std::move(reason)}}; }
};

// Arguments of one run. Pointers are in the order of the binding's inputs and outputs.
struct RunArgs {
    const void* const* inputs = nullptr;
    void* const* outputs = nullptr;
    void* workspace = nullptr;  // at least Kernel::workspaceBytes(), aligned to 64 (on a GPU: 256)
    // For data-dependent outputs: the kernel puts the real dims here (one entry an output; sized before the call).
    ir::Dims* outputDims = nullptr;
    // Where a GPU's kernels are put; null for the CPU's, which are done when run() returns.
    device::StreamHandle stream = nullptr;
};

class Kernel {
  public:
    virtual ~Kernel() = default;
    virtual int64_t workspaceBytes() const { return 0; }
    // On a GPU: enqueues into args.stream and waits for nothing, unless waits() says otherwise.
    // REQUIRES there: the device is current in this thread.
    virtual Status run(const RunArgs& args) = 0;
    // run() waits for the stream (it reads back what the device computed), so it cannot be captured into a graph.
    virtual bool waits() const { return false; }
    // Whether what run() puts into a stream may be recorded and run again without it: always; if recording it works; or
    // never, because run() itself must be called each time.
    enum class Recording : uint8_t { kAlways, kTried, kNever };
    virtual Recording recording() const { return Recording::kAlways; }
};

// What prepare() sees: concrete shapes and the weights' bytes.
class PrepareContext {
  public:
    virtual ~PrepareContext() = default;
    virtual const Target& target() const = 0;
    // Of any value of the covered nodes. Data-dependent extents have their upper bound, or, where the value is an
    // input, the extent that it has now.
    virtual const ir::Dims& dims(const ir::Value& v) const = 0;
    // A constant's bytes.
    virtual Result<std::span<const std::byte>> weights(const ir::Value& constant) const = 0;
    // binding.packed[i], packed. Lives as long as the kernel.
    virtual Result<std::span<const std::byte>> packed(int i) const = 0;
    // Where the kernels run; a CUDA target's is a cuda::Gpu. Null for the CPU.
    virtual device::Device* device() const { return nullptr; }
    // binding.packed[i], and a constant's own bytes, at an address of the device (aligned to 256; uploaded once and
    // shared by all that ask). They live as long as the kernel. REQUIRES: device().
    virtual Result<const void*> resident(int i) const;
    virtual Result<const void*> residentWeights(const ir::Value& constant) const;
};

class Tactic {
  public:
    // `id` is stable across releases while results are bit-identical: "cpu.softmax.rows.v1". `anchor` is the op that it
    // binds at, or "*" for any.
    constexpr Tactic(const char* id, const char* anchor) : id_(id), anchor_(anchor) {}
    constexpr virtual ~Tactic() = default;
    const char* id() const { return id_; }
    const char* anchor() const { return anchor_; }
    // Considered only where no other tactic covers the same nodes.
    virtual bool lastResort() const { return false; }

    virtual BindResult bind(const ir::Node& anchor, const BindContext& c) const = 0;
    virtual Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                        std::span<std::byte> out, const Target& target) const;
    virtual Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const = 0;

  private:
    const char* id_;
    const char* anchor_;
};

// All tactics; the table is generated from the files under this folder.
std::span<const Tactic* const> all();
// Null when there is none of this id.
const Tactic* find(std::string_view id);
// Those of a backend that bind at this op, the ones for any op included, in a fixed order. A tactic's backend is the
// first part of its id. In a program for a GPU, the builder offers the CPU's too, with operands of layout kHost.
std::vector<const Tactic*> forOp(std::string_view op, Target::Backend backend = Target::Backend::kCpu);
Target::Backend backendOf(const Tactic& tactic);

// A binding of one node: its non-constant inputs (each once) and its outputs, all linear.
Binding bindNode(const Tactic& tactic, const ir::Node& node);

}  // namespace lathe::tactics

// Defines the tactic's one object, in namespace lathe::tactics. The file must be tactics/<backend>/<op>/<name>.cc for
// LATHE_TACTIC(<backend>_<op>_<name>, Class).
#define LATHE_TACTIC(id, Class)                               \
    namespace {                                               \
    constinit const Class id##Instance{};                     \
    }                                                         \
    extern const ::lathe::tactics::Tactic* const tactic_##id; \
    constinit const ::lathe::tactics::Tactic* const tactic_##id = &id##Instance;

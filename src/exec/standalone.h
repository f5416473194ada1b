// SPDX-License-Identifier: Apache-2.0
// Runs one binding alone, on tensors of its own: for timing candidates, and for comparing tactics with the reference.
#pragma once

#include "exec/memory.h"
#include "exec/packed_store.h"
#include "ir/interpreter.h"

namespace lathe::exec {

class Standalone {
  public:
    // At the optimum shapes, with seeded inputs: random floating-point numbers, known elements where the graph knows
    // them, zeros for other integers of 32 and 64 bits (they are mostly indices), random bytes for narrower ones.
    // `binding` and its graph must outlive it. Packed weights come from `store` when it is given; its device is where
    // a device's tactic runs.
    static Result<std::unique_ptr<Standalone>> create(const tactics::Binding& binding,
                                                      const tactics::BindContext& shapes, PackedStore* store = nullptr);
    ~Standalone();

    // Row-major data for binding.inputs[i], brought into the layout that the binding reads.
    Status setInput(int i, const ir::Tensor& linear);
    // Done when it returns.
    Status run();
    // Seconds of one run; several runs are averaged when one is too short for the clock. On a device: of a recording of
    // several, where the device and the kernel allow one.
    Result<double> seconds();
    // binding.outputs[o] as the last run left it, row-major. Data-dependent extents are those that the kernel found.
    Result<ir::HostTensor> output(int o) const;
    // Whether the lanes that pad the last block of channels of output o are zero, as its layout wants.
    Result<bool> paddingIsZero(int o) const;
    // OK unless something was written past the end of an output, of the workspace or of an input (looked at on devices
    // with memory of their own).
    Status guardsIntact() const;
    int64_t workspaceBytes() const { return kernel_->workspaceBytes(); }

  private:
    struct Slot {
        tactics::Format format;
        ir::Dims dims;
        Memory memory;  // null where the data lies in the device's
        void* data = nullptr;
        int64_t bytes = 0;
        bool onDevice() const { return !memory; }
    };
    Standalone(const tactics::Binding& binding) : binding_(binding) {}
    Status setUp(const tactics::BindContext& shapes, PackedStore* store);
    Status fill(int i, const tactics::BindContext& shapes);
    Status fillThere(const Slot& s, uint64_t seed);
    Result<void*> allocateThere(int64_t bytes);
    Status enqueue();
    Result<double> secondsThere();
    // The output's bytes in host memory, in its layout: a copy of them in `copy` where they lie in the device's.
    Result<const std::byte*> onHost(const Slot& s, Memory& copy) const;

    tactics::Binding binding_;  // kernels may keep a reference to it
    std::unique_ptr<PackedStore> ownStore_;
    std::unique_ptr<tactics::Kernel> kernel_;
    std::vector<Slot> inputs_, outputs_;
    std::vector<const void*> inputData_;
    std::vector<void*> outputData_;
    std::vector<ir::Dims> outputDims_;
    Memory workspace_;
    void* workspaceData_ = nullptr;
    int repeats_ = 0;

    device::Accelerator* device_ = nullptr;  // null: the host's memory and clock
    std::unique_ptr<device::Stream> stream_;
    std::unique_ptr<device::Timer> timer_;
    std::unique_ptr<device::Recording> recording_;  // of repeats_ runs
    struct Block {
        void* data;
        int64_t bytes;  // without the guard behind them
    };
    std::vector<Block> blocks_;  // of the device's memory
};

}  // namespace lathe::exec

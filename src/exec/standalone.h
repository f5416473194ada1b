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
    // `binding` and its graph must outlive it. Packed weights come from `store` when it is given.
    static Result<std::unique_ptr<Standalone>> create(const tactics::Binding& binding,
                                                      const tactics::BindContext& shapes, PackedStore* store = nullptr);

    // Row-major data for binding.inputs[i], brought into the layout that the binding reads.
    Status setInput(int i, const ir::Tensor& linear);
    Status run();
    // Seconds of one run; several runs are averaged when one is too short for the clock.
    Result<double> seconds();
    // binding.outputs[o] as the last run left it, row-major. Data-dependent extents are those that the kernel found.
    Result<ir::HostTensor> output(int o) const;
    // Whether the lanes that pad the last block of channels of output o are zero, as its layout wants.
    bool paddingIsZero(int o) const;
    int64_t workspaceBytes() const { return kernel_->workspaceBytes(); }

  private:
    struct Slot {
        tactics::Format format;
        ir::Dims dims;
        Memory memory;
        void* data = nullptr;
    };
    Standalone(const tactics::Binding& binding) : binding_(binding) {}
    Status setUp(const tactics::BindContext& shapes, PackedStore* store);
    Status fill(int i, const tactics::BindContext& shapes);

    tactics::Binding binding_;  // kernels may keep a reference to it
    std::unique_ptr<PackedStore> ownStore_;
    std::unique_ptr<tactics::Kernel> kernel_;
    std::vector<Slot> inputs_, outputs_;
    std::vector<const void*> inputData_;
    std::vector<void*> outputData_;
    std::vector<ir::Dims> outputDims_;
    Memory workspace_;
    int repeats_ = 0;
};

}  // namespace lathe::exec

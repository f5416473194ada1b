// SPDX-License-Identifier: Apache-2.0
// A program, looked at once: its steps in one list with a clock, who is alive when, what is known when. Immutable, and
// shared by all contexts of an engine.
//
// The clock: a kernel step takes one tick. A control step begins at a tick, its regions' steps take the ticks after it,
// one region after the other, and it ends at a tick of its own; so whatever a region reads from outside, and everything
// that the control step itself reads or makes, is alive from its begin to its end.
#pragma once

#include "exec/shapes.h"
#include "exec/stream_order.h"
#include "plan/placement.h"

namespace lathe::exec {

struct FlatStep {
    const plan::Step* step = nullptr;
    bool isControl() const { return step->control != nullptr; }
    // Runs on the host, on host memory: every kernel of a program for the CPU, and some of one for a GPU.
    bool onHost = true;
    // Of a host step in a GPU's program: its binding as the CPU's tactic made it. Kernels may refer to it.
    std::unique_ptr<tactics::Binding> offered;
    // What the step is prepared with.
    const tactics::Binding& binding() const { return offered ? *offered : step->binding; }
    // Copies from host memory to the device's.
    bool goesUp = false;
    int begin = 0, end = 0;   // ticks; equal for kernels
    std::vector<int> blocks;  // of a control step: one a region
    // Values whose extents the kernel may ask for, and those that it reads and makes; no constants, each once.
    std::vector<const ir::Value*> touched;
    // Every extent of those is known before the run, or is bounded then and found by this very step. Always false for
    // control steps.
    bool early = false;
    bool bindsSymbols = false;  // some symbol comes from one of its outputs
    std::vector<const ir::Node*> toCheck;
};

struct FlatBlock {
    const ir::Region* region = nullptr;
    std::vector<int> steps;
    int begin = 0, end = 0;  // ticks, the parameters' and the results'
};

class FlatProgram {
  public:
    // Checks what running relies on: that values are made before they are read and in the layout that they are read in,
    // each once, that regions and results are what they must be, and that steps are in streams where they may be.
    static Result<std::unique_ptr<FlatProgram>> create(const plan::Program& program);

    const plan::Program& program() const { return program_; }
    const ir::Graph& graph() const { return *program_.graph; }
    const ShapeProgram& shapes() const { return shapes_; }
    const std::vector<FlatStep>& steps() const { return steps_; }
    const std::vector<FlatBlock>& blocks() const { return blocks_; }  // 0 is the graph's body

    // How the steps are spread over streams; null where all are in the caller's.
    const StreamOrder* order() const { return order_.get(); }
    int streams() const { return order_ ? order_->streams : 1; }

    // By value id: in which block a value is made (-1: by no step, or a constant), and the last tick that needs it.
    int blockOf(const ir::Value& v) const { return values_[static_cast<size_t>(v.id())].block; }
    int lastUse(const ir::Value& v) const { return values_[static_cast<size_t>(v.id())].lastUse; }
    tactics::Format formatOf(const ir::Value& v) const {
        return {v.dtype(), values_[static_cast<size_t>(v.id())].layout};
    }
    // Whether it lies in host memory; always in a program for the CPU.
    bool isOnHost(const ir::Value& v) const {
        return !program_.target.isCuda() || formatOf(v).layout == tactics::Layout::kHost;
    }
    // The value's extents follow from the inputs.
    bool isEarly(const ir::Value& v) const { return values_[static_cast<size_t>(v.id())].early; }
    // Not early, but found by the kernel that makes it, within a bound that follows from the inputs.
    bool isBounded(const ir::Value& v) const { return values_[static_cast<size_t>(v.id())].bounded; }

  private:
    struct ValueInfo {
        int block = -1, lastUse = -1;
        tactics::Layout layout = tactics::Layout::kLinear;
        bool early = false, bounded = false;
    };
    explicit FlatProgram(const plan::Program& program)
        : program_(program), shapes_(*program.graph), placement_(program) {}
    Status checkPlaces(const tactics::Binding& b) const;
    Result<int> flatten(const std::vector<plan::Step>& steps, const ir::Region& region, int parent);
    Status flattenKernel(FlatStep& flat, int block);
    Status flattenControl(int index, int block);
    Status read(const ir::Value& v, int block, tactics::Layout layout, int tick);
    Status make(const ir::Value& v, int block, tactics::Layout layout, int tick);
    void classify();
    ValueInfo& info(const ir::Value& v) { return values_[static_cast<size_t>(v.id())]; }
    bool visible(int from, int block) const;

    const plan::Program& program_;
    ShapeProgram shapes_;
    plan::Placement placement_;
    std::vector<FlatStep> steps_;
    std::vector<FlatBlock> blocks_;
    std::vector<int> parents_;  // of each block: the block around it
    std::vector<ValueInfo> values_;
    std::unique_ptr<StreamOrder> order_;
    int clock_ = 0;
};

}  // namespace lathe::exec

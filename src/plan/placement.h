// SPDX-License-Identifier: Apache-2.0
// Where values lie that steps hand on to others than their readers: parameters and results of regions, operands of
// control steps, and what nested regions read from outside. Inputs and outputs of the engine lie as their formats say.
// The others are row-major in a program for the CPU; in one for a GPU they are row-major in the device's memory, or in
// the host's for what the host looks at: shape inputs and outputs, elements that become extents, whatever inference
// follows element by element, and single integers and booleans of control flow (predicates, numbers of trips,
// counters). It depends on the graph and on what placeIo() put into the program alone, so that builder and reader
// agree.
#pragma once

#include <unordered_set>

#include "plan/plan.h"

namespace lathe::plan {

class Placement {
  public:
    // The graph may get new nodes afterwards, but no new symbols. It and the program must outlive this.
    explicit Placement(const Program& program);

    // Of a parameter, a control step's output, or a value that a nested region reads.
    tactics::Layout of(const ir::Value& v) const;
    tactics::Layout ofResult(const ir::Region& region, int index) const;
    tactics::Layout ofInput(const ir::Node& control, int index) const;
    // Elements become extents while the program runs: whatever makes the value must leave it in `of(v)`.
    bool isRead(const ir::Value& v) const { return read_.contains(&v); }

  private:
    const Program& program_;
    std::unordered_set<const ir::Value*> read_;
};

// A CPU tactic's candidate in a GPU's program: all its operands are in host memory. False where one isn't row-major.
bool moveToHost(tactics::Binding& binding);
// Such a binding as the tactic itself made it, which knows of no host: what it is prepared with.
tactics::Binding asOffered(const tactics::Binding& moved);

}  // namespace lathe::plan

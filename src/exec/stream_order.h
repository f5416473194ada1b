// SPDX-License-Identifier: Apache-2.0
// The order in which a program's steps run when they are spread over several streams (plan::Step::stream).
//
// Steps of one stream run one after the other, as they are listed. A step that reads what another stream's makes waits
// for it, and with it for all that comes before it; everything waits for the start of the run, and the end of the run
// for everything. Steps that this leaves without an order may run at the same time: so they have buffers and workspaces
// of their own (MemoryPlan).
//
// Ticks are FlatProgram's. The start of the run and its end count as steps of stream 0, the caller's.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace lathe::exec {

class FlatProgram;
struct FlatStep;

// A tick of each stream; -1: none of it.
using StreamTicks = std::vector<int>;

struct StreamOrder {
    static constexpr int kStart = -1;

    int streams = 1;
    // By step: the last steps of each stream that are over when it begins, and what it has to wait for to make that
    // true: steps of other streams, or kStart. No wait follows from others.
    std::vector<StreamTicks> before;
    std::vector<std::vector<int>> waits;
    std::vector<bool> awaited;  // by step: some other stream's waits for it
    bool startAwaited = false;
    std::vector<bool> joined;  // by stream: the end of the run has to wait for its last step
    // By value: the last ticks that make or read it; empty for constants and what lies inside of fused steps.
    std::vector<StreamTicks> until;

    // Errors: a step that must be in the caller's stream is in another.
    static Result<StreamOrder> create(const FlatProgram& program);
};

// Why a program's steps cannot be spread over streams; empty where they can. Only kernels of a GPU can whose shapes and
// addresses are known before the run, and which write to no memory that another value has.
std::string whyOneStream(const FlatProgram& program);
// A step that stays in the caller's stream whatever the others do: what it does reaches beyond the program (plugins,
// collective operations, debug tensors, random numbers, assertions).
bool staysInMainStream(const FlatStep& step);

}  // namespace lathe::exec

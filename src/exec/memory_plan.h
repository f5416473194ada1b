// SPDX-License-Identifier: Apache-2.0
// Where every value lies while a program runs.
//
// Values that share memory (aliases, in-place results) share one buffer. Buffers lie in one arena, or at an address of
// the caller's (inputs, and outputs that can be written directly), or, when their size is unknown before the run, in
// scratch memory. The arena's tail is the workspace, one for all steps:
//
//   arena: [ buffers, each aligned to 64 | workspace, aligned to 64 ]
//
// Where steps are spread over streams, each of those has a workspace, and buffers share room only if the streams' order
// (StreamOrder) puts all steps that need the one before the step that makes the other.
//
// A program for a GPU has two arenas: one in the device's memory, where everything is aligned to 256, and one of the
// same form in the host's, for what lies there.
#pragma once

#include "exec/flat_program.h"

namespace lathe::exec {

// Offsets (multiples of 64) for blocks of memory that are needed from `first` to `last`, both included: no two blocks
// overlap in both time and space. Large blocks first, each into the smallest gap that holds it. Returns the total size.
// Errors: a negative size, a total beyond what can be addressed.
struct Lifetime {
    int64_t bytes = 0;
    int first = 0, last = 0;
    int64_t offset = 0;  // the answer
    // Of several streams, in the place of `first` and `last`: the last ticks of each that are over before it is needed,
    // and the last ones that need it.
    StreamTicks after{}, until{};
};
Result<int64_t> placeInArena(std::vector<Lifetime>& blocks);

struct Buffer {
    enum class Kind {
        kArena,
        kInput,    // the caller's address of parameter `index`
        kOutput,   // the caller's address of result `index`
        kScratch,  // allocated while running
    };
    Kind kind = Kind::kArena;
    int index = -1;
    int64_t bytes = 0;   // of the largest member; 0 for scratch
    int64_t offset = 0;  // in the arena
    int first = 0, last = 0;
    StreamTicks after, until;  // as of a Lifetime
    int block = 0;             // the block that makes its first member
    bool host = false;         // of a program for a GPU: in host memory
};

struct MemoryPlan {
    std::vector<Buffer> buffers;
    std::vector<int> bufferOf;     // by value id; -1 for constants and values inside of a fused step
    std::vector<int64_t> bytesOf;  // by value id; -1 where only running tells
    std::vector<bool> copied;      // by result: its value lies elsewhere and is copied to the caller when all is done
    std::vector<int> resultOf;     // by result: its value's id
    int64_t arenaBytes = 0;        // without workspace
    int64_t hostArenaBytes = 0;    // the same of a GPU program's arena in host memory

    static Result<MemoryPlan> create(const FlatProgram& program, const ir::SymbolValues& symbols);
    // For all shapes between the given corners of a range. What cannot be computed at a corner is left out there: two
    // extents at the ends of their ranges may be impossible together.
    static Result<MemoryPlan> forRange(const FlatProgram& program, std::span<const ir::SymbolValues> corners);
    // Whether a program whose values take `actual` bytes can run in this plan's memory.
    bool fits(const MemoryPlan& actual) const;
};

}  // namespace lathe::exec

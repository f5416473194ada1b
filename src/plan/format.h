// SPDX-License-Identifier: Apache-2.0
// Plan bytes: docs/plan_format.md, sections.h and plan.fbs say how they are laid out.
#pragma once

#include <cstddef>
#include <functional>

#include "base/block.h"
#include "plan/plan.h"

namespace lathe::plan {

struct WriteOptions {
    // False: a stripped plan, to be refitted before it runs. Weights that shapes may depend on (at most 16 elements, or
    // small integer tensors) and weights without a name, which no refit could bring back, stay in.
    bool withWeights = true;
    bool withPacked = true;  // the cache of packed weights
    // Leaves out weights that the plan's steps read in packed form alone, and writes derived weights as what they are.
    // For plans that are neither to be refitted nor read by another library version. Needs both of the above.
    bool compact = false;
};
// Hands the bytes out in order, in pieces. Equal plans give equal bytes. What a plan that was read does not hold is
// left out again, so that it is written as it was.
using Sink = std::function<Status(std::span<const std::byte>)>;
// `reserve`, where there is one, is told the number of bytes before the first of them.
Status write(const Plan& plan, const WriteOptions& options, const Sink& sink,
             const std::function<Status(uint64_t total)>& reserve = nullptr);
Result<std::vector<std::byte>> write(const Plan& plan, const WriteOptions& options = {});
Result<std::shared_ptr<Block>> writeBlock(const Plan& plan, const WriteOptions& options = {});

struct ReadOptions {
    // Checks every section's checksum at once, which touches every page. Otherwise weights are checked when they are
    // first used, and are never looked at when nothing uses them.
    bool verifyAll = false;
};
// Reads a plan; every byte is taken as hostile, right checksums or not. What it returns refers only to what exists; its
// types are what inference says; and every step's binding is one that its tactic itself offers for these nodes
// (Tactic::bind is asked again). That steps stand in an order in which they can run is checked by exec::FlatProgram.
// `owner` keeps `bytes` alive and as they are: weights stay views into them. Bytes that are not aligned to 16 are
// copied.
Result<std::unique_ptr<Plan>> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                   const ReadOptions& options = {});

// The first bytes of every plan: "LATHEPLN". Tells plans from other files.
inline constexpr char kMagic[8] = {'L', 'A', 'T', 'H', 'E', 'P', 'L', 'N'};
// What read() would check first, from a plan's beginning: is it one, and of which format version?
Result<uint32_t> formatVersion(std::span<const std::byte> beginning);
// Size of the whole plan, from its first kHeaderBytes (sections.h) or more. Only the header has been checked then.
Result<uint64_t> planBytes(std::span<const std::byte> beginning);

// XXH3, never 0.
uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace lathe::plan

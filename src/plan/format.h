// SPDX-License-Identifier: Apache-2.0
// Plan bytes. The layout is drawn in format.cc above the code that writes it.
#pragma once

#include <cstddef>
#include <functional>

#include "plan/plan.h"

namespace lathe::plan {

struct WriteOptions {
    bool withWeights = true;  // false: a stripped plan, to be refitted before it runs
    bool withPacked = true;   // the cache of packed weights
};
// Hands the bytes out in order, in pieces.
using Sink = std::function<Status(std::span<const std::byte>)>;
Status write(const Plan& plan, const WriteOptions& options, const Sink& sink);
Result<std::vector<std::byte>> write(const Plan& plan, const WriteOptions& options = {});

// Reads a plan; every byte is taken as hostile. `owner` keeps `bytes` alive: weights stay views into them, and pages of
// sections that nothing needs are not touched.
Result<std::unique_ptr<Plan>> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

// The first bytes of every plan: "LATHEPLN". Tells plans from other files.
inline constexpr char kMagic[8] = {'L', 'A', 'T', 'H', 'E', 'P', 'L', 'N'};

}  // namespace lathe::plan

// SPDX-License-Identifier: Apache-2.0
// Chooses which candidates cover a region, and with them the layout of every value, so that the sum of step times and
// reorders is smallest. Beam search in topological order: exact where few values with a choice of layouts are alive at
// once (chains, residual networks), a good guess elsewhere.
#pragma once

#include <functional>

#include "plan/placement.h"

namespace lathe::builder {

struct TimedCandidate {
    tactics::Candidate candidate;
    double seconds = 0;
};

// Seconds to change a value's layout.
using ReorderCost = std::function<double(const ir::Value& value, tactics::Layout from, tactics::Layout to)>;

struct Cover {
    std::vector<const TimedCandidate*> chosen;  // in an order in which they can run
    double seconds = 0;
};

// `candidates` are those of the region's own nodes; nodes with regions have one without a tactic. Values from outside
// of the region, what nested regions read and results lie as `placement` says. Errors: no candidates cover some node
// (kUnsupported).
Result<Cover> chooseCover(const ir::Region& region, const std::vector<TimedCandidate>& candidates,
                          const ReorderCost& reorder, const plan::Placement& placement, int beamWidth = 256);

}  // namespace lathe::builder

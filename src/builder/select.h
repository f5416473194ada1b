// SPDX-License-Identifier: Apache-2.0
// Which candidates a node has, and how long each takes.
#pragma once

#include "builder/builder.h"
#include "builder/cover.h"
#include "builder/timing_cache.h"
#include "plan/shape_range.h"

namespace lathe::builder {

class Selector {
  public:
    Selector(const Options& options, const plan::ShapeRange& shapes, TimingCache& cache, Observer& observer)
        : options_(options), shapes_(shapes), cache_(cache), observer_(observer) {}

    // Appends the timed candidates anchored at `node`; at least one covers it alone, or an error lists every refusal.
    Status candidates(const ir::Node& node, std::vector<TimedCandidate>& out);
    // Seconds of the fastest reorder, measured once per problem.
    double reorderSeconds(const ir::Value& value, tactics::Layout from, tactics::Layout to);
    Result<TimedCandidate> bindReorder(const ir::Node& reorder);

    int measured() const { return measured_; }
    int fromCache() const { return fromCache_; }

  private:
    // Times groups, each of which covers the same nodes; drops those that are clearly slower than others of their
    // group.
    Status time(const ir::Node& anchor, std::vector<std::vector<tactics::Candidate>>& groups,
                std::vector<TimedCandidate>& out);

    const Options& options_;
    const plan::ShapeRange& shapes_;
    TimingCache& cache_;
    Observer& observer_;
    std::map<std::string, double> reorders_;
    int measured_ = 0, fromCache_ = 0;
};

}  // namespace lathe::builder

// SPDX-License-Identifier: Apache-2.0
// Which candidates a node has, and how long each takes.
#pragma once

#include <map>
#include <set>

#include "builder/builder.h"
#include "builder/cover.h"
#include "builder/timing_cache.h"
#include "plan/placement.h"
#include "plan/shape_range.h"

namespace lathe::cuda {
struct KernelPlan;
}
namespace lathe::exec {
class PackedStore;
}

namespace lathe::builder {

class Selector {
  public:
    // `device`: the GPU to measure on; null for the CPU, and where the GPU that is built for is absent: then its
    // tactics count with their estimates.
    Selector(const Options& options, const plan::ShapeRange& shapes, const plan::Placement& placement,
             TimingCache& cache, Observer& observer, device::Accelerator* device = nullptr)
        : options_(options),
          shapes_(shapes),
          placement_(placement),
          cache_(cache),
          observer_(observer),
          device_(device) {}

    // Compiles what candidates() of the region's nodes will measure on a GPU, on all threads.
    void compileAhead(const ir::Region& region);

    // Appends the timed candidates anchored at `node`; at least one covers it alone, or an error lists every refusal.
    Status candidates(const ir::Node& node, std::vector<TimedCandidate>& out);
    // Seconds of the fastest reorder, measured once per problem.
    double reorderSeconds(const ir::Value& value, tactics::Layout from, tactics::Layout to);
    Result<TimedCandidate> bindReorder(const ir::Node& reorder);

    const plan::ShapeRange& shapes() const { return shapes_; }
    int measured() const { return measured_; }
    int fromCache() const { return fromCache_; }

  private:
    using Groups = std::vector<std::vector<tactics::Candidate>>;
    // Those that cover the same nodes in the same memory compete directly; the cover chooses among groups. The ones
    // that cover most come first.
    Result<Groups> groupsOf(const ir::Node& node);
    // Appends what a backend's tactics offer at the node; in a GPU's program the CPU's are moved to host memory.
    void offers(const ir::Node& node, tactics::Target::Backend backend, std::vector<tactics::Candidate>& found,
                std::string& refusals);
    bool isMeasured(const tactics::Binding& b) const;
    // Whether a GPU program's candidate that is not measured can be prepared for the optimum shapes.
    Status planKernels(const tactics::Binding& b, exec::PackedStore& store, std::vector<cuda::KernelPlan>& plans) const;
    Status checkPrepares(const tactics::Binding& b) const;
    // Times groups, each of which covers the same nodes; drops those that are clearly slower than others of their
    // group.
    Status time(const ir::Node& anchor, Groups& groups, std::vector<TimedCandidate>& out);

    const Options& options_;
    const plan::ShapeRange& shapes_;
    const plan::Placement& placement_;
    TimingCache& cache_;
    Observer& observer_;
    device::Accelerator* device_;
    std::set<std::string> warned_;                     // ops that run on the host for want of a GPU's tactic
    std::map<const ir::Node*, Result<Groups>> ahead_;  // of compileAhead(), until candidates() takes them
    std::map<std::string, double> reorders_;
    bool warm_ = false;  // the device's clocks are up
    int measured_ = 0, fromCache_ = 0;
};

}  // namespace lathe::builder

// SPDX-License-Identifier: Apache-2.0
// From a lowered graph to a plan: canonicalize, bind candidates, time them, choose a cover with its formats.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "device/accelerator.h"
#include "plan/plan.h"

namespace lathe::builder {

class Chooser;
class TimingCache;

// What the caller wants to hear while it builds.
class Observer {
  public:
    virtual ~Observer() = default;
    enum class Severity { kError, kWarning, kInfo, kVerbose };
    virtual void log(Severity severity, const std::string& message) = 0;
    // Progress in the manner of nvinfer1::IProgressMonitor; step() answers false to cancel the build.
    virtual void phaseStart(const char* phase, const char* parent, int steps) {
        (void)phase, (void)parent, (void)steps;
    }
    virtual bool step(const char* phase, int step) {
        (void)phase, (void)step;
        return true;
    }
    virtual void phaseFinish(const char* phase) { (void)phase; }
};

// What a program is built for, and the device to measure on: null for the CPU, and for a GPU that is absent, where the
// cost model and the timing cache decide.
struct BuildTarget {
    tactics::Target target;
    device::Accelerator* device = nullptr;
};

struct Options {
    std::string name;
    std::vector<BuildTarget> targets;     // a program for each; none: this machine's CPU
    std::vector<plan::Profile> profiles;  // shapes by graph parameter; at least one when any dimension is symbolic
    int64_t workspaceLimit = INT64_MAX;   // bytes
    int auxStreams = -1;                  // of a GPU's program, at most; -1: as many as pay off
    int optimizationLevel = 3;            // 0 to 5: 1, 2, 4, 8, 16, 32 candidates a problem; 0 measures nothing
    int mostTactics = -1;                 // candidates a problem, where that is fewer; 0 as at level 0, -1: no limit
    int timingIterations = 1;             // averaged samples a candidate
    bool relaxed = true;                  // BuilderFlag::kTF32
    // What a GPU may compute f32 layers in (BuilderFlag::kFP16, kBF16); kFloat: nothing else. Those of `keepFloat` (by
    // name or metadata of their layers) stay.
    DType narrow = DType::kFloat;
    std::set<std::string> keepFloat;
    bool refittable = false;
    // Of a refittable plan: see plan::Plan.
    plan::Plan::Refit refit = plan::Plan::Refit::kAny;
    std::vector<plan::Plan::Role> roles;
    std::vector<std::string> markedWeights;
    bool stripWeights = false;
    bool failOnCacheMiss = false;  // BuilderFlag::kERROR_ON_TIMING_CACHE_MISS
    int64_t profilingVerbosity = 0;
    TimingCache* timingCache = nullptr;  // read and added to; may be null
    Chooser* chooser = nullptr;          // has a say in the choice of tactics; may be null
    bool offerLastResorts = false;       // also beside other tactics
    // Names of passes that are not to run (for debugging).
    std::vector<std::string> disabledPasses;
};

// What the API knows of each graph parameter and result beyond the graph itself.
struct IoNames {
    std::vector<plan::IoTensor> io;  // inputs in the order of the parameters, then outputs in that of the results
};

// Takes the graph over. Errors: a profile that doesn't fit (kInvalidConfig), no tactic for a node (kUnsupported, with
// every refusal), cancelled by the observer (kInvalidState), out of memory.
Result<std::unique_ptr<plan::Plan>> build(std::unique_ptr<ir::Graph> graph, const IoNames& io, const Options& options,
                                          Observer& observer);

}  // namespace lathe::builder

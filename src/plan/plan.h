// SPDX-License-Identifier: Apache-2.0
// An optimized engine in memory: what the builder makes, what a plan file holds, what the runtime runs. Immutable once
// made, and shared by any number of contexts.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "tactics/tactic.h"

namespace lathe::plan {

// One thing to run. Control flow (an op with regions) has no tactic: its nested steps run by the executor's rules.
struct Step {
    std::string name;
    const ir::Node* control = nullptr;
    tactics::Binding binding;                // for kernels
    std::vector<std::vector<Step>> regions;  // for control: one list a region
    float seconds = 0;                       // as measured when it was chosen, 0 when nothing was measured
    int64_t workspaceBytes = 0;              // the candidate's: at the profile's largest shapes
    // Which of the run's streams it goes to (exec/stream_order.h): 0 is the caller's, the others are auxiliary ones.
    int stream = 0;
};
constexpr int kMostStreams = 32;

// Chosen steps for one target and one range of shapes. The graph is canonical, with reorders and casts as nodes; steps
// refer to its nodes and values.
struct Program {
    std::unique_ptr<ir::Graph> graph;
    std::vector<Step> steps;
    tactics::Target target;
    // Of a program for a GPU: which parameters and results of the graph lie in host memory (IoTensor::isShape). Empty:
    // none.
    std::vector<bool> hostParameters, hostResults;
    // The layouts of those that lie in another one than row-major (IoTensor::format). Empty: none do.
    std::vector<tactics::Layout> parameterLayouts, resultLayouts;
    bool relaxed = true;  // tactics::BindContext::relaxed() when it was built
};

struct IoTensor {
    std::string name;
    bool isInput = false;
    bool isShape = false;  // read on the host before shapes are known (a shape tensor), or written there
    DType dtype = DType::kFloat;
    ir::Shape shape;  // over the first program's symbols; extents that all profiles fix are numbers
    std::vector<std::string> dimNames;
    int index = 0;  // of the parameter or result in every program's graph
    // How the caller's buffer lies: nvinfer1::TensorFormat (plan/io_format.h).
    int64_t format = 0;
};

// Shapes that one profile allows, by input (in the order of the inputs among `io`).
struct ProfileInput {
    ir::Dims min, opt, max;
    // For shape tensors: the elements' range; empty for others.
    std::vector<int64_t> minValues, optValues, maxValues;
};
struct Profile {
    std::vector<ProfileInput> inputs;
    int program = 0;
    std::vector<int> others;  // programs of the same shapes for other targets, in order of preference
};

// Why a source node is not executed as itself: for `explain`.
struct NodeFate {
    std::string node;    // the source's name
    std::string fate;    // "executed", "fused", "removed"
    std::string detail;  // the step that it is part of, or the reason
};

struct Plan {
    std::string name;
    std::vector<std::shared_ptr<Program>> programs;
    std::vector<Profile> profiles;  // at least one
    std::vector<IoTensor> io;       // inputs in order, then outputs
    std::vector<NodeFate> fates;
    bool refittable = false;
    bool stripped = false;  // weights were left out: runs only after a refit
    // Of a refittable plan: what may be put in its weights' place.
    enum class Refit : int64_t {
        kAny = 0,         // anything
        kIdentical = 1,   // what they were (of a stripped plan)
        kIndividual = 2,  // anything, for those that are marked
    };
    Refit refit = Refit::kAny;
    // What the layers of the network called their weights. `role`: nvinfer1::WeightsRole. `named`: the user gave the
    // name.
    struct Role {
        std::string layer;
        int64_t role = 0;
        std::string weights;
        bool named = false;
    };
    std::vector<Role> roles;
    std::vector<std::string> fixedWeights;   // names of weights whose values decided how the engine was built
    std::vector<std::string> markedWeights;  // for kIndividual
    int64_t profilingVerbosity = 0;          // nvinfer1::ProfilingVerbosity
    bool debugUnfused = false;               // INetworkDefinition::markUnfusedTensorsAsDebugTensors
    std::string libraryVersion;
    // Packed weights that the builder already made; key: packedKey(). The writer stores them as a cache.
    struct PackedBlob {
        std::string key;
        std::shared_ptr<const void> owner;
        std::span<const std::byte> bytes;
        uint64_t checksum = 0;  // of bytes nobody has looked at yet (format.h); 0: nothing to check
    };
    std::vector<PackedBlob> packed;
    // Plugin libraries, whole files, that the plan brings along because its builder was asked for it. Code: whoever
    // loads the plan must allow it (api/run/plugin_libraries.h). `checksum` as of packed weights.
    struct Library {
        std::string name;
        std::shared_ptr<const void> owner;
        std::span<const std::byte> bytes;
        uint64_t checksum = 0;
    };
    std::vector<Library> libraries;
};

// Fills in where parameters and results lie, from `io`, and what a GPU program's shapes need on the host.
void placeIo(Program& program, std::span<const IoTensor> io);

// Names of the tensors that were marked to be reported while running.
std::set<std::string> debugTensors(const Plan& plan);

// Identifies packed weights: kind plus the sources' content hashes.
Result<std::string> packedKey(const tactics::PackedWeights& packed);

}  // namespace lathe::plan

// SPDX-License-Identifier: Apache-2.0
// What the subcommands of `lathe` share.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "NvInfer.h"
#include "common/files.h"
#include "common/npy.h"
#include "common/tensors.h"

namespace lathe::tool {

// One way to run a node, as the builder saw it.
struct Candidate {
    std::string node, tactic;
    std::string verdict;  // "timed", "pruned" by the cost model, "refused"
    double us = -1;       // measured, or estimated for "pruned"
    int64_t workspace = -1;
    std::string reason;    // of a refusal
    bool fastest = false;  // of those that cover the same nodes
};

// Keeps the last error that the library reported, and what it tells of candidates; prints warnings, and all with -v.
class Logger : public nvinfer1::ILogger {
  public:
    explicit Logger(bool verbose) : verbose_(verbose) {}
    void log(Severity severity, char const* message) noexcept override;
    const std::string& lastError() const { return lastError_; }
    void keepCandidates(bool keep) { keep_ = keep; }
    const std::vector<Candidate>& candidates() const { return candidates_; }

  private:
    bool verbose_, keep_ = false;
    std::string lastError_;
    std::vector<Candidate> candidates_;
};

// "conv1: cpu.conv.fp32.v1[1] -> linear 12.3 us, workspace 64 bytes" and the builder's other lines about candidates.
// False for any other line.
bool parseCandidate(const std::string& line, std::vector<Candidate>& list);

// A line on a terminal that is written over; nothing elsewhere, and nothing in the first second.
class ProgressLine {
  public:
    ProgressLine();
    ~ProgressLine() { clear(); }
    void show(const std::string& text);
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    bool terminal_, shown_ = false;
    Clock::time_point start_, last_;
};

struct BuildOptions {
    std::string model;
    std::vector<std::string> minShapes, optShapes, maxShapes, shapes;  // "input:1x3x224x224"
    std::string timingCache, target, calib;
    std::string workspace;           // "512M"
    std::string fallback = "allow";  // or "forbid"
    double maxRelErr = -1;
    int level = 3;
    bool strict = false;  // no relaxed fp32
    bool fp16 = false, bf16 = false, int8 = false, best = false;
    // Tensors beyond the model's outputs that are to be outputs too; those that the network lacks are left out.
    std::vector<std::string> extraOutputs;
};

// Bytes of a plan built from an ONNX file. Errors: Failure.
std::vector<char> buildPlan(const BuildOptions& options, Logger& logger);
// Those of a plan file, or of a plan built from a model file.
std::vector<char> planOf(const BuildOptions& options, const std::string& file, Logger& logger);

struct Engine {
    std::unique_ptr<nvinfer1::IRuntime> runtime;
    std::unique_ptr<nvinfer1::ICudaEngine> engine;
};
Engine loadEngine(const std::vector<char>& plan, const std::string& where, Logger& logger);

// lathe::explain()'s JSON.
std::string explanation(const nvinfer1::ICudaEngine& engine, Logger& logger);

// Memory of the process's GPU, which engines that run there read and write.
struct DeviceMemory {
    explicit DeviceMemory(bool onGpu) : onGpu(onGpu) {}
    ~DeviceMemory();
    DeviceMemory(const DeviceMemory&) = delete;
    // At least so many bytes; what was there is lost when it must grow. Null on failure.
    void* reserve(size_t size);
    const bool onGpu;
    void* data = nullptr;
    size_t capacity = 0;
};

// A context with its inputs and outputs in memory of its own.
class Session {
  public:
    // Inputs that are not given are random, of the given shapes or else the profile's optimum.
    Session(nvinfer1::ICudaEngine& engine, const std::map<std::string, Array>& inputs, const Shapes& shapes,
            Logger& logger);
    // Errors: Failure.
    void run();
    std::map<std::string, Array> outputs() const;
    const std::map<std::string, Array>& inputs() const { return inputs_; }
    nvinfer1::IExecutionContext& context() { return *context_; }

  private:
    class Output;
    bool isThere(const char* name) const;
    nvinfer1::ICudaEngine& engine_;
    Logger& logger_;
    const bool onGpu_;
    std::vector<std::unique_ptr<DeviceMemory>> deviceInputs_;  // outlive the context
    std::deque<std::vector<char>> packed_;                     // inputs in other formats than row-major; likewise
    std::unique_ptr<nvinfer1::IExecutionContext> context_;
    std::map<std::string, Array> inputs_;
    std::map<std::string, std::shared_ptr<Output>> outputs_;
};

// Largest difference from `want` relative to want's largest value; infinite for another shape, NaN stays.
double relativeError(const Array& got, const Array& want);

struct BenchOptions {
    double seconds = 3;
    bool json = false, roofline = false;
};
struct ExplainOptions {
    bool json = false;
    std::string html, trace;
};
struct DiffOptions {
    bool layers = false, json = false;
    std::string against;
    std::vector<std::string> inputs;
    double tolerance = -1;
};

std::map<std::string, Array> readInputs(const std::vector<std::string>& items);
int buildCommand(const BuildOptions& options, const std::string& output, Logger& logger);
int runCommand(const std::string& plan, const std::vector<std::string>& inputs, const std::string& output,
               Logger& logger);
int benchCommand(const BuildOptions& options, const std::string& file, const BenchOptions& how, Logger& logger);
int explainCommand(const BuildOptions& options, const std::string& file, const ExplainOptions& how, Logger& logger);
int diffCommand(const BuildOptions& options, const DiffOptions& how, Logger& logger);

// A page that holds all that it shows. `json` is what `explain --json` prints.
std::string explainPage(const std::string& json);

// What this machine's processor reaches: multiply-adds in fp32 (GFLOP/s) and reading from memory (GB/s), all threads.
struct Peaks {
    double gflops = 0, gbytes = 0;
};
Peaks measurePeaks(int threads);

}  // namespace lathe::tool

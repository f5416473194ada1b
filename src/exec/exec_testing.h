// SPDX-License-Identifier: Apache-2.0
// Helpers for tests of tactics and of whole programs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "exec/compare.h"
#include "exec/preparation.h"
#include "exec/prepared.h"
#include "exec/standalone.h"
#include "exec/target.h"
#include "ops/sample.h"

namespace lathe::exec::testing {

// What tactics are bound for, and where a device's run. Device: null for the CPU.
struct Machine {
    tactics::Target target = buildTarget();
    device::Accelerator* device = nullptr;
    bool relaxed = true;  // tactics::BindContext::relaxed()
};

// A graph's shapes for given inputs; data-dependent extents are at their bounds.
class FixedShapes : public tactics::BindContext {
  public:
    FixedShapes(const ir::Graph& graph, std::span<const ir::Tensor> inputs, tactics::Target target = buildTarget(),
                bool relaxed = true);
    const tactics::Target& target() const override { return target_; }
    ir::Dims minDims(const ir::Value& v) const override { return optDims(v); }
    ir::Dims optDims(const ir::Value& v) const override;
    ir::Dims maxDims(const ir::Value& v) const override { return optDims(v); }
    bool relaxed() const override { return relaxed_; }
    std::optional<std::vector<int64_t>> optElements(const ir::Value& v) const override;

  private:
    tactics::Target target_;
    bool relaxed_;
    ir::SymbolValues symbols_;
};

// Every candidate that a tactic binds anywhere in the graph gives what the interpreter gives. `inputs`: one a
// parameter.
struct MatchResult {
    int candidates = 0;
    std::vector<std::string> refusals;
};
MatchResult compareTactic(const ir::Graph& graph, const tactics::Tactic& tactic, std::span<const ir::Tensor> inputs,
                          const Tolerance& tolerance, const std::string& where, const Machine& machine = {});

// Every candidate that a CUDA tactic binds anywhere in the graph is prepared as far as that goes without a GPU: weights
// are packed, launches planned, and the workspace is what the candidate says. The plans are appended to `plans`.
MatchResult planTactic(const ir::Graph& graph, const tactics::Tactic& tactic, std::span<const ir::Tensor> inputs,
                       const std::string& where, const tactics::Target& target, std::vector<cuda::KernelPlan>& plans);

// A sample with its float inputs in another floating-point type; nothing where the op does not take that.
std::optional<ops::Sample> sampleIn(DType dtype, const ir::Op& op, const ir::SampleCase& c, uint64_t seed);

// As compareTactic, with seeded inputs from [-1, 1] (integers: 0 and 1), by the tactic's id; at least one candidate
// must be found.
void expectTacticMatches(const ir::Graph& graph, const char* tacticId, const Tolerance& tolerance = {.reduction = 64});
// The same on inputs of one's own.
void expectTacticMatches(const ir::Graph& graph, const char* tacticId, std::span<const ir::Tensor> inputs,
                         const Tolerance& tolerance = {.reduction = 64});

// A program over the graph: every node alone, by a tactic with row-major operands that `seed` picks (0: the reference
// wherever it can). Symbols without a number are taken as 4 where tactics ask for shapes.
std::unique_ptr<plan::Program> makeProgram(std::unique_ptr<ir::Graph> graph, uint64_t seed = 0);

// A context's worth of state around a program, for running it.
class Session {
  public:
    // `device`: of a program for a GPU.
    explicit Session(const plan::Program& program, device::Accelerator* device = nullptr);
    ~Session();
    // Prepares for these inputs (again, when shapes changed) and runs. Memory is filled with junk before each run. On a
    // device, inputs and outputs are copied there and back, as far as they do not lie on the host.
    Result<std::vector<ir::HostTensor>> run(std::span<const ir::Tensor> inputs);
    const Prepared& prepared() const { return *prepared_; }
    const FlatProgram& flat() const { return *flat_; }
    Scratch& scratch() { return *scratch_; }
    AuxStreams& aux() { return *aux_; }
    device::StreamHandle stream() const { return stream_ ? stream_->handle() : nullptr; }
    // How much memory the next prepare may use, and the arrangement to fall back to.
    int64_t reserved = INT64_MAX;
    std::optional<MemoryPlan> largest;

  private:
    std::unique_ptr<FlatProgram> flat_;
    std::unique_ptr<PackedStore> store_;
    std::unique_ptr<KernelCache> kernels_;
    std::unique_ptr<Scratch> scratch_, hostScratch_;
    std::unique_ptr<AuxStreams> aux_;  // of a device
    std::unique_ptr<Prepared> prepared_;
    device::Accelerator* device_ = nullptr;
    std::unique_ptr<device::Stream> stream_;
};

// Runs the program and the interpreter on the same inputs and compares all results.
void expectSameAsInterpreter(Session& session, const ir::Graph& graph, std::span<const ir::Tensor> inputs,
                             const Tolerance& tolerance = {.reduction = 64});

// Seeded inputs: floating-point numbers from [-1, 1], integers 0 and 1. `symbols` gives the extents that aren't
// constant.
std::vector<ir::HostTensor> randomInputs(const ir::Graph& graph, uint64_t seed,
                                         const ir::SymbolValues& symbols = ir::SymbolValues());
std::vector<ir::Tensor> tensorsOf(const std::vector<ir::HostTensor>& list);

}  // namespace lathe::exec::testing

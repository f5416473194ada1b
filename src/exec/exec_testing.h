// SPDX-License-Identifier: Apache-2.0
// Helpers for tests of tactics and of whole programs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/compare.h"
#include "exec/standalone.h"
#include "exec/target.h"
#include "ops/sample.h"

namespace lathe::exec::testing {

// Shapes of a graph whose dimensions are numbers (or are the data-dependent bounds). Target: this machine's own.
class FixedShapes : public tactics::BindContext {
  public:
    explicit FixedShapes(const ir::Graph& graph, tactics::Target target = localTarget());
    const tactics::Target& target() const override { return target_; }
    ir::Dims minDims(const ir::Value& v) const override { return optDims(v); }
    ir::Dims optDims(const ir::Value& v) const override;
    ir::Dims maxDims(const ir::Value& v) const override { return optDims(v); }
    bool relaxed() const override { return true; }

  private:
    tactics::Target target_;
    ir::SymbolValues symbols_;
};

// Every candidate that a tactic binds anywhere in the graph gives what the interpreter gives. `inputs`: one a parameter.
struct MatchResult {
    int candidates = 0;
    std::vector<std::string> refusals;
};
MatchResult compareTactic(const ir::Graph& graph, const tactics::Tactic& tactic, std::span<const ir::Tensor> inputs,
                          const Tolerance& tolerance, const std::string& where);

// As compareTactic, with seeded inputs from [-1, 1] (integers: 0 and 1), by the tactic's id; at least one candidate must be found.
void expectTacticMatches(const ir::Graph& graph, const char* tacticId, const Tolerance& tolerance = {.reduction = 64});
// The same on inputs of one's own.
void expectTacticMatches(const ir::Graph& graph, const char* tacticId, std::span<const ir::Tensor> inputs,
                         const Tolerance& tolerance = {.reduction = 64});

// Seeded inputs for a graph whose parameters have constant shapes.
std::vector<ir::HostTensor> randomInputs(const ir::Graph& graph, uint64_t seed);

}  // namespace lathe::exec::testing

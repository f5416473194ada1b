// SPDX-License-Identifier: Apache-2.0
// From the inputs' shapes to every value's. A symbol is early when the inputs alone determine it (an extent of an
// input, or an element of an input in host memory), else late: it gets its number when the step that makes its source
// has run.
#pragma once

#include <unordered_map>

#include "ir/graph.h"
#include "plan/plan.h"

namespace lathe::exec {

class ShapeProgram {
  public:
    // The graph must outlive it and stay as it is.
    explicit ShapeProgram(const ir::Graph& graph);

    bool isEarly(ir::SymbolId id) const { return early_[static_cast<size_t>(id)]; }
    bool isEarly(const ir::Shape& shape) const;
    // Parameters whose elements determine symbols; their data must be there before shapes are known.
    const std::vector<int>& shapeInputs() const { return shapeInputs_; }

    // Values of the early symbols. `dims`: one a parameter. `data`: one a parameter, looked at for shapeInputs() only.
    // Errors name the parameter: wrong rank, an extent that contradicts the graph or another input, a shape input
    // without data, an element out of its range.
    Result<ir::SymbolValues> bindInputs(std::span<const ir::Dims> dims, std::span<const void* const> data) const;

    // Gives the symbols that come from `v` their values, now that it is computed. Cheap when there are none.
    bool hasSymbols(const ir::Value& v) const { return late_.contains(&v); }
    Status bindLate(const ir::Value& v, const ir::Dims& dims, const void* data, ir::SymbolValues& symbols) const;

    // Sets symbols that are extents of `v` to their bounds, before the step runs that finds them.
    Status setBounds(const ir::Value& v, ir::SymbolValues& symbols) const;

    // `symbols` with the upper bound of each unset data-dependent extent whose bound can be computed.
    ir::SymbolValues withBounds(const ir::SymbolValues& symbols) const;

  private:
    Status bindElement(ir::SymbolId id, const ir::Value& v, const ir::Dims& dims, const void* data,
                       ir::SymbolValues& symbols) const;

    const ir::Graph& graph_;
    std::vector<bool> early_;
    std::vector<int> shapeInputs_;
    std::unordered_map<const ir::Value*, std::vector<ir::SymbolId>> late_;
};

// Is `dims` (and, for shape tensors, `values`) within the profile's range? Errors name axis, extent and range.
Status checkProfile(const plan::ProfileInput& profile, const ir::Dims& dims, const std::string& name);
Status checkProfileValues(const plan::ProfileInput& profile, std::span<const int64_t> values, const std::string& name);

// Early symbols at a corner of a profile: 0 smallest, 1 optimum, 2 largest.
Result<ir::SymbolValues> profileSymbols(const ir::Graph& graph, const plan::Profile& profile, int corner);

// Element `index` of an integer or bool tensor in host memory.
Result<int64_t> readInteger(DType dtype, const void* data, int64_t index);
// Writes integers as elements of `dtype`. Errors: not an integer type.
Status writeIntegers(DType dtype, std::span<const int64_t> values, void* data);

// Runs the op's own inference on numbers, and compares with what the graph says: what symbols could not tell when the
// engine was built (two extents that must agree, a window that must fit) is an error here, before any kernel runs.
Status checkNode(const ir::Node& node, const std::function<const ir::Dims&(const ir::Value&)>& dimsOf,
                 const ir::SymbolValues& symbols);
// Whether checkNode could find anything that inference at build did not.
bool needsCheck(const ir::Node& node);

}  // namespace lathe::exec

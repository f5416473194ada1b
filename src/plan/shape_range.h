// SPDX-License-Identifier: Apache-2.0
// A profile's shapes, seen from a graph: the smallest, optimum and largest extent of every value.
#pragma once

#include "plan/plan.h"

namespace lathe::plan {

class ShapeRange : public tactics::BindContext {
  public:
    // Errors: a profile that contradicts the graph (kInvalidConfig), naming the input and axis.
    static Result<std::unique_ptr<ShapeRange>> create(const ir::Graph& graph, std::span<const IoTensor> io,
                                                      const Profile& profile, const tactics::Target& target,
                                                      bool relaxed);

    const tactics::Target& target() const override { return target_; }
    ir::Dims minDims(const ir::Value& v) const override { return dims(v, 0); }
    ir::Dims optDims(const ir::Value& v) const override { return dims(v, 1); }
    ir::Dims maxDims(const ir::Value& v) const override { return dims(v, 2); }
    bool relaxed() const override { return relaxed_; }
    std::optional<std::vector<int64_t>> optElements(const ir::Value& v) const override;

  private:
    ShapeRange() = default;
    ir::Dims dims(const ir::Value& v, int which) const;
    Status setUp(const ir::Graph& graph, std::span<const IoTensor> io, const Profile& profile);
    tactics::Target target_;
    bool relaxed_ = true;
    ir::SymbolValues values_[3];  // smallest, optimum, largest
};

}  // namespace lathe::plan

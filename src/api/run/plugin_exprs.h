// SPDX-License-Identifier: Apache-2.0
// The expressions by which plugins tell the shapes of their outputs, over ir::Dim.
#pragma once

#include <deque>

#include "NvInferImpl.h"
#include "NvInferRuntime.h"
#include "base/status.h"
#include "ir/dim.h"

namespace lathe::api {

class ExprBuilder final : public nvinfer1::IExprBuilder, public nvinfer1::apiv::VExprBuilder {
  public:
    ExprBuilder();
    ~ExprBuilder() noexcept override;

    // What stands for these extents (or elements): constants as they are, the others by symbols that count on.
    nvinfer1::DimsExprs inputs(const ir::Shape& shape);
    int symbols() const { return symbols_; }
    // Ends the inputs: size tensors get the symbols after theirs.
    void endInputs() { inputs_ = symbols_; }

    nvinfer1::IDimensionExpr const* constant(int64_t value) override;
    nvinfer1::IDimensionExpr const* operation(nvinfer1::DimensionOperation op, nvinfer1::IDimensionExpr const& first,
                                              nvinfer1::IDimensionExpr const& second) override;
    nvinfer1::IDimensionExpr const* declareSizeTensor(int32_t outputIndex, nvinfer1::IDimensionExpr const& opt,
                                                      nvinfer1::IDimensionExpr const& upper) override;

    // Errors: an impossible rank, a null expression.
    static Result<ir::Shape> shapeOf(const nvinfer1::DimsExprs& exprs);
    // Of the size tensors, in the order of their symbols.
    const std::vector<int64_t>& sizeOutputs() const { return sizeOutputs_; }
    const std::vector<ir::Dim>& sizeBounds() const { return sizeBounds_; }

  private:
    class Expr;
    nvinfer1::IDimensionExpr const* make(ir::Dim dim, bool sizeTensor = false);
    bool hasSize(const ir::Dim& d) const;

    std::deque<std::unique_ptr<Expr>> exprs_;
    int symbols_ = 0, inputs_ = 0;
    std::vector<int64_t> sizeOutputs_;
    std::vector<ir::Dim> sizeBounds_;
};

}  // namespace lathe::api

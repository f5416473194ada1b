// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_exprs.h"

#include <limits>

namespace lathe::api {

using namespace nvinfer1;

class ExprBuilder::Expr final : public IDimensionExpr, public apiv::VDimensionExpr {
  public:
    Expr(ir::Dim dim, bool sizeTensor) : dim_(std::move(dim)), sizeTensor_(sizeTensor) { mImpl = this; }
    ~Expr() noexcept override = default;
    bool isConstant() const override { return dim_.isConstant(); }
    int64_t getConstantValue() const override { return dim_.valueOr(std::numeric_limits<int64_t>::min()); }
    bool isSizeTensor() const override { return sizeTensor_; }
    static const ir::Dim& of(const IDimensionExpr& e) { return static_cast<const Expr&>(e).dim_; }

  private:
    const ir::Dim dim_;
    const bool sizeTensor_;
};

ExprBuilder::ExprBuilder() { mImpl = this; }
ExprBuilder::~ExprBuilder() noexcept = default;

IDimensionExpr const* ExprBuilder::make(ir::Dim dim, bool sizeTensor) {
    exprs_.push_back(std::make_unique<Expr>(std::move(dim), sizeTensor));
    return exprs_.back().get();
}

DimsExprs ExprBuilder::inputs(const ir::Shape& shape) {
    DimsExprs out{};
    for (const ir::Dim& d : shape) {
        if (out.nbDims < Dims::MAX_DIMS) out.d[out.nbDims++] = make(d.isConstant() ? d : ir::Dim::symbol(symbols_));
        ++symbols_;
    }
    return out;
}

bool ExprBuilder::hasSize(const ir::Dim& d) const {
    bool found = false;
    d.forEachSymbol([&](ir::SymbolId id) { found = found || id >= inputs_; });
    return found;
}

IDimensionExpr const* ExprBuilder::constant(int64_t value) { return make(value); }

IDimensionExpr const* ExprBuilder::operation(DimensionOperation op, IDimensionExpr const& first,
                                             IDimensionExpr const& second) {
    const ir::Dim &a = Expr::of(first), &b = Expr::of(second);
    switch (op) {
        case DimensionOperation::kSUM: return make(a + b);
        case DimensionOperation::kPROD: return make(a * b);
        case DimensionOperation::kMAX: return make(ir::max(a, b));
        case DimensionOperation::kMIN: return make(ir::min(a, b));
        case DimensionOperation::kSUB: return make(a - b);
        case DimensionOperation::kEQUAL: return make(ir::Dim::apply(ir::Dim::Fn::kEqual, a, b));
        case DimensionOperation::kLESS: return make(ir::Dim::apply(ir::Dim::Fn::kLess, a, b));
        case DimensionOperation::kFLOOR_DIV: return make(ir::floorDiv(a, b));
        case DimensionOperation::kCEIL_DIV: return make(ir::ceilDiv(a, b));
    }
    return nullptr;
}

IDimensionExpr const* ExprBuilder::declareSizeTensor(int32_t outputIndex, IDimensionExpr const& opt,
                                                     IDimensionExpr const& upper) {
    if (hasSize(Expr::of(opt)) || hasSize(Expr::of(upper))) return nullptr;
    // Declaring one again names the same extent.
    for (size_t i = 0; i < sizeOutputs_.size(); ++i)
        if (sizeOutputs_[i] == outputIndex) return make(ir::Dim::symbol(inputs_ + static_cast<int>(i)), true);
    sizeOutputs_.push_back(outputIndex);
    sizeBounds_.push_back(Expr::of(upper));
    return make(ir::Dim::symbol(symbols_++), true);
}

Result<ir::Shape> ExprBuilder::shapeOf(const DimsExprs& exprs) {
    if (exprs.nbDims < 0 || exprs.nbDims > Dims::MAX_DIMS) return invalidArgument("a shape of rank {}", exprs.nbDims);
    ir::Shape out;
    for (int i = 0; i < exprs.nbDims; ++i) {
        if (!exprs.d[i]) return invalidArgument("extent {} is a null expression", i);
        out.push_back(Expr::of(*exprs.d[i]));
    }
    return out;
}

}  // namespace lathe::api

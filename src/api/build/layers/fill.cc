// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Fill final : public LayerBase<IFillLayer, apiv::VFillLayer> {
  public:
    Fill(Network& network, const Dims& dims, FillOperation op, DataType type)
        : LayerBase(network, LayerType::kFILL, {}), dims_(dims), op_(op), type_(type) {}

    void setDimensions(Dims const& dims) noexcept override {
        if (dims.nbDims < 0 || dims.nbDims > Dims::MAX_DIMS)
            return refuse("IFillLayer::setDimensions", invalidArgument("{} dimensions", dims.nbDims));
        dims_ = dims;
        dropInput(0);
    }
    Dims getDimensions() const noexcept override { return hasInput(0) ? invalidDims() : dims_; }
    void setOperation(FillOperation value) noexcept override {
        op_ = value;
        changed();
    }
    FillOperation getOperation() const noexcept override { return op_; }
    void setAlpha(double alpha) noexcept override { set(alpha_, alpha, 1); }
    double getAlpha() const noexcept override { return hasInput(1) ? -1 : real(alpha_); }
    void setBeta(double beta) noexcept override { set(beta_, beta, 2); }
    double getBeta() const noexcept override { return hasInput(2) ? -1 : real(beta_); }
    void setAlphaInt64(int64_t alpha) noexcept override { set(alpha_, alpha, 1); }
    int64_t getAlphaInt64() const noexcept override { return hasInput(1) ? -1 : whole(alpha_); }
    void setBetaInt64(int64_t beta) noexcept override { set(beta_, beta, 2); }
    int64_t getBetaInt64() const noexcept override { return hasInput(2) ? -1 : whole(beta_); }
    bool isAlphaBetaInt64() const noexcept override {
        return std::holds_alternative<int64_t>(alpha_) && std::holds_alternative<int64_t>(beta_);
    }
    void setToType(DataType value) noexcept override {
        type_ = value;
        changed();
    }
    DataType getToType() const noexcept override { return type_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(op_, "operation"));
        TRY(mustExist(type_, "type"));
        if (hasInput(1) != hasInput(2))
            return invalidArgument("alpha and beta (inputs 1 and 2) are given both or neither");
        l.setOutput(0, TRY(op_ == FillOperation::kLINSPACE ? sequence(l) : random(l)));
        return {};
    }

  protected:
    int maxInputs() const override { return 3; }

  private:
    using Number = std::variant<double, int64_t>;
    static double real(const Number& n) {
        return std::visit([](auto v) { return static_cast<double>(v); }, n);
    }
    static int64_t whole(const Number& n) {
        return std::visit([](auto v) { return static_cast<int64_t>(v); }, n);
    }
    template <class T>
    void set(Number& to, T value, int droppedInput) {
        to = value;
        dropInput(droppedInput);
    }
    // A scalar of this type.
    static Result<ir::Value*> number(Lowering& l, const Number& n, DType type) {
        if (type == DType::kInt64) return l.integer(whole(n));
        return l.scalar(type, real(n));
    }
    // Alpha or beta of type `type`.
    Result<ir::Value*> parameter(Lowering& l, int i, const Number& own, DType type) const {
        if (hasInput(i)) return l.asType(l.valueOf(*input(i)), type);
        return number(l, own, type);
    }
    Result<ir::Value*> shape(Lowering& l) const {
        if (hasInput(0)) return l.asType(l.valueOf(*input(0)), DType::kInt64);
        ir::Dims dims = TRY(fromApi(dims_));
        for (int64_t d : dims)
            if (d < 0) return invalidArgument("dimensions {}", ir::toString(dims));
        return l.integers(dims);
    }

    // alpha + sum over the axes of beta[axis] * index along it.
    Result<ir::Value*> sequence(Lowering& l) const {
        DType type = fromApi(type_);
        // Halves and small integers are computed in a wider type.
        DType wide = isInteger(type) ? DType::kInt64 : DType::kFloat;
        ir::Value* dims = TRY(shape(l));
        if (dims->rank() != 1 || !dims->shape()[0].isConstant())
            return invalidArgument("the dimensions (input 0) have the shape {}", ir::toString(dims->shape()));
        int64_t rank = dims->shape()[0].value();
        if (rank < 1 || rank > ir::kMaxRank) return invalidArgument("a sequence of {} dimensions", rank);
        if (!hasInput(2) && rank != 1)
            return invalidArgument("a sequence of {} dimensions needs a beta for each (input 2)", rank);
        ir::Value *alpha = TRY(parameter(l, 1, alpha_, wide)), *beta = TRY(parameter(l, 2, beta_, wide)),
                  *sum = nullptr;
        ir::Value *zero = TRY(l.integer(0)), *one = TRY(l.integer(1));
        if (beta->rank() != 0 && !(beta->rank() == 1 && beta->shape()[0] == ir::Dim(rank)))
            return invalidArgument("beta (input 2) has the shape {} for a sequence of {} dimensions",
                                   ir::toString(beta->shape()), rank);
        for (int64_t axis = 0; axis < rank; ++axis) {
            ir::Value* index = TRY(l.integer(axis));
            ir::Value* extent = TRY(l.emit("gather", "axis=0", {dims, index}));
            ir::Value* steps = TRY(l.asType(TRY(l.emit("range", "", {zero, extent, one})), wide));
            ir::Value* factor = beta->rank() == 0 ? beta : TRY(l.emit("gather", "axis=0", {beta, index}));
            steps = TRY(l.emit("binary", "kind=mul", {steps, factor}));
            if (axis + 1 < rank) {
                std::vector<int64_t> axes;
                for (int64_t i = 1; i < rank - axis; ++i) axes.push_back(i);
                steps = TRY(l.emit("unsqueeze", "axes=" + ir::toString(axes), {steps}));
            }
            sum = sum ? TRY(l.emit("binary", "kind=add", {sum, steps})) : steps;
        }
        if (alpha->rank() != 0)
            return invalidArgument("alpha (input 1) has the shape {}; expected a scalar", ir::toString(alpha->shape()));
        return l.asType(TRY(l.emit("binary", "kind=add", {sum, alpha})), type);
    }

    Result<ir::Value*> random(Lowering& l) const {
        DType type = fromApi(type_);
        if (!isFloating(type)) return invalidArgument("random numbers of type {}", toString(type));
        bool uniform = op_ == FillOperation::kRANDOM_UNIFORM;
        const char* op = uniform ? "random_uniform" : "random_normal";
        const char *first = uniform ? "low" : "mean", *second = uniform ? "high" : "scale";
        ir::Value* dims = TRY(shape(l));
        if (!hasInput(1))
            return l.emit(op,
                          fmt::format("dtype={} {}={} {}={}", toString(type), first, real(alpha_), second, real(beta_)),
                          {dims});
        ir::Value* y = TRY(l.emit(op, fmt::format("dtype={} {}=0 {}=1", toString(type), first, second), {dims}));
        ir::Value *alpha = TRY(parameter(l, 1, alpha_, type)), *factor = TRY(parameter(l, 2, beta_, type));
        if (uniform) factor = TRY(l.emit("binary", "kind=sub", {factor, alpha}));
        return l.emit("binary", "kind=add", {TRY(l.emit("binary", "kind=mul", {y, factor})), alpha});
    }

    Dims dims_;
    FillOperation op_;
    DataType type_;
    Number alpha_ = 0.0, beta_ = 1.0;
};

}  // namespace

IFillLayer* Network::addFill(Dims const& dimensions, FillOperation op) noexcept {
    return addFillV2(dimensions, op, DataType::kFLOAT);
}

IFillLayer* Network::addFillV2(Dims const& dimensions, FillOperation op, DataType outputType) noexcept {
    bool ok = guardedStatus(reporter_, "INetworkDefinition::addFill", [&]() -> Status {
        TRY(fromApi(dimensions));
        if (outputType != DataType::kFLOAT && outputType != DataType::kHALF && outputType != DataType::kBF16 &&
            outputType != DataType::kINT32 && outputType != DataType::kINT64)
            return invalidArgument("output type {}", toString(fromApi(outputType)));
        return {};
    });
    return ok ? add<Fill>(dimensions, op, outputType) : nullptr;
}

}  // namespace lathe::api

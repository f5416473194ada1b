// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Unary final : public LayerBase<IUnaryLayer, apiv::VUnaryLayer> {
  public:
    Unary(Network& network, ITensor& input, UnaryOperation op)
        : LayerBase(network, LayerType::kUNARY, tensorList({&input})), op_(op) {}

    void setOperation(UnaryOperation op) noexcept override {
        op_ = op;
        changed();
    }
    UnaryOperation getOperation() const noexcept override { return op_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(op_, "unary operation"));
        static constexpr const char* kKinds[] = {"exp",   "log",   "sqrt",   "reciprocal", "abs",   "neg",  "sin",
                                                 "cos",   "tan",   "sinh",   "cosh",       "asin",  "acos", "atan",
                                                 "asinh", "acosh", "atanh",  "ceil",       "floor", "erf",  "not",
                                                 "sign",  "round", "is_inf", "is_nan"};
        auto kind = static_cast<size_t>(op_);
        // is_inf looks for both signs.
        const char* rest = op_ == UnaryOperation::kISINF ? " alpha=1 beta=1" : "";
        l.setOutput(0, TRY(l.emit("unary", fmt::format("kind={}{}", kKinds[kind], rest), {l.valueOf(*input(0))})));
        return {};
    }

  private:
    UnaryOperation op_;
};

}  // namespace

IUnaryLayer* Network::addUnary(ITensor& input, UnaryOperation operation) noexcept {
    if (!owns("INetworkDefinition::addUnary", {&input})) return nullptr;
    return add<Unary>(input, operation);
}

}  // namespace lathe::api

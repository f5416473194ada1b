// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class ElementWise final : public LayerBase<IElementWiseLayer, apiv::VElementWiseLayer> {
  public:
    ElementWise(Network& network, ITensor& a, ITensor& b, ElementWiseOperation op)
        : LayerBase(network, LayerType::kELEMENTWISE, tensorList({&a, &b})), op_(op) {}

    void setOperation(ElementWiseOperation op) noexcept override {
        op_ = op;
        changed();
    }
    ElementWiseOperation getOperation() const noexcept override { return op_; }

    // The operands may differ in rank: they are aligned at the last axis.
    Status lower(Lowering& l) override {
        TRY(mustExist(op_, "elementwise operation"));
        static constexpr const char* kKinds[] = {"add",       "mul", "max", "min", "sub",   "div",     "pow",
                                                 "floor_div", "and", "or",  "xor", "equal", "greater", "less"};
        auto kind = static_cast<size_t>(op_);
        l.setOutput(0, TRY(l.emit("binary", fmt::format("kind={}", kKinds[kind]),
                                  {l.valueOf(*input(0)), l.valueOf(*input(1))})));
        return {};
    }

  private:
    ElementWiseOperation op_;
};

}  // namespace

IElementWiseLayer* Network::addElementWise(ITensor& input1, ITensor& input2, ElementWiseOperation op) noexcept {
    if (!owns("INetworkDefinition::addElementWise", {&input1, &input2})) return nullptr;
    return add<ElementWise>(input1, input2, op);
}

}  // namespace lathe::api

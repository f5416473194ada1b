// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class RaggedSoftMax final : public LayerBase<IRaggedSoftMaxLayer, apiv::VRaggedSoftMaxLayer> {
  public:
    RaggedSoftMax(Network& network, ITensor& input, ITensor& bounds)
        : LayerBase(network, LayerType::kRAGGED_SOFTMAX, tensorList({&input, &bounds})) {}

    // softmax(place < bound ? x : -inf), with zeros past the bound.
    Status lower(Lowering& l) override {
        ir::Value *x = l.valueOf(*input(0)), *bounds = l.valueOf(*input(1));
        if (x->rank() != 3 || bounds->rank() != 3)
            return invalidArgument("input {} and bounds {}; both need 3 dimensions", ir::toString(x->shape()),
                                   ir::toString(bounds->shape()));
        if (!isInteger(bounds->dtype())) return invalidArgument("the bounds are of type {}", toString(bounds->dtype()));
        ir::Value* length = TRY(l.emit("squeeze", "axes=[0]", {TRY(l.emit("shape", "start=2 end=3", {x}))}));
        ir::Value* places = TRY(l.emit("range", "", {TRY(l.integer(0)), length, TRY(l.integer(1))}));
        ir::Value* inside = TRY(l.emit("binary", "kind=less", {places, TRY(l.asType(bounds, DType::kInt64))}));
        ir::Value* masked = TRY(l.emit("select", "", {inside, x, TRY(l.scalar(x->dtype(), -INFINITY))}));
        ir::Value* y = TRY(l.emit("softmax", "axis=-1", {masked}));
        l.setOutput(0, TRY(l.emit("select", "", {inside, y, TRY(l.scalar(x->dtype(), 0))})));
        return {};
    }
};

}  // namespace

IRaggedSoftMaxLayer* Network::addRaggedSoftMax(ITensor& input, ITensor& bounds) noexcept {
    if (!owns("INetworkDefinition::addRaggedSoftMax", {&input, &bounds})) return nullptr;
    return add<RaggedSoftMax>(input, bounds);
}

}  // namespace lathe::api

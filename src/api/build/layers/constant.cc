// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Constant final : public LayerBase<IConstantLayer, apiv::VConstantLayer> {
  public:
    Constant(Network& network, const Dims& dims, Weights weights)
        : LayerBase(network, LayerType::kCONSTANT, {}), weights_(weights), dims_(dims) {}

    void setWeights(Weights weights) noexcept override {
        weights_ = weights;
        changed();
    }
    Weights getWeights() const noexcept override { return weights_; }
    void setDimensions(Dims const& dims) noexcept override {
        dims_ = dims;
        changed();
    }
    Dims getDimensions() const noexcept override { return dims_; }

    Status lower(Lowering& l) override {
        ir::Dims dims = TRY(fromApi(dims_));
        int64_t rest = 1, open = -1;
        for (size_t i = 0; i < dims.size(); ++i) {
            if (dims[i] == -1 && open < 0)
                open = static_cast<int64_t>(i);
            else if (dims[i] < 0)
                return invalidArgument("a constant of the shape {}", ir::toString(dims));
            else if (__builtin_mul_overflow(rest, dims[i], &rest))
                return invalidArgument("a constant of the shape {}", ir::toString(dims));
        }
        if (open >= 0) {
            if (rest == 0 || weights_.count % rest)
                return invalidArgument("{} values do not make the shape {}", weights_.count, ir::toString(dims));
            dims[open] = weights_.count / rest;
        }
        l.setOutput(0, TRY(l.weights(weights_, dims, name() + " CONSTANT")));
        return {};
    }

  private:
    Weights weights_;
    Dims dims_;
};

}  // namespace

IConstantLayer* Network::addConstant(Dims const& dimensions, Weights weights) noexcept {
    bool ok = guardedStatus(reporter_, "INetworkDefinition::addConstant", [&]() -> Status {
        TRY(fromApi(dimensions));
        TRY(mustExist(weights.type, "type"));
        if (weights.count < 0) return invalidArgument("{} values", weights.count);
        if (weights.count > 0 && !weights.values) return invalidArgument("{} values at a null pointer", weights.count);
        return {};
    });
    return ok ? add<Constant>(dimensions, weights) : nullptr;
}

}  // namespace lathe::api

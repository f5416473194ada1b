// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class RotaryEmbedding final : public LayerBase<IRotaryEmbeddingLayer, apiv::VRotaryEmbeddingLayer> {
  public:
    RotaryEmbedding(Network& network, ITensor& input, ITensor& cos, ITensor& sin, bool interleaved, int32_t dim)
        : LayerBase(network, LayerType::kROTARY_EMBEDDING, tensorList({&input, &cos, &sin})),
          interleaved_(interleaved),
          dim_(dim) {}

    void setInterleaved(bool value) noexcept override {
        interleaved_ = value;
        changed();
    }
    bool getInterleaved() const noexcept override { return interleaved_; }
    bool setRotaryEmbeddingDim(int32_t dim) noexcept override {
        if (dim < 0 || dim % 2) {
            refuse("IRotaryEmbeddingLayer::setRotaryEmbeddingDim",
                   invalidArgument("{} is not an even number from 0 on", dim));
            return false;
        }
        dim_ = dim;
        changed();
        return true;
    }
    int32_t getRotaryEmbeddingDim() const noexcept override { return dim_; }
    void setInput(int32_t index, ITensor& tensor) noexcept override { LayerCore::setInput(index, tensor); }

    Status lower(Lowering& l) override {
        std::vector<ir::Value*> in = {l.valueOf(*input(0)), l.valueOf(*input(1)), l.valueOf(*input(2))};
        if (in[0]->rank() != 4)
            return invalidArgument("the input has the shape {}; 4 dimensions are needed", ir::toString(in[0]->shape()));
        if (hasInput(3)) in.push_back(TRY(l.asType(l.valueOf(*input(3)), DType::kInt64)));
        l.setOutput(
            0, TRY(l.emit("rotary_embedding", fmt::format("interleaved={} rotary_dim={}", interleaved_, dim_), in)));
        return {};
    }

  protected:
    int maxInputs() const override { return 4; }

  private:
    bool interleaved_;
    int32_t dim_;
};

}  // namespace

IRotaryEmbeddingLayer* Network::addRotaryEmbedding(ITensor& input, ITensor& cosCache, ITensor& sinCache,
                                                   bool interleaved, int32_t rotaryEmbeddingDim) noexcept {
    const char* where = "INetworkDefinition::addRotaryEmbedding";
    if (!owns(where, {&input, &cosCache, &sinCache})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (rotaryEmbeddingDim < 0 || rotaryEmbeddingDim % 2)
            return invalidArgument("{} rotated elements; an even number is needed", rotaryEmbeddingDim);
        return {};
    });
    return ok ? add<RotaryEmbedding>(input, cosCache, sinCache, interleaved, rotaryEmbeddingDim) : nullptr;
}

}  // namespace lathe::api

// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Padding final : public LayerBase<IPaddingLayer, apiv::VPaddingLayer> {
  public:
    Padding(Network& network, ITensor& input, const Dims& pre, const Dims& post)
        : LayerBase(network, LayerType::kPADDING, tensorList({&input})), pre_(pre), post_(post) {}

    void setPrePaddingNd(Dims const& padding) noexcept override { set(pre_, padding); }
    Dims getPrePaddingNd() const noexcept override { return pre_; }
    void setPostPaddingNd(Dims const& padding) noexcept override { set(post_, padding); }
    Dims getPostPaddingNd() const noexcept override { return post_; }

    Status lower(Lowering& l) override {
        ir::Value* x = l.valueOf(*input(0));
        int rank = x->rank();
        if (rank < 2)
            return invalidArgument("the input has the shape {}, but the last two dimensions are padded",
                                   ir::toString(x->shape()));
        std::vector<int64_t> pads(2 * rank, 0);
        for (int i = 0; i < 2; ++i) {
            pads[rank - 2 + i] = pre_.d[i];
            pads[2 * rank - 2 + i] = post_.d[i];
        }
        l.setOutput(0, TRY(l.emit("pad", "mode=constant", {x, TRY(l.integers(pads))})));
        return {};
    }

  private:
    void set(Dims& to, const Dims& value) {
        if (value.nbDims != 2)
            return refuse("IPaddingLayer", invalidArgument("a padding of {} values; 2 are needed", value.nbDims));
        to = value;
        changed();
    }
    Dims pre_, post_;
};

}  // namespace

IPaddingLayer* Network::addPaddingNd(ITensor& input, Dims const& prePadding, Dims const& postPadding) noexcept {
    const char* where = "INetworkDefinition::addPaddingNd";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        for (const Dims* d : {&prePadding, &postPadding})
            if (d->nbDims != 2) return invalidArgument("a padding of {} values; 2 are needed", d->nbDims);
        return {};
    });
    return ok ? add<Padding>(input, prePadding, postPadding) : nullptr;
}

}  // namespace lathe::api

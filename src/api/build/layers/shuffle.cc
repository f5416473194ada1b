// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Shuffle final : public LayerBase<IShuffleLayer, apiv::VShuffleLayer> {
  public:
    Shuffle(Network& network, ITensor& input) : LayerBase(network, LayerType::kSHUFFLE, tensorList({&input})) {
        for (int i = 0; i < Dims::MAX_DIMS; ++i) first_.order[i] = second_.order[i] = i;
        shape_.nbDims = -1;
    }

    void setFirstTranspose(Permutation const& permutation) noexcept override {
        first_ = permutation;
        changed();
    }
    Permutation const& getFirstTranspose() const noexcept override { return first_; }
    void setReshapeDimensions(Dims const& dims) noexcept override {
        if (dims.nbDims < 0 || dims.nbDims > Dims::MAX_DIMS)
            return refuse("IShuffleLayer::setReshapeDimensions", invalidArgument("{} dimensions", dims.nbDims));
        shape_ = dims;
        dropInput(1);
    }
    Dims getReshapeDimensions() const noexcept override { return hasInput(1) ? invalidDims() : shape_; }
    void setSecondTranspose(Permutation const& permutation) noexcept override {
        second_ = permutation;
        changed();
    }
    Permutation const& getSecondTranspose() const noexcept override { return second_; }
    void setZeroIsPlaceholder(bool zeroIsPlaceholder) noexcept override {
        zeroCopies_ = zeroIsPlaceholder;
        changed();
    }
    bool getZeroIsPlaceholder() const noexcept override { return zeroCopies_; }

    Status lower(Lowering& l) override {
        ir::Value* x = TRY_IN("first transpose", transposed(l, l.valueOf(*input(0)), first_));
        ir::Value* shape = nullptr;
        if (hasInput(1))
            shape = l.valueOf(*input(1));
        else if (shape_.nbDims >= 0)
            shape = TRY(l.integers(TRY(fromApi(shape_))));
        if (shape) x = TRY(l.emit("reshape", fmt::format("allow_zero={}", !zeroCopies_), {x, shape}));
        x = TRY_IN("second transpose", transposed(l, x, second_));
        // A shuffle that does nothing still makes a tensor of its own.
        if (x == l.valueOf(*input(0))) x = TRY(l.emit("identity", "", {x}));
        l.setOutput(0, x);
        return {};
    }

  protected:
    int maxInputs() const override { return 2; }

  private:
    static Result<ir::Value*> transposed(Lowering& l, ir::Value* x, const Permutation& p) {
        ir::Dims perm(p.order, p.order + x->rank());
        bool moves = false;
        uint32_t seen = 0;
        for (int i = 0; i < x->rank(); ++i) {
            if (perm[i] < 0 || perm[i] >= x->rank() || (seen & (1u << perm[i])))
                return invalidArgument("{} is no permutation of the {} dimensions of {}", ir::toString(perm), x->rank(),
                                       ir::toString(x->shape()));
            seen |= 1u << perm[i];
            moves |= perm[i] != i;
        }
        if (!moves) return x;
        return l.emit("transpose", "perm=" + ir::toString(perm), {x});
    }

    Permutation first_{}, second_{};
    Dims shape_{};
    bool zeroCopies_ = true;
};

}  // namespace

IShuffleLayer* Network::addShuffle(ITensor& input) noexcept {
    if (!owns("INetworkDefinition::addShuffle", {&input})) return nullptr;
    return add<Shuffle>(input);
}

}  // namespace lathe::api

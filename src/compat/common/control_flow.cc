// SPDX-License-Identifier: Apache-2.0
// Loops and conditionals; both are for networks with an explicit batch.
#include "compat/common/layers.h"
#include "compat/common/network.h"

namespace lathe::compat {

#if LATHE_TRT >= 7
namespace {

class Loop;

template <class Old, class New>
class LoopLayer : public LayerOf<Old, New> {
  public:
    LoopLayer(Network& network, New& real, old::ILoop& loop) : LayerOf<Old, New>(network, real), loop_(loop) {}
    old::ILoop* getLoop() const noexcept override { return &loop_; }

  private:
    old::ILoop& loop_;
};

using RecurrenceLayer = LoopLayer<old::IRecurrenceLayer, v10::IRecurrenceLayer>;

class LoopOutputLayer final : public LoopLayer<old::ILoopOutputLayer, v10::ILoopOutputLayer> {
  public:
    using LoopLayer::LoopLayer;
    LATHE_GET(old::LoopOutput, LoopOutput)
    LATHE_PROPERTY(int32_t, Axis)
};

class TripLimitLayer final : public LoopLayer<old::ITripLimitLayer, v10::ITripLimitLayer> {
  public:
    using LoopLayer::LoopLayer;
    LATHE_GET(old::TripLimit, TripLimit)
};

class IteratorLayer final : public LoopLayer<old::IIteratorLayer, v10::IIteratorLayer> {
  public:
    using LoopLayer::LoopLayer;
    LATHE_PROPERTY(int32_t, Axis)
    LATHE_PROPERTY(bool, Reverse)
};

class Loop final : public old::ILoop {
  public:
    Loop(Network& network, v10::ILoop& real) : network_(network), real_(real) {}
    old::IRecurrenceLayer* addRecurrence(old::ITensor& initial) noexcept override {
        return network_.made<RecurrenceLayer>(real_.addRecurrence(Tensor::of(initial).real()), *this);
    }
    old::ITripLimitLayer* addTripLimit(old::ITensor& t, old::TripLimit limit) noexcept override {
        return network_.made<TripLimitLayer>(real_.addTripLimit(Tensor::of(t).real(), toNew(limit)), *this);
    }
    old::IIteratorLayer* addIterator(old::ITensor& t, int32_t axis, bool reverse) noexcept override {
        return network_.made<IteratorLayer>(real_.addIterator(Tensor::of(t).real(), axis, reverse), *this);
    }
    old::ILoopOutputLayer* addLoopOutput(old::ITensor& t, old::LoopOutput kind, int32_t axis) noexcept override {
        return network_.made<LoopOutputLayer>(real_.addLoopOutput(Tensor::of(t).real(), toNew(kind), axis), *this);
    }
    void setName(char const* name) noexcept override { real_.setName(name); }
    char const* getName() const noexcept override { return real_.getName(); }

  private:
    Network& network_;
    v10::ILoop& real_;
};

}  // namespace

old::ILoop* Network::addLoop() noexcept {
    if (!needsExplicitBatch("addLoop")) return nullptr;
    v10::ILoop* real = real_->addLoop();
    if (!real) return nullptr;
    auto loop = std::make_shared<Loop>(*this, *real);
    own(loop);
    return loop.get();
}
#endif

#if LATHE_TRT >= 8
namespace {

template <class Old, class New>
class ConditionalLayer final : public LayerOf<Old, New> {
  public:
    ConditionalLayer(Network& network, New& real, old::IIfConditional& conditional)
        : LayerOf<Old, New>(network, real), conditional_(conditional) {}
    old::IIfConditional* getConditional() const noexcept override { return &conditional_; }

  private:
    old::IIfConditional& conditional_;
};

class Conditional final : public old::IIfConditional {
  public:
    Conditional(Network& network, v10::IIfConditional& real) : network_(network), real_(real) {}
    old::IConditionLayer* setCondition(old::ITensor& t) noexcept override {
        return network_.made<ConditionalLayer<old::IConditionLayer, v10::IConditionLayer>>(
            real_.setCondition(Tensor::of(t).real()), *this);
    }
    old::IIfConditionalOutputLayer* addOutput(old::ITensor& a, old::ITensor& b) noexcept override {
        return network_.made<ConditionalLayer<old::IIfConditionalOutputLayer, v10::IIfConditionalOutputLayer>>(
            real_.addOutput(Tensor::of(a).real(), Tensor::of(b).real()), *this);
    }
    old::IIfConditionalInputLayer* addInput(old::ITensor& t) noexcept override {
        return network_.made<ConditionalLayer<old::IIfConditionalInputLayer, v10::IIfConditionalInputLayer>>(
            real_.addInput(Tensor::of(t).real()), *this);
    }
    void setName(char const* name) noexcept override { real_.setName(name); }
    char const* getName() const noexcept override { return real_.getName(); }

  private:
    Network& network_;
    v10::IIfConditional& real_;
};

}  // namespace

old::IIfConditional* Network::addIfConditional() noexcept {
    if (!needsExplicitBatch("addIfConditional")) return nullptr;
    v10::IIfConditional* real = real_->addIfConditional();
    if (!real) return nullptr;
    auto conditional = std::make_shared<Conditional>(*this, *real);
    own(conditional);
    return conditional.get();
}
#endif

}  // namespace lathe::compat

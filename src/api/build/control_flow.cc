// SPDX-License-Identifier: Apache-2.0
#include "api/build/control_flow.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

template <class I, class V, class C>
class LoopBoundary : public I, public V, public apiv::VLoopBoundaryLayer, public C {
  public:
    LoopBoundary(Network& network, LayerType type, BoundaryCore::Role role, LoopCore& loop, ITensor& input, int outputs)
        : C(network, type, role, &loop, nullptr, tensorList({&input}), outputs), loop_(loop) {
        this->mLayer = this;
        this->mBoundary = this;
        this->mImpl = this;
        C::asLayer = this;
    }
    ILoop* getLoop() const noexcept override { return &loop_; }

  private:
    LoopCore& loop_;
};

class Recurrence final : public LoopBoundary<IRecurrenceLayer, apiv::VRecurrenceLayer, BoundaryCore> {
  public:
    Recurrence(Network& network, LoopCore& loop, ITensor& initial)
        : LoopBoundary(network, LayerType::kRECURRENCE, Role::kRecurrence, loop, initial, 1) {}
    bool isBackEdge(int i) const override { return i == 1; }
    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.opaque(l.valueOf(*input(0))->type())));
        return {};
    }

  protected:
    int maxInputs() const override { return 2; }
};

class TripLimitLayer final : public LoopBoundary<ITripLimitLayer, apiv::VTripLimitLayer, TripLimitCore> {
  public:
    TripLimitLayer(Network& network, LoopCore& loop, ITensor& tensor, TripLimit limit)
        : LoopBoundary(network, LayerType::kTRIP_LIMIT, Role::kTripLimit, loop, tensor, 0) {
        kind = limit;
    }
    TripLimit getTripLimit() const noexcept override { return kind; }
    Status lower(Lowering&) override { return {}; }
};

class Iterator final : public LoopBoundary<IIteratorLayer, apiv::VIteratorLayer, IteratorCore> {
  public:
    Iterator(Network& network, LoopCore& loop, ITensor& tensor, int32_t ofAxis, bool reversed)
        : LoopBoundary(network, LayerType::kITERATOR, Role::kIterator, loop, tensor, 1) {
        axis = ofAxis;
        reverse = reversed;
    }
    void setAxis(int32_t value) noexcept override {
        axis = value;
        changed();
    }
    int32_t getAxis() const noexcept override { return axis; }
    void setReverse(bool value) noexcept override {
        reverse = value;
        changed();
    }
    bool getReverse() const noexcept override { return reverse; }
    Status lower(Lowering& l) override {
        ir::TensorType type = l.valueOf(*input(0))->type();
        if (axis < 0 || axis >= static_cast<int>(type.shape.size()))
            return invalidArgument("axis {} of {}", axis, ir::toString(type.shape));
        type.shape.erase(type.shape.begin() + axis);
        l.setOutput(0, TRY(l.opaque(type)));
        return {};
    }
};

class LoopOutputLayer final : public LoopBoundary<ILoopOutputLayer, apiv::VLoopOutputLayer, LoopOutputCore> {
  public:
    LoopOutputLayer(Network& network, LoopCore& loop, ITensor& tensor, LoopOutput output, int32_t atAxis)
        : LoopBoundary(network, LayerType::kLOOP_OUTPUT, Role::kLoopOutput, loop, tensor, 1) {
        kind = output;
        axis = atAxis;
    }
    LoopOutput getLoopOutput() const noexcept override { return kind; }
    void setAxis(int32_t value) noexcept override {
        axis = value;
        changed();
    }
    int32_t getAxis() const noexcept override { return axis; }
    Status lower(Lowering& l) override {
        ir::TensorType type = l.valueOf(*input(0))->type();
        if (kind != LoopOutput::kLAST_VALUE) {
            if (axis < 0 || axis > static_cast<int>(type.shape.size()))
                return invalidArgument("axis {} in {}", axis, ir::toString(type.shape));
            const auto* length = hasInput(1) ? l.valueOf(*input(1))->elements() : nullptr;
            ir::Dim extent = length && length->size() == 1 ? (*length)[0] : TRY(l.unknownExtent());
            type.shape.insert(type.shape.begin() + axis, extent);
        }
        l.setOutput(0, TRY(l.opaque(type)));
        return {};
    }

  protected:
    int maxInputs() const override { return kind == LoopOutput::kLAST_VALUE ? 1 : 2; }
};

template <class I, class V>
class ConditionalBoundary : public I, public V, public apiv::VConditionalBoundaryLayer, public BoundaryCore {
  public:
    ConditionalBoundary(Network& network, LayerType type, Role role, ConditionalCore& conditional,
                        std::vector<Tensor*> inputs, int outputs)
        : BoundaryCore(network, type, role, nullptr, &conditional, std::move(inputs), outputs),
          conditional_(conditional) {
        this->mLayer = this;
        this->mBoundary = this;
        this->mImpl = this;
        BoundaryCore::asLayer = this;
    }
    IIfConditional* getConditional() const noexcept override { return &conditional_; }

  private:
    ConditionalCore& conditional_;
};

class Condition final : public ConditionalBoundary<IConditionLayer, apiv::VConditionLayer> {
  public:
    Condition(Network& network, ConditionalCore& conditional, ITensor& tensor)
        : ConditionalBoundary(network, LayerType::kCONDITION, Role::kCondition, conditional, tensorList({&tensor}), 0) {
    }
    Status lower(Lowering&) override { return {}; }
};

class BranchInput final : public ConditionalBoundary<IIfConditionalInputLayer, apiv::VConditionalInputLayer> {
  public:
    BranchInput(Network& network, ConditionalCore& conditional, ITensor& tensor)
        : ConditionalBoundary(network, LayerType::kCONDITIONAL_INPUT, Role::kBranchInput, conditional,
                              tensorList({&tensor}), 1) {}
    Status lower(Lowering& l) override {
        l.setOutput(0, l.valueOf(*input(0)));
        return {};
    }
};

class BranchOutput final : public ConditionalBoundary<IIfConditionalOutputLayer, apiv::VConditionalOutputLayer> {
  public:
    BranchOutput(Network& network, ConditionalCore& conditional, ITensor& a, ITensor& b)
        : ConditionalBoundary(network, LayerType::kCONDITIONAL_OUTPUT, Role::kBranchOutput, conditional,
                              tensorList({&a, &b}), 1) {}
    Status lower(Lowering& l) override {
        ir::TensorType a = l.valueOf(*input(0))->type(), b = l.valueOf(*input(1))->type();
        if (a.dtype != b.dtype || a.shape.size() != b.shape.size())
            return invalidArgument("the branches give {} and {}", ir::toString(a), ir::toString(b));
        for (size_t i = 0; i < a.shape.size(); ++i)
            if (!(a.shape[i] == b.shape[i])) a.shape[i] = TRY(l.unknownExtent());
        l.setOutput(0, TRY(l.opaque(a)));
        return {};
    }
};

}  // namespace

LoopCore::LoopCore(Network& n) : network(n), name_(fmt::format("(Unnamed Loop* {})", n.loops().size())) {
    mImpl = this;
}

void LoopCore::setName(char const* name) noexcept {
    guardedStatus(network.reporter(), "ILoop::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        name_ = name;
        return {};
    });
}

IRecurrenceLayer* LoopCore::addRecurrence(ITensor& initial) noexcept {
    if (!network.owns("ILoop::addRecurrence", {&initial})) return nullptr;
    auto* layer = network.add<Recurrence>(*this, initial);
    if (!layer) return nullptr;
    recurrences.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

ITripLimitLayer* LoopCore::addTripLimit(ITensor& tensor, TripLimit limit) noexcept {
    const char* where = "ILoop::addTripLimit";
    if (!network.owns(where, {&tensor})) return nullptr;
    bool ok = guardedStatus(network.reporter(), where, [&]() -> Status {
        TRY(mustExist(limit, "trip limit"));
        for (const TripLimitCore* l : limits)
            if (l->kind == limit)
                return makeStatus(Code::kInvalidState, "'{}' has a trip limit of this kind already", name_);
        return {};
    });
    auto* layer = ok ? network.add<TripLimitLayer>(*this, tensor, limit) : nullptr;
    if (!layer) return nullptr;
    limits.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

IIteratorLayer* LoopCore::addIterator(ITensor& tensor, int32_t axis, bool reverse) noexcept {
    if (!network.owns("ILoop::addIterator", {&tensor})) return nullptr;
    auto* layer = network.add<Iterator>(*this, tensor, axis, reverse);
    if (!layer) return nullptr;
    iterators.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

ILoopOutputLayer* LoopCore::addLoopOutput(ITensor& tensor, LoopOutput kind, int32_t axis) noexcept {
    const char* where = "ILoop::addLoopOutput";
    if (!network.owns(where, {&tensor})) return nullptr;
    bool ok = guardedStatus(network.reporter(), where, [&]() -> Status {
        TRY(mustExist(kind, "loop output"));
        if (kind != LoopOutput::kLAST_VALUE) return {};
        for (const BoundaryCore* r : recurrences)
            if (&r->output() == &Tensor::of(tensor)) return {};
        return invalidArgument("'{}': kLAST_VALUE takes the output of a recurrence of this loop, which '{}' is not",
                               name_, tensor.getName());
    });
    auto* layer = ok ? network.add<LoopOutputLayer>(*this, tensor, kind, axis) : nullptr;
    if (!layer) return nullptr;
    outputs.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

ConditionalCore::ConditionalCore(Network& n)
    : network(n), name_(fmt::format("(Unnamed Conditional* {})", n.conditionals().size())) {
    mImpl = this;
}

void ConditionalCore::setName(char const* name) noexcept {
    guardedStatus(network.reporter(), "IIfConditional::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        name_ = name;
        return {};
    });
}

IConditionLayer* ConditionalCore::setCondition(ITensor& tensor) noexcept {
    const char* where = "IIfConditional::setCondition";
    if (!network.owns(where, {&tensor})) return nullptr;
    bool ok = guardedStatus(network.reporter(), where, [&]() -> Status {
        if (condition) return makeStatus(Code::kInvalidState, "'{}' has a condition already", name_);
        return {};
    });
    auto* layer = ok ? network.add<Condition>(*this, tensor) : nullptr;
    if (!layer) return nullptr;
    condition = layer;
    boundaries.push_back(layer);
    return layer;
}

IIfConditionalInputLayer* ConditionalCore::addInput(ITensor& tensor) noexcept {
    if (!network.owns("IIfConditional::addInput", {&tensor})) return nullptr;
    auto* layer = network.add<BranchInput>(*this, tensor);
    if (!layer) return nullptr;
    inputs.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

IIfConditionalOutputLayer* ConditionalCore::addOutput(ITensor& trueTensor, ITensor& falseTensor) noexcept {
    if (!network.owns("IIfConditional::addOutput", {&trueTensor, &falseTensor})) return nullptr;
    auto* layer = network.add<BranchOutput>(*this, trueTensor, falseTensor);
    if (!layer) return nullptr;
    outputs.push_back(layer);
    boundaries.push_back(layer);
    return layer;
}

ILoop* Network::addLoop() noexcept {
    return guarded<ILoop*>(reporter_, "INetworkDefinition::addLoop", nullptr, [&]() -> Result<ILoop*> {
        loops_.push_back(std::make_unique<LoopCore>(*this));
        return loops_.back().get();
    });
}

IIfConditional* Network::addIfConditional() noexcept {
    return guarded<IIfConditional*>(reporter_, "INetworkDefinition::addIfConditional", nullptr,
                                    [&]() -> Result<IIfConditional*> {
                                        conditionals_.push_back(std::make_unique<ConditionalCore>(*this));
                                        return conditionals_.back().get();
                                    });
}

}  // namespace lathe::api

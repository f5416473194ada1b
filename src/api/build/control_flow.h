// SPDX-License-Identifier: Apache-2.0
// Loops and conditionals of a network under construction. Their boundary layers say where values go in and out; which
// layers lie inside follows from what depends on what (structured_lowering.h).
#pragma once

#include "api/build/network.h"

namespace lathe::api {

class ConditionalCore;
class LoopCore;

// What a boundary layer is, for StructuredLowering.
class BoundaryCore : public LayerCore {
  public:
    enum class Role { kTripLimit, kRecurrence, kIterator, kLoopOutput, kCondition, kBranchInput, kBranchOutput };
    BoundaryCore(Network& network, nvinfer1::LayerType type, Role role, const LoopCore* loop,
                 const ConditionalCore* conditional, std::vector<Tensor*> inputs, int outputs)
        : LayerCore(network, type, std::move(inputs), outputs), role(role), loop(loop), conditional(conditional) {}
    BoundaryCore* asBoundary() override { return this; }
    const Tensor& output() const { return *outputs()[0]; }

    const Role role;
    const LoopCore* const loop;                // or
    const ConditionalCore* const conditional;  // the other is null
};

struct TripLimitCore : BoundaryCore {
    using BoundaryCore::BoundaryCore;
    nvinfer1::TripLimit kind = nvinfer1::TripLimit::kCOUNT;
};
struct IteratorCore : BoundaryCore {
    using BoundaryCore::BoundaryCore;
    int32_t axis = 0;
    bool reverse = false;
};
struct LoopOutputCore : BoundaryCore {
    using BoundaryCore::BoundaryCore;
    nvinfer1::LoopOutput kind = nvinfer1::LoopOutput::kLAST_VALUE;
    int32_t axis = 0;
};

class LoopCore final : public nvinfer1::ILoop, public nvinfer1::apiv::VLoop {
  public:
    explicit LoopCore(Network& network);

    nvinfer1::IRecurrenceLayer* addRecurrence(nvinfer1::ITensor& initial) noexcept override;
    nvinfer1::ITripLimitLayer* addTripLimit(nvinfer1::ITensor& tensor, nvinfer1::TripLimit limit) noexcept override;
    nvinfer1::IIteratorLayer* addIterator(nvinfer1::ITensor& tensor, int32_t axis, bool reverse) noexcept override;
    nvinfer1::ILoopOutputLayer* addLoopOutput(nvinfer1::ITensor& tensor, nvinfer1::LoopOutput kind,
                                              int32_t axis) noexcept override;
    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override { return name_.c_str(); }

    Network& network;
    std::vector<TripLimitCore*> limits;
    std::vector<BoundaryCore*> recurrences;
    std::vector<IteratorCore*> iterators;
    std::vector<LoopOutputCore*> outputs;
    std::vector<BoundaryCore*> boundaries;  // all of the above

  private:
    std::string name_;
};

class ConditionalCore final : public nvinfer1::IIfConditional, public nvinfer1::apiv::VIfConditional {
  public:
    explicit ConditionalCore(Network& network);

    nvinfer1::IConditionLayer* setCondition(nvinfer1::ITensor& tensor) noexcept override;
    nvinfer1::IIfConditionalInputLayer* addInput(nvinfer1::ITensor& tensor) noexcept override;
    nvinfer1::IIfConditionalOutputLayer* addOutput(nvinfer1::ITensor& trueTensor,
                                                   nvinfer1::ITensor& falseTensor) noexcept override;
    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override { return name_.c_str(); }

    Network& network;
    BoundaryCore* condition = nullptr;
    std::vector<BoundaryCore*> inputs, outputs;
    std::vector<BoundaryCore*> boundaries;  // all of the above

  private:
    std::string name_;
};

}  // namespace lathe::api

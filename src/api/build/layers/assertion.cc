// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/build/network.h"
#include "ops/assume.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// What is known while the network is lowered is decided there; the rest is checked as soon as it is known: when the
// engine is built, when it gets its shapes, or when the condition has been computed.
class Assertion final : public LayerBase<IAssertionLayer, apiv::VAssertionLayer> {
  public:
    Assertion(Network& network, ITensor& condition, std::string message)
        : LayerBase(network, LayerType::kASSERTION, tensorList({&condition}), 0), message_(std::move(message)) {}

    void setMessage(char const* message) noexcept override {
        guardedStatus(reporter(), "IAssertionLayer::setMessage", [&]() -> Status {
            if (!message) return invalidArgument("{}: the message is null", describe());
            message_ = message;
            changed();
            return {};
        });
    }
    char const* getMessage() const noexcept override { return message_.c_str(); }

    Status lower(Lowering& l) override {
        ir::Value* condition = l.valueOf(*input(0));
        if (condition->dtype() != DType::kBool)
            return invalidArgument("the condition '{}' is {}; expected bool", input(0)->name(),
                                   ir::toString(condition->type()));
        auto attrs = std::make_unique<ops::AssumeAttrs>();
        attrs->message = message_.empty() ? "the assertion failed" : "the assertion failed: " + message_;
        const auto* elements = condition->elements();
        if (elements && std::all_of(elements->begin(), elements->end(),
                                    [](const ir::Dim& d) { return d.isConstant() && d.value() != 0; }))
            return {};
        TRY(l.node("assume", std::move(attrs), {condition, condition}, 1));
        return {};
    }

  private:
    std::string message_;
};

}  // namespace

IAssertionLayer* Network::addAssertion(ITensor& condition, char const* message) noexcept {
    if (!owns("INetworkDefinition::addAssertion", {&condition})) return nullptr;
    if (!message) {
        reporter_.error("INetworkDefinition::addAssertion", invalidArgument("the message is null"));
        return nullptr;
    }
    return add<Assertion>(condition, message);
}

}  // namespace lathe::api

// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cstring>

#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// Letters, commas, dots, an arrow and spaces.
Status checkEquation(const char* equation) {
    if (!equation) return invalidArgument("the equation is null");
    for (const char* c = equation; *c; ++c)
        if (!std::isalpha(static_cast<unsigned char>(*c)) && !std::strchr(",.-> ", *c))
            return invalidArgument("the equation '{}' has the character '{}'", equation, *c);
    return {};
}

class Einsum final : public LayerBase<IEinsumLayer, apiv::VEinsumLayer> {
  public:
    Einsum(Network& network, std::vector<Tensor*> inputs, std::string equation)
        : LayerBase(network, LayerType::kEINSUM, std::move(inputs)), equation_(std::move(equation)) {}

    bool setEquation(char const* equation) noexcept override {
        return guardedStatus(reporter(), "IEinsumLayer::setEquation", [&]() -> Status {
            TRY_IN(describe(), checkEquation(equation));
            equation_ = equation;
            changed();
            return {};
        });
    }
    char const* getEquation() const noexcept override { return equation_.c_str(); }

    Status lower(Lowering& l) override {
        std::vector<ir::Value*> in;
        for (const Tensor* t : inputs()) in.push_back(l.valueOf(*t));
        l.setOutput(0, TRY(l.emit("einsum", fmt::format("equation=\"{}\"", equation_), in)));
        return {};
    }

  private:
    std::string equation_;
};

}  // namespace

IEinsumLayer* Network::addEinsum(ITensor* const* inputs, int32_t nbInputs, char const* equation) noexcept {
    const char* where = "INetworkDefinition::addEinsum";
    if (!guardedStatus(reporter_, where, [&] { return checkEquation(equation); })) return nullptr;
    std::optional<std::vector<Tensor*>> tensors = ownedList(where, inputs, nbInputs, 1);
    return tensors ? add<Einsum>(std::move(*tensors), equation) : nullptr;
}

}  // namespace lathe::api

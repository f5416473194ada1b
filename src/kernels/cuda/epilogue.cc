// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/epilogue.h"

namespace lathe::cuda {

using kernels::Activation;

std::string activationText(Activation activation, float alpha, float beta, std::string_view x) {
    std::string a = literal(alpha), b = literal(beta);
    switch (activation) {
        case Activation::kNone: return std::string(x);
        // A comparison that NaN fails keeps it.
        case Activation::kRelu: return fmt::format("({0} < 0.0f ? 0.0f : {0})", x);
        case Activation::kLeakyRelu: return fmt::format("({0} < 0.0f ? {1} * {0} : {0})", x, a);
        case Activation::kClip: return fmt::format("minNan(maxNan({}, {}), {})", x, a, b);
        case Activation::kHardSigmoid: return fmt::format("minNan(maxNan({} * {} + {}, 0.0f), 1.0f)", a, x, b);
        case Activation::kHardSwish: return fmt::format("({1} * minNan(maxNan({0} * {1} + {2}, 0.0f), 1.0f))", a, x, b);
        case Activation::kSigmoid: return fmt::format("sigmoid({})", x);
        case Activation::kSilu: return fmt::format("({0} * sigmoid({0}))", x);
        case Activation::kTanh: return fmt::format("({} * tanhf({} * {}))", a, b, x);
        case Activation::kGeluErf: return fmt::format("geluErf({})", x);
        case Activation::kGeluTanh: return fmt::format("geluTanh({})", x);
        case Activation::kElu: return fmt::format("({0} < 0.0f ? {1} * expm1f({0}) : {0})", x, a);
        case Activation::kSelu: return fmt::format("({2} * ({0} < 0.0f ? {1} * expm1f({0}) : {0}))", x, a, b);
        case Activation::kSoftplus: return fmt::format("({} * softplus({} * {}))", a, b, x);
        case Activation::kMish: return fmt::format("mish({})", x);
        case Activation::kSoftsign: return fmt::format("({0} / (1.0f + fabsf({0})))", x);
        case Activation::kThresholdedRelu: return fmt::format("({0} <= {1} ? 0.0f : {0})", x, a);
    }
    return std::string(x);
}

std::string epilogueText(const Epilogue& e) {
    std::string text;
    auto operand = [&](const char* name, const std::optional<DType>& type) {
        text += fmt::format("#define HAS_{} {}\n#define {}_T {}\n", name, type ? 1 : 0, name,
                            type ? typeName(*type) : "f32");
    };
    operand("SCALE", e.scale);
    operand("BIAS", e.bias);
    operand("RESIDUAL", e.residual);
    text += fmt::format("#define PER_ROW {}\n#define RESIDUAL_AFTER {}\n", e.perRow ? 1 : 0, e.residualAfter ? 1 : 0);
    text += fmt::format("DEV float activate(float x) {{ return {}; }}\n",
                        activationText(e.activation, e.alpha, e.beta, "x"));
    return text;
}

Status checkEpilogue(const Epilogue& e) {
    for (const std::optional<DType>& t : {e.scale, e.bias, e.residual})
        if (t && *t != DType::kFloat && *t != DType::kHalf && *t != DType::kBf16)
            return unsupported("an epilogue's operand of type {}", lathe::toString(*t));
    return {};
}

}  // namespace lathe::cuda

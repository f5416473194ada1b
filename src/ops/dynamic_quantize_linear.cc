// SPDX-License-Identifier: Apache-2.0
#include "ops/dynamic_quantize_linear.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class DynamicQuantizeLinearOp final : public ir::OpWith<DynamicQuantizeLinearAttrs> {
  public:
    constexpr DynamicQuantizeLinearOp() : OpWith("dynamic_quantize_linear", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireType(c, 0, {DType::kFloat}));
        if (c.outputCount() != 3) return invalidArgument("{} outputs; expected 3", c.outputCount());
        c.setOutput(0, {DType::kUint8, c.shape(0)});
        c.setOutput(1, {DType::kFloat, {}});
        c.setOutput(2, {DType::kUint8, {}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const float* x = c.input(0).as<float>();
        int64_t n = c.input(0).count();
        float low = 0, high = 0;
        for (int64_t i = 0; i < n; ++i) {
            low = std::min(low, x[i]);
            high = std::max(high, x[i]);
        }
        float scale = (high - low) / 255;
        if (scale == 0) scale = 1;
        auto rounded = [](float v) { return std::isnan(v) ? 0.f : std::clamp(std::nearbyint(v), -1e9f, 1e9f); };
        auto zero = static_cast<uint8_t>(std::clamp(rounded(-low / scale), 0.f, 255.f));
        for (int64_t i = 0; i < n; ++i)
            c.output(0).as<uint8_t>()[i] =
                static_cast<uint8_t>(std::clamp(rounded(x[i] / scale) + static_cast<float>(zero), 0.f, 255.f));
        *c.output(1).as<float>() = scale;
        *c.output(2).as<uint8_t>() = zero;
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "both_signs", .inputs = {{.dims = {3, 17}, .low = -2, .high = 3}}, .outputs = 3},
            {.name = "positive", .inputs = {{.dims = {9}, .low = 1, .high = 3}}, .outputs = 3},
            {.name = "zeros", .inputs = {{.dims = {4}, .low = 0, .high = 0}}, .outputs = 3},
            {.name = "empty", .inputs = {{.dims = {0}}}, .outputs = 3},
        };
    }
};

}  // namespace

LATHE_OP(dynamic_quantize_linear, DynamicQuantizeLinearOp)

}  // namespace lathe::ops

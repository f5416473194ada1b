// SPDX-License-Identifier: Apache-2.0
#include "ops/gru.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

constexpr const char* kGruDefaults[] = {"sigmoid", "tanh"};

class GruOp final : public ir::OpWith<GruAttrs> {
  public:
    constexpr GruOp() : OpWith("gru", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(recurrentActivations(attrs(c), kGruDefaults));
        return inferRecurrent(c, attrs(c), 3, 1);
    }

    Status reference(RefContext& c) const override {
        auto activations = TRY(recurrentActivations(attrs(c), kGruDefaults));
        bool linear = attrs(c).linearBeforeReset;
        std::vector<double> hr, reset, candidate;
        return runRecurrent(c, attrs(c), 3, 1, [&](const RecurrentStep& s) {
            int64_t n = s.hidden, width = 3 * n;
            const Activation &f = activations[2 * s.direction], &g = activations[2 * s.direction + 1];
            hr.resize(s.batch * width);
            for (int64_t b = 0; b < s.batch; ++b) std::copy_n(s.rBias, width, hr.data() + b * width);
            addProduct(s.batch, width, n, s.h, n, s.r, width, hr.data(), width);
            reset.resize(s.batch * n);
            for (int64_t b = 0; b < s.batch; ++b)
                for (int64_t k = 0; k < n; ++k) reset[b * n + k] = f(s.x[b][n + k] + hr[b * width + n + k]);
            candidate.resize(s.batch * n);
            if (linear) {
                for (int64_t b = 0; b < s.batch; ++b)
                    for (int64_t k = 0; k < n; ++k) candidate[b * n + k] = reset[b * n + k] * hr[b * width + 2 * n + k];
            } else {
                for (int64_t b = 0; b < s.batch; ++b) {
                    std::copy_n(s.rBias + 2 * n, n, candidate.data() + b * n);
                    for (int64_t k = 0; k < n; ++k) reset[b * n + k] *= s.h[b * n + k];
                }
                addProduct(s.batch, n, n, reset.data(), n, s.r + 2 * n, width, candidate.data(), n);
            }
            for (int64_t b = 0; b < s.batch; ++b)
                for (int64_t k = 0; k < n; ++k) {
                    double z = f(s.x[b][k] + hr[b * width + k]);
                    double next = g(s.x[b][2 * n + k] + candidate[b * n + k]);
                    s.nextH[b * n + k] = (1 - z) * next + z * s.h[b * n + k];
                }
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kFloat = DType::kFloat, kHalf = DType::kHalf, kBf16 = DType::kBf16;
        auto with = [](DType t, int64_t sequence, int64_t batch, int64_t input, int64_t hidden,
                       int64_t directions) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {sequence, batch, input}},
                    {.dtype = t, .dims = {directions, 3 * hidden, input}, .constant = true},
                    {.dtype = t, .dims = {directions, 3 * hidden, hidden}, .constant = true}};
        };
        auto full = with(kFloat, 5, 3, 7, 9, 2);
        full.push_back({.dims = {2, 54}, .constant = true});
        full.push_back({.dtype = DType::kInt32, .dims = {3}, .values = {5, 2, 0}});
        full.push_back({.dims = {2, 3, 9}});
        auto batchFirst = full;
        batchFirst[0].dims = {3, 5, 7};
        batchFirst[5].dims = {3, 2, 9};
        return {
            {.name = "plain", .attrs = "", .inputs = with(kFloat, 7, 2, 12, 16, 1), .outputs = 2, .reduction = 200},
            {.name = "reverse",
             .attrs = "direction=reverse",
             .inputs = with(kFloat, 4, 2, 5, 6, 1),
             .outputs = 2,
             .reduction = 44},
            {.name = "everything",
             .attrs = "direction=bidirectional hidden_size=9",
             .inputs = full,
             .outputs = 2,
             .reduction = 80},
            {.name = "linear_before_reset",
             .attrs = "direction=bidirectional linear_before_reset=true",
             .inputs = full,
             .outputs = 2,
             .reduction = 80},
            {.name = "batch_first",
             .attrs = "direction=bidirectional layout=1",
             .inputs = batchFirst,
             .outputs = 2,
             .reduction = 80},
            {.name = "clip_and_activations",
             .attrs = "direction=bidirectional clip=0.5 activations=\"HardSigmoid,Relu\"",
             .inputs = full,
             .outputs = 2,
             .reduction = 80},
            {.name = "f16",
             .attrs = "linear_before_reset=true",
             .inputs = with(kHalf, 3, 2, 8, 8, 1),
             .outputs = 2,
             .reduction = 48},
            {.name = "bf16", .attrs = "", .inputs = with(kBf16, 2, 2, 8, 8, 1), .outputs = 1, .reduction = 32},
            {.name = "no_steps", .attrs = "", .inputs = with(kFloat, 0, 2, 3, 4, 1), .outputs = 2},
        };
    }
};

}  // namespace

LATHE_OP(gru, GruOp)

}  // namespace lathe::ops

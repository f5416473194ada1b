// SPDX-License-Identifier: Apache-2.0
#include "ops/lstm.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

constexpr const char* kLstmDefaults[] = {"sigmoid", "tanh", "tanh"};

class LstmOp final : public ir::OpWith<LstmAttrs> {
  public:
    constexpr LstmOp() : OpWith("lstm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(recurrentActivations(attrs(c), kLstmDefaults));
        return inferRecurrent(c, attrs(c), 4, 2);
    }

    Status reference(RefContext& c) const override {
        auto activations = TRY(recurrentActivations(attrs(c), kLstmDefaults));
        bool inputForget = attrs(c).inputForget;
        std::vector<double> peepholes(c.input(1).dims[0] * 3 * c.input(2).dims[2], 0.0), gates;
        if (c.has(7)) peepholes = readDoubles(c.input(7));
        return runRecurrent(c, attrs(c), 4, 2, [&](const RecurrentStep& s) {
            int64_t n = s.hidden, width = 4 * n;
            const Activation &f = activations[3 * s.direction], &g = activations[3 * s.direction + 1],
                             &h = activations[3 * s.direction + 2];
            const double* p = peepholes.data() + s.direction * 3 * n;
            gates.resize(s.batch * width);
            for (int64_t b = 0; b < s.batch; ++b)
                for (int64_t k = 0; k < width; ++k) gates[b * width + k] = s.x[b][k] + s.rBias[k];
            addProduct(s.batch, width, n, s.h, n, s.r, width, gates.data(), width);
            for (int64_t b = 0; b < s.batch; ++b)
                for (int64_t k = 0; k < n; ++k) {
                    const double *z = gates.data() + b * width + k, before = s.c[b * n + k];
                    double in = f(z[0] + p[k] * before);
                    double forget = inputForget ? 1 - in : f(z[2 * n] + p[2 * n + k] * before);
                    double cell = forget * before + in * g(z[3 * n]);
                    s.nextC[b * n + k] = cell;
                    s.nextH[b * n + k] = f(z[n] + p[n + k] * cell) * h(cell);
                }
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kFloat = DType::kFloat, kHalf = DType::kHalf, kBf16 = DType::kBf16;
        auto with = [](DType t, int64_t sequence, int64_t batch, int64_t input, int64_t hidden,
                       int64_t directions) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {sequence, batch, input}},
                    {.dtype = t, .dims = {directions, 4 * hidden, input}, .constant = true},
                    {.dtype = t, .dims = {directions, 4 * hidden, hidden}, .constant = true}};
        };
        auto full = with(kFloat, 5, 3, 7, 9, 2);
        full.push_back({.dims = {2, 72}, .constant = true});
        full.push_back({.dtype = DType::kInt32, .dims = {3}, .values = {5, 2, 0}});
        full.push_back({.dims = {2, 3, 9}});
        full.push_back({.dims = {2, 3, 9}});
        full.push_back({.dims = {2, 27}, .constant = true});
        auto batchFirst = full;
        batchFirst[0].dims = {3, 5, 7};
        batchFirst[5].dims = batchFirst[6].dims = {3, 2, 9};
        auto biased = with(kFloat, 11, 2, 16, 20, 1);
        biased.push_back({.dims = {1, 160}, .constant = true});
        return {
            {.name = "plain", .attrs = "hidden_size=20", .inputs = biased, .outputs = 3, .reduction = 400},
            {.name = "y_only", .attrs = "", .inputs = with(kFloat, 3, 1, 5, 6, 1), .reduction = 33},
            {.name = "reverse",
             .attrs = "direction=reverse",
             .inputs = with(kFloat, 4, 2, 5, 6, 1),
             .outputs = 2,
             .reduction = 44},
            {.name = "everything",
             .attrs = "direction=bidirectional hidden_size=9",
             .inputs = full,
             .outputs = 3,
             .reduction = 80},
            {.name = "batch_first",
             .attrs = "direction=bidirectional layout=1",
             .inputs = batchFirst,
             .outputs = 3,
             .reduction = 80},
            {.name = "clip_and_activations",
             .attrs = "direction=bidirectional clip=0.3 input_forget=true "
                      "activations=\"HardSigmoid,Softsign,ScaledTanh,Sigmoid,LeakyRelu,Tanh\" alpha=[0.25, 1.2, 0.1] "
                      "beta=[0.4, 0.9]",
             .inputs = full,
             .outputs = 3,
             .reduction = 80},
            {.name = "f16", .attrs = "", .inputs = with(kHalf, 3, 2, 8, 8, 1), .outputs = 3, .reduction = 48},
            {.name = "bf16", .attrs = "", .inputs = with(kBf16, 2, 2, 8, 8, 1), .outputs = 3, .reduction = 32},
            {.name = "no_steps", .attrs = "", .inputs = with(kFloat, 0, 2, 3, 4, 1), .outputs = 3},
            {.name = "no_batch", .attrs = "", .inputs = with(kFloat, 2, 0, 3, 4, 1), .outputs = 3},
        };
    }
};

}  // namespace

LATHE_OP(lstm, LstmOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/rnn.h"

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

constexpr const char* kRnnDefaults[] = {"tanh"};

class RnnOp final : public ir::OpWith<RnnAttrs> {
  public:
    constexpr RnnOp() : OpWith("rnn", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(recurrentActivations(attrs(c), kRnnDefaults));
        return inferRecurrent(c, attrs(c), 1, 1);
    }

    Status reference(RefContext& c) const override {
        auto activations = TRY(recurrentActivations(attrs(c), kRnnDefaults));
        return runRecurrent(c, attrs(c), 1, 1, [&](const RecurrentStep& s) {
            int64_t n = s.hidden;
            for (int64_t b = 0; b < s.batch; ++b)
                for (int64_t k = 0; k < n; ++k) s.nextH[b * n + k] = s.x[b][k] + s.rBias[k];
            addProduct(s.batch, n, n, s.h, n, s.r, n, s.nextH, n);
            for (int64_t i = 0; i < s.batch * n; ++i) s.nextH[i] = activations[s.direction](s.nextH[i]);
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kFloat = DType::kFloat, kHalf = DType::kHalf, kBf16 = DType::kBf16;
        auto with = [](DType t, int64_t sequence, int64_t batch, int64_t input, int64_t hidden,
                       int64_t directions) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {sequence, batch, input}},
                    {.dtype = t, .dims = {directions, hidden, input}, .constant = true},
                    {.dtype = t, .dims = {directions, hidden, hidden}, .constant = true}};
        };
        auto full = with(kFloat, 5, 3, 7, 9, 2);
        full.push_back({.dims = {2, 18}, .constant = true});
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
            {.name = "batch_first",
             .attrs = "direction=bidirectional layout=1",
             .inputs = batchFirst,
             .outputs = 2,
             .reduction = 80},
            {.name = "relu_clip",
             .attrs = "direction=bidirectional clip=0.5 activations=\"Relu,Affine\" alpha=[0.7] beta=[0.1]",
             .inputs = full,
             .outputs = 2,
             .reduction = 80},
            {.name = "f16", .attrs = "", .inputs = with(kHalf, 3, 2, 8, 8, 1), .outputs = 2, .reduction = 48},
            {.name = "bf16", .attrs = "", .inputs = with(kBf16, 2, 2, 8, 8, 1), .outputs = 1, .reduction = 32},
            {.name = "no_steps", .attrs = "", .inputs = with(kFloat, 0, 2, 3, 4, 1), .outputs = 2},
        };
    }
};

}  // namespace

LATHE_OP(rnn, RnnOp)

}  // namespace lathe::ops

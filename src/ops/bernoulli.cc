// SPDX-License-Identifier: Apache-2.0
#include "ops/bernoulli.h"

#include "ops/move.h"
#include "ops/random.h"

namespace lathe::ops {
namespace {

class BernoulliOp final : public ir::OpWith<BernoulliAttrs> {
  public:
    constexpr BernoulliOp() : OpWith("bernoulli", kNondeterministic) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        DType t = attrs(c).dtype;
        if (bitsOf(t) < 8 || t == DType::kE8M0)
            return unsupported("0 and 1 of type {}: only quantization makes that type", toString(t));
        c.setOutput(0, {t, c.shape(0)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        Philox stream = randomStream(attrs(c).seed);
        std::vector<double> x = readDoubles(c.input(0));
        for (size_t i = 0; i < x.size(); ++i)
            x[i] = static_cast<double>(stream.uniform(static_cast<int64_t>(i))) < x[i];
        writeDoubles(y, x);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "f32", .attrs = "seed=3", .inputs = {{.dims = {4, 9}, .low = 0}}},
            {.name = "bool", .attrs = "seed=4 dtype=bool", .inputs = {{.dtype = DType::kHalf, .dims = {17}, .low = 0}}},
            {.name = "i64", .attrs = "seed=5 dtype=i64", .inputs = {{.dims = {5}, .low = 0}}},
        };
    }
};

}  // namespace

LATHE_OP(bernoulli, BernoulliOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/random_uniform.h"

#include "ops/move.h"
#include "ops/random.h"

namespace lathe::ops {
namespace {

class RandomUniformOp final : public ir::OpWith<RandomUniformAttrs> {
  public:
    constexpr RandomUniformOp() : OpWith("random_uniform", kNondeterministic) {}

    Status infer(InferContext& c) const override {
        DType t = attrs(c).dtype;
        if (t != DType::kFloat && t != DType::kHalf && t != DType::kBf16)
            return invalidArgument("random numbers of type {}; expected one of f32, f16, bf16", toString(t));
        if (!(attrs(c).low <= attrs(c).high))
            return invalidArgument("an empty range [{}, {}]", attrs(c).low, attrs(c).high);
        c.setOutput(0, {t, TRY(randomShape(c, attrs(c).shape))});
        return {};
    }

    Status reference(RefContext& c) const override {
        const RandomUniformAttrs& a = attrs(c);
        const Tensor& y = c.output(0);
        Philox stream = randomStream(a.seed);
        return dispatchFloat(y.dtype, [&]<class T>() -> Status {
            for (int64_t i = 0; i < y.count(); ++i)
                y.as<T>()[i] = static_cast<float>(a.low + static_cast<double>(stream.uniform(i)) * (a.high - a.low));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "attribute", .attrs = "shape=[3, 7] low=-2 high=3 seed=1"},
            {.name = "constant",
             .attrs = "seed=-5 dtype=f16",
             .inputs = {{.dtype = DType::kInt64, .dims = {2}, .constant = true, .values = {5, 2}}}},
            {.name = "computed",
             .attrs = "seed=7 dtype=bf16",
             .inputs = {{.dtype = DType::kInt32, .dims = {1}, .values = {9}}}},
            {.name = "scalar", .attrs = "seed=7"},
            {.name = "empty", .attrs = "seed=7 shape=[0, 4]"},
        };
    }
};

}  // namespace

LATHE_OP(random_uniform, RandomUniformOp)

}  // namespace lathe::ops

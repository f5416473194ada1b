// SPDX-License-Identifier: Apache-2.0
#include "ops/multinomial.h"

#include "ops/move.h"
#include "ops/random.h"

namespace lathe::ops {
namespace {

class MultinomialOp final : public ir::OpWith<MultinomialAttrs> {
  public:
    constexpr MultinomialOp() : OpWith("multinomial", kNondeterministic) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        TRY(requireRank(c, 0, 2));
        const MultinomialAttrs& a = attrs(c);
        if (a.dtype != DType::kInt32 && a.dtype != DType::kInt64)
            return invalidArgument("classes of type {}; expected one of i32, i64", toString(a.dtype));
        if (a.sampleSize < 0) return invalidArgument("a sample of {} classes", a.sampleSize);
        if (c.shape(0)[1] == Dim(0)) return invalidArgument("there are no classes to draw from");
        c.setOutput(0, {a.dtype, {c.shape(0)[0], a.sampleSize}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int64_t rows = x.dims[0], classes = x.dims[1], samples = y.dims[1];
        if (classes == 0) return invalidArgument("there are no classes to draw from");
        Philox stream = randomStream(attrs(c).seed);
        std::vector<double> logits = readDoubles(x), chosen;
        for (int64_t r = 0; r < rows; ++r) {
            const double* row = logits.data() + r * classes;
            double peak = *std::max_element(row, row + classes);
            std::vector<double> below(classes);  // the sum of the weights up to each class
            double sum = 0;
            for (int64_t k = 0; k < classes; ++k) below[k] = sum += std::exp(row[k] - peak);
            for (int64_t s = 0; s < samples; ++s) {
                double at = static_cast<double>(stream.uniform(r * samples + s)) * sum;
                auto found = std::upper_bound(below.begin(), below.end(), at);
                // Rounding (and NaN) may lead past the end.
                chosen.push_back(static_cast<double>(std::min<int64_t>(found - below.begin(), classes - 1)));
            }
        }
        writeDoubles(y, chosen);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "rows", .attrs = "sample_size=9 seed=3", .inputs = {{.dims = {3, 5}, .low = -3}}},
            {.name = "f16_i64",
             .attrs = "sample_size=4 seed=4 dtype=i64",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3}}}},
        };
    }
};

}  // namespace

LATHE_OP(multinomial, MultinomialOp)

}  // namespace lathe::ops

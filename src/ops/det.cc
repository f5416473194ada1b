// SPDX-License-Identifier: Apache-2.0
#include "ops/det.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

class DetOp final : public ir::OpWith<DetAttrs> {
  public:
    constexpr DetOp() : OpWith("det", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        Shape out = c.shape(0);
        if (out.size() < 2)
            return invalidArgument("input 0 has the shape {}; expected square matrices", ir::toString(out));
        TRY(sameExtent(out[out.size() - 2], out.back(), "the numbers of rows and columns"));
        out.resize(out.size() - 2);
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int64_t n = x.dims.back();
        std::vector<double> a(n * n);
        for (int64_t b = 0; b < c.output(0).count(); ++b) {
            readDoubles(x, b * n * n, n * n, a.data());
            double det = determinant(a, n);
            writeDoubles(c.output(0), b, 1, &det);
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "3x3", .attrs = "", .inputs = {{.dims = {3, 3}}}, .reduction = 6},
            {.name = "batch", .attrs = "", .inputs = {{.dims = {2, 3, 5, 5}}}, .reduction = 120},
            {.name = "1x1", .attrs = "", .inputs = {{.dims = {4, 1, 1}}}},
            {.name = "f16", .attrs = "", .inputs = {{.dtype = DType::kHalf, .dims = {2, 4, 4}}}, .reduction = 24},
            {.name = "bf16", .attrs = "", .inputs = {{.dtype = DType::kBf16, .dims = {2, 2, 2}}}, .reduction = 2},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 2, 2}}}},
        };
    }

  private:
    // By elimination with the largest pivot of each column.
    static double determinant(std::vector<double>& a, int64_t n) {
        double det = 1;
        for (int64_t k = 0; k < n; ++k) {
            int64_t pivot = k;
            for (int64_t r = k + 1; r < n; ++r)
                if (std::abs(a[r * n + k]) > std::abs(a[pivot * n + k])) pivot = r;
            if (a[pivot * n + k] == 0) return 0;
            if (pivot != k) {
                std::swap_ranges(a.begin() + k * n, a.begin() + (k + 1) * n, a.begin() + pivot * n);
                det = -det;
            }
            det *= a[k * n + k];
            for (int64_t r = k + 1; r < n; ++r) {
                double f = a[r * n + k] / a[k * n + k];
                for (int64_t j = k; j < n; ++j) a[r * n + j] -= f * a[k * n + j];
            }
        }
        return det;
    }
};

}  // namespace

LATHE_OP(det, DetOp)

}  // namespace lathe::ops

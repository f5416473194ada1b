// SPDX-License-Identifier: Apache-2.0
#include "ops/norm_reference.h"

namespace lathe::ops {

void standardize(std::vector<double>& x, const Dims& dims, const std::vector<bool>& reduced,
                 const std::function<double(double variance)>& factor) {
    Dims strides(dims.size(), 0);
    int64_t groups = 1, size = 1;
    for (size_t d = dims.size(); d-- > 0;) {
        if (reduced[d]) {
            size *= dims[d];
        } else {
            strides[d] = groups;
            groups *= dims[d];
        }
    }
    std::vector<double> mean(groups, 0.0), scale(groups, 0.0);
    auto visit = [&](auto&& f) {
        size_t i = 0;
        forEachOffset<1>(dims, {strides}, [&](const std::array<int64_t, 1>& at) { f(x[i++], at[0]); });
    };
    visit([&](double v, int64_t g) { mean[g] += v; });
    for (double& m : mean) m /= static_cast<double>(size);
    visit([&](double v, int64_t g) { scale[g] += (v - mean[g]) * (v - mean[g]); });
    for (double& s : scale) s = factor(s / static_cast<double>(size));
    visit([&](double& v, int64_t g) { v = (v - mean[g]) * scale[g]; });
}

}  // namespace lathe::ops

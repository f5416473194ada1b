// SPDX-License-Identifier: Apache-2.0
// What the normalizations' reference kernels share.
#pragma once

#include <functional>

#include "ops/reference_math.h"

namespace lathe::ops {

struct Moments {
    double mean = 0, variance = 0;  // variance: mean square of the distances from the mean
};

inline Moments momentsOf(std::span<const double> x) {
    Moments m;
    double n = static_cast<double>(x.size());
    for (double v : x) m.mean += v;
    m.mean /= n;
    for (double v : x) m.variance += (v - m.mean) * (v - m.mean);
    m.variance /= n;
    return m;
}

// Replaces every element by (x - mean) * factor(variance), with the moments of all elements that differ from it only on
// the `reduced` axes.
void standardize(std::vector<double>& x, const Dims& dims, const std::vector<bool>& reduced,
                 const std::function<double(double variance)>& factor);

// Optional scale and bias inputs (by index; -1 for none) that broadcast to a tensor of `dims`.
class Affine {
  public:
    Affine(const RefContext& c, int scale, int bias, const Dims& dims) : dims_(dims) {
        for (int i : {scale, bias}) {
            bool there = i >= 0 && c.has(i);
            values_.push_back(there ? readDoubles(c.input(i)) : std::vector<double>());
            strides_.push_back(there ? broadcastStrides(c.input(i).dims, dims) : Dims());
        }
    }
    // line[i] belongs to element begin + i of the tensor.
    void apply(int64_t begin, std::span<double> line) const {
        for (size_t which = 0; which < 2; ++which) {
            if (values_[which].empty()) continue;
            Dims at(dims_.size());
            int64_t rest = begin, offset = 0;
            for (size_t d = dims_.size(); d-- > 0;) {
                at[d] = dims_[d] ? rest % dims_[d] : 0;
                rest = dims_[d] ? rest / dims_[d] : 0;
                offset += at[d] * strides_[which][d];
            }
            for (double& v : line) {
                double a = values_[which][offset];
                v = which == 0 ? v * a : v + a;
                for (size_t d = dims_.size(); d-- > 0;) {
                    offset += strides_[which][d];
                    if (++at[d] < dims_[d]) break;
                    offset -= strides_[which][d] * dims_[d];
                    at[d] = 0;
                }
            }
        }
    }

  private:
    Dims dims_;
    std::vector<std::vector<double>> values_;
    std::vector<Dims> strides_;
};

}  // namespace lathe::ops

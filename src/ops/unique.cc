// SPDX-License-Identifier: Apache-2.0
#include "ops/unique.h"

#include <numeric>

#include "ops/move.h"

namespace lathe::ops {
namespace {

// Numbers in order, all NaNs as one after them.
template <class T>
int compare(T a, T b) {
    if constexpr (!std::is_integral_v<T>) {
        float x = a, y = b;
        if (std::isnan(x) || std::isnan(y)) return static_cast<int>(std::isnan(x)) - static_cast<int>(std::isnan(y));
        return (x > y) - (x < y);
    } else {
        return (a > b) - (a < b);
    }
}

class UniqueOp final : public ir::OpWith<UniqueAttrs> {
  public:
    constexpr UniqueOp() : OpWith("unique", kDataDependent) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        using enum DType;
        TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64, kBool}));
        Shape out = {ir::volume(c.shape(0))};
        int axis = 0;
        if (attrs(c).hasAxis) {
            out = c.shape(0);
            axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        }
        Dim extent = out[axis];
        out[axis] = c.dataDependentDim(0, axis, extent);
        const Shape vectors[] = {{out[axis]}, {extent}, {out[axis]}};
        c.setOutput(0, {c.dtype(0), out});
        for (int i = 1; i < c.outputCount(); ++i) c.setOutput(i, {kInt64, vectors[i - 1]});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        Dims dims = {x.count()};
        int axis = 0;
        if (attrs(c).hasAxis) {
            dims = x.dims;
            axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        }
        AxisSplit split(dims, axis);
        std::vector<int64_t> order = iota(split.extent);
        TRY(sortSlices(x, split, order));
        // Groups of equal slices; the sort is stable, so each begins with its first occurrence.
        std::vector<int64_t> first, counts, inverse(split.extent);
        TRY(dispatch(x.dtype, [&]<class T>() -> Status {
            for (size_t i = 0; i < order.size(); ++i) {
                if (i == 0 || compareSlices<T>(x, split, order[i - 1], order[i]) != 0) {
                    first.push_back(order[i]);
                    counts.push_back(0);
                }
                ++counts.back();
                inverse[order[i]] = static_cast<int64_t>(first.size()) - 1;
            }
            return {};
        }));
        if (!attrs(c).sorted) {
            std::vector<int64_t> rank = iota(static_cast<int64_t>(first.size())), place(first.size());
            std::sort(rank.begin(), rank.end(), [&](int64_t a, int64_t b) { return first[a] < first[b]; });
            std::vector<int64_t> oldFirst = first, oldCounts = counts;
            for (size_t i = 0; i < rank.size(); ++i) {
                first[i] = oldFirst[rank[i]];
                counts[i] = oldCounts[rank[i]];
                place[rank[i]] = static_cast<int64_t>(i);
            }
            for (int64_t& i : inverse) i = place[i];
        }
        AxisMaps maps;
        for (int64_t d : dims) maps.push_back(iota(d));
        maps[axis] = first;
        dims[axis] = static_cast<int64_t>(first.size());
        Tensor y = TRY(c.allocateOutput(0, dims));
        dims[axis] = split.extent;
        TRY(dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), dims, maps, mutableData<T>(y));
            return {};
        }));
        const std::vector<int64_t>* vectors[] = {&first, &inverse, &counts};
        for (int i = 1; i < c.node().outputCount(); ++i) {
            const auto& v = *vectors[i - 1];
            Tensor out = TRY(c.allocateOutput(i, {static_cast<int64_t>(v.size())}));
            std::copy(v.begin(), v.end(), out.as<int64_t>());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "i64", .inputs = {{.dtype = DType::kInt64, .dims = {4, 5}, .low = 0, .high = 6}}, .outputs = 4},
            {.name = "first_occurrence",
             .attrs = "sorted=false",
             .inputs = {{.dtype = DType::kInt32, .dims = {19}, .low = 0, .high = 6}},
             .outputs = 4},
            {.name = "rows",
             .attrs = "has_axis=true axis=0",
             .inputs = {{.dtype = DType::kInt8, .dims = {7, 2}, .low = 0, .high = 1}},
             .outputs = 4},
            {.name = "f32",
             .inputs = {{.dims = {5}, .values = {2, std::numeric_limits<double>::quiet_NaN(), 1, 2, -1}}},
             .outputs = 1},
            {.name = "empty", .inputs = {{.dims = {0}}}, .outputs = 2},
        };
    }

  private:
    template <class F>
    static Status dispatch(DType t, F&& f) {
        return t == DType::kBool ? f.template operator()<bool>() : dispatchNumeric(t, f);
    }

    template <class T>
    static int compareSlices(const Tensor& x, const AxisSplit& s, int64_t a, int64_t b) {
        for (int64_t o = 0; o < s.outer; ++o)
            for (int64_t i = 0; i < s.inner; ++i) {
                const T* at = x.as<T>() + o * s.extent * s.inner + i;
                if (int difference = compare(at[a * s.inner], at[b * s.inner])) return difference;
            }
        return 0;
    }

    static Status sortSlices(const Tensor& x, const AxisSplit& split, std::vector<int64_t>& order) {
        return dispatch(x.dtype, [&]<class T>() -> Status {
            std::stable_sort(order.begin(), order.end(),
                             [&](int64_t a, int64_t b) { return compareSlices<T>(x, split, a, b) < 0; });
            return {};
        });
    }
};

}  // namespace

LATHE_OP(unique, UniqueOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/reduce.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

// Whether each axis is reduced.
Result<std::vector<bool>> reducedAxes(const ReduceAttrs& a, std::span<const int64_t> axes, int rank) {
    std::vector<bool> reduced(rank, axes.empty() && !a.noopWithEmptyAxes);
    for (int d : TRY(normalizeAxes(axes, rank))) reduced[d] = true;
    return reduced;
}

// Strides that map an input position to its output element (0 along reduced axes).
Dims groupStrides(const Dims& dims, const std::vector<bool>& reduced) {
    Dims strides(dims.size(), 0);
    int64_t s = 1;
    for (size_t d = dims.size(); d-- > 0;)
        if (!reduced[d]) {
            strides[d] = s;
            s *= dims[d];
        }
    return strides;
}

// The integer kinds whose arithmetic stays in integers.
bool isExact(ReduceKind k) { return k != ReduceKind::kL2 && k != ReduceKind::kLogSum; }

class ReduceOp final : public ir::OpWith<ReduceAttrs> {
  public:
    constexpr ReduceOp() : OpWith("reduce", kNone) {}

    Status infer(InferContext& c) const override {
        const ReduceAttrs& a = attrs(c);
        TRY(requireInputs(c, 1));
        if (a.kind == ReduceKind::kMax || a.kind == ReduceKind::kMin)
            TRY(requireType(c, 0,
                            {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt32, DType::kInt64, DType::kInt8,
                             DType::kUint8, DType::kBool}));
        else if (a.kind == ReduceKind::kLogSumExp)
            TRY(requireFloat(c, 0));
        else
            TRY(requireType(c, 0, {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt32, DType::kInt64}));
        std::vector<int64_t> axes = a.axes;
        if (c.inputCount() > 1 && c.has(1)) {
            TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
            if (!axes.empty()) return invalidArgument("the axes are given both as an attribute and as an input");
            const std::vector<Dim>* known = c.elements(1);
            if (!known || !ir::isConstant(*known))
                return unsupported("the axes must be known when the engine is built");
            axes = ir::constantDims(*known);
        }
        auto reduced = TRY(reducedAxes(a, axes, c.rank(0)));
        Shape out;
        for (int d = 0; d < c.rank(0); ++d) {
            if (!reduced[d])
                out.push_back(c.shape(0)[d]);
            else if (a.keepDims)
                out.push_back(1);
        }
        c.setOutput(0, {c.dtype(0), std::move(out)});
        if (c.elements(0) && ir::isConstant(c.shape(0))) setElements(c, reduced);
        return {};
    }

    Status reference(RefContext& c) const override {
        const ReduceAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        auto reduced = TRY(reducedAxes(a, c.has(1) ? readIntegers(c.input(1)) : a.axes, x.rank()));
        Dims strides = groupStrides(x.dims, reduced);
        int64_t groupSize = 1;
        for (int d = 0; d < x.rank(); ++d)
            if (reduced[d]) groupSize *= x.dims[d];
        if (!isFloating(x.dtype) && isExact(a.kind)) return reduceIntegers(a.kind, x, strides, groupSize, c.output(0));
        reduceReals(a.kind, x, strides, groupSize, c.output(0));
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64,
                        kUint8 = DType::kUint8, kBool = DType::kBool;
        return {
            {.name = "sum_last", .attrs = "axes=[-1]", .inputs = {{.dims = {3, 5, 37}}}, .reduction = 37},
            {.name = "mean_spatial",
             .attrs = "kind=mean axes=[2, 3]",
             .inputs = {{.dims = {2, 19, 7, 7}}},
             .reduction = 49},
            {.name = "mean_drop",
             .attrs = "kind=mean axes=[1] keep_dims=false",
             .inputs = {{.dims = {4, 11, 9}}},
             .reduction = 11},
            {.name = "max_first", .attrs = "kind=max axes=[0]", .inputs = {{.dims = {13, 10}}}},
            {.name = "min_outer", .attrs = "kind=min axes=[0, 2]", .inputs = {{.dims = {3, 4, 5}}}},
            {.name = "prod",
             .attrs = "kind=prod axes=[1]",
             .inputs = {{.dims = {3, 6, 2}, .low = 0.5, .high = 1.5}},
             .reduction = 6},
            {.name = "l1", .attrs = "kind=l1 axes=[1]", .inputs = {{.dims = {6, 20}}}, .reduction = 20},
            {.name = "l2",
             .attrs = "kind=l2 axes=[-1] keep_dims=false",
             .inputs = {{.dims = {6, 20}}},
             .reduction = 20},
            {.name = "sum_square", .attrs = "kind=sum_square axes=[0]", .inputs = {{.dims = {21, 5}}}, .reduction = 21},
            {.name = "log_sum",
             .attrs = "kind=log_sum axes=[1]",
             .inputs = {{.dims = {4, 12}, .low = 0.5, .high = 2}},
             .reduction = 12},
            {.name = "log_sum_exp",
             .attrs = "kind=log_sum_exp axes=[1]",
             .inputs = {{.dims = {4, 12}, .low = -50, .high = 50}},
             .reduction = 12},
            {.name = "all", .attrs = "keep_dims=false", .inputs = {{.dims = {3, 7, 5}}}, .reduction = 105},
            {.name = "axes_input",
             .attrs = "kind=mean",
             .inputs = {{.dims = {3, 7, 5}}, {.dtype = kInt64, .dims = {2}, .constant = true, .values = {0, -1}}},
             .reduction = 15},
            {.name = "noop", .attrs = "noop_with_empty_axes=true", .inputs = {{.dims = {3, 4}}}},
            {.name = "f16",
             .attrs = "axes=[1, 2] kind=mean",
             .inputs = {{.dtype = kHalf, .dims = {3, 17, 9}}},
             .reduction = 153},
            {.name = "bf16",
             .attrs = "axes=[0] kind=sum",
             .inputs = {{.dtype = kBf16, .dims = {20, 9}}},
             .reduction = 20},
            {.name = "i32_sum",
             .attrs = "axes=[1]",
             .inputs = {{.dtype = kInt32, .dims = {5, 7}, .low = -1000, .high = 1000}}},
            {.name = "i64_prod",
             .attrs = "kind=prod axes=[0]",
             .inputs = {{.dtype = kInt64, .dims = {4, 3}, .low = -9, .high = 9}}},
            {.name = "i32_mean",
             .attrs = "kind=mean axes=[1]",
             .inputs = {{.dtype = kInt32, .dims = {5, 7}, .low = -100, .high = 100}}},
            {.name = "u8_max",
             .attrs = "kind=max axes=[1]",
             .inputs = {{.dtype = kUint8, .dims = {5, 7}, .low = 0, .high = 255}}},
            {.name = "bool_min", .attrs = "kind=min axes=[0]", .inputs = {{.dtype = kBool, .dims = {2, 9}}}},
            {.name = "empty_group", .attrs = "kind=sum axes=[1]", .inputs = {{.dims = {3, 0, 2}}}},
            {.name = "empty", .attrs = "kind=max axes=[1]", .inputs = {{.dims = {0, 3}}}},
        };
    }

  private:
    // Sums, products and extremes of known elements are known too.
    static void setElements(InferContext& c, const std::vector<bool>& reduced) {
        ReduceKind kind = attrs(c).kind;
        DType t = c.dtype(0);
        if (t != DType::kInt64 && t != DType::kInt32) return;
        if (kind != ReduceKind::kSum && kind != ReduceKind::kProd && kind != ReduceKind::kMax &&
            kind != ReduceKind::kMin)
            return;
        Dims dims = ir::constantDims(c.shape(0));
        Dims strides = groupStrides(dims, reduced);
        int64_t groups = 1, size = 1;
        for (size_t d = 0; d < dims.size(); ++d) (reduced[d] ? size : groups) *= dims[d];
        bool extreme = kind == ReduceKind::kMax || kind == ReduceKind::kMin;
        if (size == 0 && extreme) return;
        std::vector<Dim> out(groups, kind == ReduceKind::kProd ? 1 : 0);
        std::vector<bool> begun(groups, !extreme);
        int64_t next = 0;
        forEachOffset<1>(dims, {strides}, [&](const std::array<int64_t, 1>& at) {
            const Dim& x = (*c.elements(0))[next++];
            Dim& y = out[at[0]];
            if (!begun[at[0]])
                y = x;
            else if (kind == ReduceKind::kSum)
                y = y + x;
            else if (kind == ReduceKind::kProd)
                y = y * x;
            else
                y = kind == ReduceKind::kMax ? max(y, x) : min(y, x);
            begun[at[0]] = true;
        });
        c.setElements(0, std::move(out));
    }

    static Status reduceIntegers(ReduceKind kind, const Tensor& x, const Dims& strides, int64_t groupSize,
                                 const Tensor& y) {
        auto body = [&]<class T>() -> Status {
            int64_t start = kind == ReduceKind::kProd  ? 1
                            : kind == ReduceKind::kMax ? static_cast<int64_t>(std::numeric_limits<T>::lowest())
                            : kind == ReduceKind::kMin ? static_cast<int64_t>(std::numeric_limits<T>::max())
                                                       : 0;
            std::vector<int64_t> out(y.count(), start);
            const T* in = x.as<T>();
            auto wrapped = [](uint64_t v) { return static_cast<int64_t>(v); };
            forEachOffset<1>(x.dims, {strides}, [&](const std::array<int64_t, 1>& at) {
                int64_t v = static_cast<int64_t>(*in++), &sum = out[at[0]];
                uint64_t u = static_cast<uint64_t>(v), s = static_cast<uint64_t>(sum);
                switch (kind) {
                    case ReduceKind::kMax: sum = std::max(sum, v); break;
                    case ReduceKind::kMin: sum = std::min(sum, v); break;
                    case ReduceKind::kProd: sum = wrapped(s * u); break;
                    case ReduceKind::kL1: sum = wrapped(s + (v < 0 ? 0 - u : u)); break;
                    case ReduceKind::kSumSquare: sum = wrapped(s + u * u); break;
                    default: sum = wrapped(s + u); break;
                }
            });
            if (kind == ReduceKind::kMean)
                for (int64_t& s : out) s = groupSize ? s / groupSize : 0;
            for (size_t i = 0; i < out.size(); ++i) y.as<T>()[i] = static_cast<T>(out[i]);
            return {};
        };
        if (x.dtype == DType::kBool) return body.template operator()<bool>();
        switch (x.dtype) {
            case DType::kInt8: return body.template operator()<int8_t>();
            case DType::kUint8: return body.template operator()<uint8_t>();
            case DType::kInt32: return body.template operator()<int32_t>();
            default: return body.template operator()<int64_t>();
        }
    }

    static void reduceReals(ReduceKind kind, const Tensor& x, const Dims& strides, int64_t groupSize, const Tensor& y) {
        int64_t groups = y.count();
        auto scan = [&](auto&& visit) {
            // Converted a piece at a time: the input may be much larger than the output.
            std::vector<double> piece(std::min<int64_t>(x.count(), 4096));
            int64_t next = 0;
            forEachOffset<1>(x.dims, {strides}, [&](const std::array<int64_t, 1>& at) {
                int64_t in = next % 4096;
                if (in == 0) readDoubles(x, next, std::min<int64_t>(4096, x.count() - next), piece.data());
                ++next;
                visit(at[0], piece[in]);
            });
        };
        std::vector<double> out(groups, kind == ReduceKind::kProd  ? 1.0
                                        : kind == ReduceKind::kMin ? INFINITY
                                                                   : 0.0),
            peak;
        if (kind == ReduceKind::kMax || kind == ReduceKind::kLogSumExp) {
            peak.assign(groups, -INFINITY);
            scan([&](int64_t g, double v) {
                if (!(v <= peak[g]) && !std::isnan(peak[g])) peak[g] = v;
            });
            // Infinite peaks are the result themselves; shifting by them would give NaN.
            if (kind == ReduceKind::kLogSumExp)
                scan([&](int64_t g, double v) {
                    out[g] += std::isinf(peak[g]) ? 1.0 / static_cast<double>(groupSize) : std::exp(v - peak[g]);
                });
        } else {
            scan([&](int64_t g, double v) {
                switch (kind) {
                    case ReduceKind::kMin:
                        if (!(v >= out[g]) && !std::isnan(out[g])) out[g] = v;
                        break;
                    case ReduceKind::kProd: out[g] *= v; break;
                    case ReduceKind::kL1: out[g] += std::abs(v); break;
                    case ReduceKind::kL2:
                    case ReduceKind::kSumSquare: out[g] += v * v; break;
                    default: out[g] += v; break;
                }
            });
        }
        for (int64_t g = 0; g < groups; ++g) {
            switch (kind) {
                case ReduceKind::kMax: out[g] = peak[g]; break;
                case ReduceKind::kMean: out[g] /= static_cast<double>(groupSize); break;
                case ReduceKind::kL2: out[g] = std::sqrt(out[g]); break;
                case ReduceKind::kLogSum: out[g] = std::log(out[g]); break;
                case ReduceKind::kLogSumExp: out[g] = groupSize ? peak[g] + std::log(out[g]) : -INFINITY; break;
                default: break;
            }
        }
        writeDoubles(y, out);
    }
};

}  // namespace

LATHE_OP(reduce, ReduceOp)

}  // namespace lathe::ops

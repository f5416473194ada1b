// SPDX-License-Identifier: Apache-2.0
#include "ops/range.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// As a double, the number of elements that one of the standard libraries' float loops would give: limit - start is
// taken in the tensors' own type.
template <class T>
double floatCount(T start, T limit, T delta) {
    T span(static_cast<float>(limit) - static_cast<float>(start));
    return std::max(0., std::ceil(static_cast<double>(span) / static_cast<double>(delta)));
}

class RangeOp final : public ir::OpWith<RangeAttrs> {
  public:
    constexpr RangeOp() : OpWith("range", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        using enum DType;
        TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt32, kInt64}));
        for (int i = 0; i < 3; ++i) {
            TRY(requireSameType(c, 0, i));
            if (c.rank(i) > 1 || (c.rank(i) == 1 && c.shape(i)[0].isConstant() && c.shape(i)[0].value() != 1))
                return invalidArgument("input {} has the shape {}; expected a scalar", i, ir::toString(c.shape(i)));
        }
        return isFloating(c.dtype(0)) ? inferFloat(c) : inferInteger(c);
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        return dispatchNumeric(y.dtype, [&]<class T>() -> Status {
            T start = *c.input(0).as<T>(), delta = *c.input(2).as<T>();
            for (int64_t i = 0; i < y.count(); ++i) {
                if constexpr (std::is_integral_v<T>)
                    y.as<T>()[i] = static_cast<T>(static_cast<uint64_t>(start) +
                                                  static_cast<uint64_t>(delta) * static_cast<uint64_t>(i));
                else
                    y.as<T>()[i] = static_cast<float>(static_cast<double>(start) +
                                                      static_cast<double>(delta) * static_cast<double>(i));
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto scalars = [](DType t, double start, double limit, double delta, bool constant = true) {
            std::vector<ir::SampleInput> in;
            for (double v : {start, limit, delta})
                in.push_back({.dtype = t, .dims = {}, .constant = constant, .values = {v}});
            return in;
        };
        return {
            {.name = "i64", .inputs = scalars(DType::kInt64, 2, 11, 3)},
            {.name = "i32_down", .inputs = scalars(DType::kInt32, 10, -7, -4)},
            {.name = "computed", .inputs = scalars(DType::kInt64, 0, 9, 1, false)},
            {.name = "f32", .inputs = scalars(DType::kFloat, -1, 1, 0.25)},
            {.name = "empty", .inputs = scalars(DType::kInt64, 5, 5, 1)},
        };
    }

  private:
    static Status inferInteger(InferContext& c) {
        Dim bound[3];
        for (int i = 0; i < 3; ++i) {
            auto elements = TRY(c.elementsOrSymbols(i));
            if (elements.size() != 1)
                return invalidArgument("input {} has {} elements; expected one", i, elements.size());
            bound[i] = elements[0];
        }
        if (bound[2] == Dim(0)) return invalidArgument("a range with a delta of 0");
        ElementMath m(c);
        Dim n = m.max(ceilDiv(bound[1] - bound[0], bound[2]), 0);
        c.setOutput(0, {c.dtype(0), {n}});
        if (!n.isConstant() || n.value() > ir::kMaxElements) return {};
        std::vector<Dim> elements;
        for (int64_t i = 0; i < n.value(); ++i) elements.push_back(bound[0] + bound[2] * i);
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    static Status inferFloat(InferContext& c) {
        return dispatchFloat(c.dtype(0), [&]<class T>() -> Status {
            T bound[3];
            for (int i = 0; i < 3; ++i) {
                auto bytes = TRY(c.constantBytes(i));
                if (bytes.size() != sizeof(T))
                    return unsupported(
                        "a range of {} whose input {} is computed while running; only an integer range can be",
                        toString(c.dtype(0)), i);
                std::memcpy(&bound[i], bytes.data(), sizeof(T));
            }
            double n = floatCount(bound[0], bound[1], bound[2]);
            if (!(n <= static_cast<double>(ir::kMaxExtent)))
                return invalidArgument("a range from {} to {} by {} has no usable number of elements",
                                       static_cast<float>(bound[0]), static_cast<float>(bound[1]),
                                       static_cast<float>(bound[2]));
            c.setOutput(0, {c.dtype(0), {static_cast<int64_t>(n)}});
            return {};
        });
    }
};

}  // namespace

LATHE_OP(range, RangeOp)

}  // namespace lathe::ops

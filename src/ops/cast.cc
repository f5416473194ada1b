// SPDX-License-Identifier: Apache-2.0
#include "ops/cast.h"

#include "ops/elements.h"
#include "ops/narrow.h"
#include "ops/scalar_math.h"

namespace lathe::ops {
namespace {

template <class T>
T fromInteger(int64_t v) {
    if constexpr (std::is_same_v<T, bool>)
        return v != 0;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(v);
    else
        return static_cast<float>(v);
}

template <class T>
T fromFloating(double v, bool saturate) {
    if constexpr (std::is_same_v<T, bool>)
        return v != 0;
    else if constexpr (std::is_integral_v<T>)
        return saturatingCast<T>(v);
    else if constexpr (std::is_same_v<T, Fp8>)
        return saturate ? Fp8(static_cast<float>(v)) : fp8WithoutSaturation(static_cast<float>(v));
    else
        return static_cast<float>(v);
}

class CastOp final : public ir::OpWith<CastAttrs> {
  public:
    constexpr CastOp() : OpWith("cast", kElementwise) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        DType to = attrs(c).to;
        if (bitsOf(to) < 8 || to == DType::kE8M0)
            return unsupported("a cast from {} to {}: only quantization makes that type", toString(c.dtype(0)),
                               toString(to));
        c.setOutput(0, {to, c.shape(0)});
        if (const auto* x = knownElements(c, 0); x && hasElements(to)) {
            std::vector<Dim> out = *x;
            if (to == DType::kBool && c.dtype(0) != DType::kBool)
                for (Dim& d : out) d = Dim(1) - ElementMath(c).equal(d, 0);
            setElements(c, 0, to, std::move(out));
        }
        if (isFloating(c.dtype(0)) && hasElements(to)) return propagateConstant(c, to);
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        bool saturate = attrs(c).saturate;
        if (x.dtype == y.dtype) {
            if (x.byteSize()) std::memcpy(y.data, x.data, x.byteSize());
            return {};
        }
        return dispatchAll(y.dtype, [&]<class T>() -> Status {
            T* out = y.as<T>();
            for (int64_t i = 0, n = x.count(); i < n; ++i) {
                if (isFloating(x.dtype))
                    out[i] = fromFloating<T>(loadFloating(x.dtype, x.data, i), saturate);
                else
                    out[i] = fromInteger<T>(loadInteger(x.dtype, x.data, i));
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        using enum DType;
        constexpr DType kAll[] = {kFloat, kHalf, kBf16, kFp8, kInt8, kUint8, kInt32, kInt64, kBool};
        std::vector<ir::SampleCase> list;
        for (DType from : kAll)
            for (DType to : kAll)
                list.push_back({.name = fmt::format("{}_to_{}", toString(from), toString(to)),
                                .attrs = fmt::format("to={}", toString(to)),
                                .inputs = {{.dtype = from,
                                            .dims = {3, 11},
                                            .low = from == kUint8 || to == kUint8 ? 0. : -100.,
                                            .high = 100}}});
        list.push_back({.name = "out_of_range",
                        .attrs = "to=i32",
                        .inputs = {{.dims = {6},
                                    .values = {3e9, -3e9, std::numeric_limits<double>::infinity(),
                                               std::numeric_limits<double>::quiet_NaN(), -2.9, 2.9}}}});
        for (const char* to : {"i8", "u8", "i64"})
            list.push_back({.name = fmt::format("out_of_range_{}", to),
                            .attrs = fmt::format("to={}", to),
                            .inputs = {{.dims = {7},
                                        .values = {300, -300, 127.9, -1e30, std::numeric_limits<double>::infinity(),
                                                   std::numeric_limits<double>::quiet_NaN(), -0.9}}}});
        list.push_back({.name = "empty", .attrs = "to=f16", .inputs = {{.dims = {0}}}});
        return list;
    }

  private:
    // Sizes that a network holds as floats.
    static Status propagateConstant(InferContext& c, DType to) {
        auto bytes = TRY(c.constantBytes(0));
        if (!bytes.data() || !ir::isConstant(c.shape(0))) return {};
        int64_t n = TRY(ir::checkedVolume(ir::constantDims(c.shape(0))));
        if (n > ir::kMaxElements || static_cast<int64_t>(bytes.size()) != bytesOf(c.dtype(0), n)) return {};
        std::vector<Dim> out;
        for (int64_t i = 0; i < n; ++i) {
            double v = loadFloating(c.dtype(0), bytes.data(), i);
            out.push_back(to == DType::kBool    ? int64_t{v != 0}
                          : to == DType::kInt32 ? saturatingCast<int32_t>(v)
                                                : saturatingCast<int64_t>(v));
        }
        setElements(c, 0, to, std::move(out));
        return {};
    }
};

}  // namespace

LATHE_OP(cast, CastOp)

}  // namespace lathe::ops

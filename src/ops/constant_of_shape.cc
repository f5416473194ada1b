// SPDX-License-Identifier: Apache-2.0
#include "ops/constant_of_shape.h"

#include "ops/move.h"
#include "ops/narrow.h"
#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

class ConstantOfShapeOp final : public ir::OpWith<ConstantOfShapeAttrs> {
  public:
    constexpr ConstantOfShapeOp() : OpWith("constant_of_shape", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        const ConstantOfShapeAttrs& a = attrs(c);
        if (bitsOf(a.dtype) < 8 || a.dtype == DType::kE8M0)
            return unsupported("a constant of type {}: only quantization makes that type", toString(a.dtype));
        if (a.dtype == DType::kInt64 && std::fabs(a.value) > 0x1p53)
            return unsupported("the value {} as i64: beyond 2^53 it may not be exact", a.value);
        Shape out = TRY(shapeInput(c, 0));
        for (const Dim& d : out)
            if (d.isConstant() && d.value() < 0)
                return invalidArgument("a negative extent in the shape {}", ir::toString(out));
        c.setOutput(0, {a.dtype, out});
        if (!hasElements(a.dtype) || !ir::isConstant(out)) return {};
        auto count = ir::checkedVolume(ir::constantDims(out));
        if (!count.ok() || *count > ir::kMaxElements) return {};
        // Through the kernel's own conversion: saturation, truncation, bool.
        int64_t stored = 0;
        writeDoubles({a.dtype, {}, &stored}, 0, 1, &a.value);
        setElements(c, 0, a.dtype, std::vector<Dim>(*count, loadInteger(a.dtype, &stored, 0)));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        return dispatchWidth(y.dtype, [&]<class T>() -> Status {
            T value;
            writeDoubles({y.dtype, {}, &value}, 0, 1, &attrs(c).value);
            std::fill_n(mutableData<T>(y), y.count(), value);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto shape = [](std::vector<double> v, bool constant) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "f32", .attrs = "value=0.5", .inputs = {shape({3, 7}, true)}},
            {.name = "i64_computed", .attrs = "value=-7 dtype=i64", .inputs = {shape({2, 3}, false)}},
            {.name = "bool", .attrs = "value=1 dtype=bool", .inputs = {shape({5}, true)}},
            {.name = "f16", .attrs = "value=2 dtype=f16", .inputs = {shape({5}, true)}},
            {.name = "empty", .inputs = {shape({0, 4}, true)}},
        };
    }
};

}  // namespace

LATHE_OP(constant_of_shape, ConstantOfShapeOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/block_quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/common.h"
#include "ops/narrow.h"

namespace lathe::ops {

float largestQuantized(DType type) { return type == DType::kInt8 ? 127.f : type == DType::kFp8 ? 448.f : 6.f; }

Result<Dims> blockExtents(const Dims& dims, const std::vector<int64_t>& block) {
    if (block.size() != dims.size())
        return invalidArgument("a block of {} for {}: one extent for each axis is needed", ir::toString(block),
                               ir::toString(dims));
    Dims out = block;
    for (size_t d = 0; d < dims.size(); ++d) {
        if (block[d] == -1) {
            out[d] = dims[d];
            continue;
        }
        if (out[d] < 1) return invalidArgument("a block of {}: axis {} has no extent", ir::toString(block), d);
        if (dims[d] % out[d])
            return invalidArgument("a block of {} does not divide {}: axis {}", ir::toString(block), ir::toString(dims),
                                   d);
    }
    return out;
}

uint8_t powerOfTwoAbove(float v) {
    if (std::isnan(v)) return 255;
    if (v <= 0x1p-127f) return 0;
    if (std::isinf(v)) return 254;
    int exponent;
    float part = std::frexp(v, &exponent);  // in [0.5, 1)
    int power = part == 0.5f ? exponent - 1 : exponent;
    return static_cast<uint8_t>(std::clamp(power + 127, 0, 254));
}

float ofPowerOfTwo(uint8_t code) { return static_cast<float>(loadFloating(DType::kE8M0, &code, 0)); }

namespace {

float storeScale(const Tensor& to, int64_t i, float v) {
    switch (to.dtype) {
        case DType::kFloat: to.as<float>()[i] = v; break;
        case DType::kFp8: to.as<Fp8>()[i] = Fp8(v); break;
        default: static_cast<uint8_t*>(to.data)[i] = powerOfTwoAbove(v); break;
    }
    return static_cast<float>(loadFloating(to.dtype, to.data, i));
}

void storeQuantized(const Tensor& to, int64_t i, float v) {
    switch (to.dtype) {
        case DType::kInt8:
            to.as<int8_t>()[i] = static_cast<int8_t>(std::isnan(v) ? 0 : std::clamp(std::nearbyint(v), -128.f, 127.f));
            break;
        case DType::kFp8: to.as<Fp8>()[i] = Fp8(v); break;
        default: storeFp4(to.data, i, static_cast<double>(v)); break;
    }
}

class BlockQuantizeOp final : public ir::OpWith<BlockQuantizeAttrs> {
  public:
    constexpr BlockQuantizeOp() : OpWith("block_quantize", kNone) {}

    Status infer(InferContext& c) const override {
        using enum DType;
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        const BlockQuantizeAttrs& a = attrs(c);
        if (a.outputDtype != kInt8 && a.outputDtype != kFp8 && a.outputDtype != kFp4)
            return invalidArgument("quantization to {}; expected one of i8, f8e4m3, f4e2m1", toString(a.outputDtype));
        if (a.scaleDtype != kFloat && a.scaleDtype != kFp8 && a.scaleDtype != kE8M0)
            return invalidArgument("scales of type {}; expected one of f32, f8e4m3, e8m0", toString(a.scaleDtype));
        if (c.rank(0) == 0) return invalidArgument("x is a scalar, which has no blocks");
        if (given(c, 1)) {
            TRY(requireFloat(c, 1));
            Dim count = ir::volume(c.shape(1));
            if (c.rank(1) > 1 || (count.isConstant() && count.value() != 1))
                return invalidArgument("the scale of the scales has the shape {}; expected one number",
                                       ir::toString(c.shape(1)));
        }
        // Extents that are not known yet are checked when they are.
        Dims known;
        for (int d = 0; d < c.rank(0); ++d) {
            int64_t b = d < static_cast<int>(a.block.size()) ? a.block[d] : 1;
            known.push_back(c.shape(0)[d].isConstant() ? c.shape(0)[d].value() : b);
        }
        TRY(blockExtents(known, a.block));
        Shape scales;
        for (int d = 0; d < c.rank(0); ++d) {
            scales.push_back(a.block[d] == -1 ? Dim(1) : ceilDiv(c.shape(0)[d], a.block[d]));
        }
        c.setOutput(0, {a.outputDtype, c.shape(0)});
        c.setOutput(1, {a.scaleDtype, std::move(scales)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0), &scales = c.output(1);
        if (y.byteSize()) std::memset(y.data, 0, y.byteSize());  // the last byte may hold one element only
        const std::vector<int64_t>& asked = attrs(c).block;
        Dims block = TRY(blockExtents(x.dims, asked)), strides = rowMajorStrides(x.dims);
        float g = c.has(1) ? static_cast<float>(loadFloating(c.input(1).dtype, c.input(1).data, 0)) : 1.f;
        float most = largestQuantized(y.dtype);
        Dims counts, blockStrides;
        for (size_t d = 0; d < block.size(); ++d) {
            counts.push_back(asked[d] == -1 ? 1 : x.dims[d] / block[d]);
            blockStrides.push_back(strides[d] * block[d]);
        }
        return dispatchFloat(x.dtype, [&]<class T>() -> Status {
            const T* data = x.as<T>();
            int64_t which = 0;
            forEachOffset<1>(counts, {blockStrides}, [&](const std::array<int64_t, 1>& begin) {
                float largest = 0;
                forEachOffset<1>(block, {strides}, [&](const std::array<int64_t, 1>& at) {
                    float v = std::fabs(static_cast<float>(data[begin[0] + at[0]]));
                    if (v > largest) largest = v;
                });
                float scale = storeScale(scales, which++, largest / most / g) * g;
                forEachOffset<1>(block, {strides}, [&](const std::array<int64_t, 1>& at) {
                    int64_t i = begin[0] + at[0];
                    storeQuantized(y, i, scale == 0 ? 0.f : static_cast<float>(data[i]) / scale);
                });
            });
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput x{.dims = {4, 64}, .low = -3, .high = 3};
        ir::SampleInput half{.dtype = DType::kHalf, .dims = {2, 3, 32}, .low = -3, .high = 3};
        ir::SampleInput bf16{.dtype = DType::kBf16, .dims = {32, 6}, .low = -3, .high = 3};
        ir::SampleInput g{.dims = {}, .values = {0.01}};
        return {
            {.name = "f4_f8",
             .attrs = "block=[1, 16] output_dtype=f4e2m1 scale_dtype=f8e4m3",
             .inputs = {x, g},
             .outputs = 2},
            {.name = "f8_e8m0", .attrs = "block=[1, 1, 32] scale_dtype=e8m0", .inputs = {half}, .outputs = 2},
            {.name = "f8_f32_rows", .attrs = "block=[1, -1]", .inputs = {x}, .outputs = 2},
            {.name = "i8_f32_squares", .attrs = "block=[2, 16] output_dtype=i8", .inputs = {x}, .outputs = 2},
            {.name = "f4_columns",
             .attrs = "block=[16, 1] output_dtype=f4e2m1 scale_dtype=e8m0",
             .inputs = {bf16},
             .outputs = 2},
            {.name = "i8_odd", .attrs = "block=[5] output_dtype=i8", .inputs = {{.dims = {35}}}, .outputs = 2},
            {.name = "zeros", .attrs = "block=[1, 4]", .inputs = {{.dims = {3, 8}, .low = 0, .high = 0}}, .outputs = 2},
            // Every kind of code, its halves included.
            {.name = "f8_many",
             .attrs = "block=[1, -1]",
             .inputs = {{.dims = {16, 512}, .low = -448, .high = 448}},
             .outputs = 2},
            {.name = "f4_many",
             .attrs = "block=[1, 32] output_dtype=f4e2m1",
             .inputs = {{.dims = {16, 64}, .low = -6, .high = 6}},
             .outputs = 2},
            {.name = "empty", .attrs = "block=[1, 4]", .inputs = {{.dims = {0, 8}}}, .outputs = 2},
            {.name = "empty_axis", .attrs = "block=[1, -1]", .inputs = {{.dims = {2, 0}}}, .outputs = 2},
        };
    }
};

}  // namespace

LATHE_OP(block_quantize, BlockQuantizeOp)

}  // namespace lathe::ops

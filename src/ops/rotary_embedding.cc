// SPDX-License-Identifier: Apache-2.0
#include "ops/rotary_embedding.h"

#include "ops/elements.h"

namespace lathe::ops {
namespace {

class RotaryEmbeddingOp final : public ir::OpWith<RotaryEmbeddingAttrs> {
  public:
    constexpr RotaryEmbeddingOp() : OpWith("rotary_embedding", kNone) {}

    Status infer(InferContext& c) const override {
        const RotaryEmbeddingAttrs& a = attrs(c);
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        TRY(requireSameType(c, 0, 2));
        const Shape& x = c.shape(0);
        if (x.size() != 3 && x.size() != 4)
            return invalidArgument("input 0 has the shape {}; expected 3 or 4 dimensions", ir::toString(x));
        Dim batch = x[0], length = x.size() == 4 ? x[2] : x[1], size = x.back();
        if (x.size() == 3) {
            if (a.numHeads < 1)
                return invalidArgument("an input of 3 dimensions needs num_heads, which is {}", a.numHeads);
            if (size.isConstant() && size.value() % a.numHeads != 0)
                return invalidArgument("{} cannot be divided into {} heads", size.value(), a.numHeads);
            size = floorDiv(size, a.numHeads);
        }
        if (a.rotaryDim < 0) return invalidArgument("rotary_dim is {}", a.rotaryDim);
        Dim turned = a.rotaryDim ? Dim(a.rotaryDim) : size;
        if (turned.isConstant() && turned.value() % 2 != 0)
            return invalidArgument("{} elements cannot be paired", turned.value());
        if (turned.isConstant() && size.isConstant() && turned.value() > size.value())
            return invalidArgument("rotary_dim is {}, but a head has only {} elements", turned.value(), size.value());
        bool ids = c.inputCount() > 3 && c.has(3);
        if (ids) {
            TRY(requireType(c, 3, {DType::kInt64, DType::kInt32}));
            TRY(requireRank(c, 3, 2));
            TRY(requireExtent(c.shape(3)[0], batch, "the batch size of position_ids"));
            TRY(requireExtent(c.shape(3)[1], length, "the length of position_ids"));
        }
        for (int i = 1; i < 3; ++i) {
            TRY(requireRank(c, i, ids ? 2 : 3));
            TRY_IN(fmt::format("input {}", i),
                   requireExtent(c.shape(i).back(), floorDiv(turned, 2), "the number of angles"));
            if (ids) continue;
            TRY_IN(fmt::format("input {}", i), requireExtent(c.shape(i)[0], batch, "the batch size"));
            TRY_IN(fmt::format("input {}", i), requireExtent(c.shape(i)[1], length, "the length"));
        }
        TRY(sameExtent(c.shape(1)[0], c.shape(2)[0], "the extents of cos and sin"));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const RotaryEmbeddingAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        bool packed = x.rank() == 3;
        int64_t batch = x.dims[0], heads = packed ? a.numHeads : x.dims[1], length = packed ? x.dims[1] : x.dims[2];
        int64_t size = packed ? x.dims[2] / heads : x.dims[3], half = (a.rotaryDim ? a.rotaryDim : size) / 2;
        auto cosines = readDoubles(c.input(1)), sines = readDoubles(c.input(2)), values = readDoubles(x);
        std::vector<int64_t> ids;
        if (c.has(3)) ids = readIntegers(c.input(3));
        for (int64_t b = 0; b < batch; ++b)
            for (int64_t s = 0; s < length; ++s) {
                int64_t row = b * length + s;
                if (c.has(3)) {
                    row = ids[row];
                    if (row < 0 || row >= c.input(1).dims[0])
                        return invalidArgument("position {} of batch entry {} is {}; there are {} positions", s, b, row,
                                               c.input(1).dims[0]);
                }
                for (int64_t h = 0; h < heads; ++h) {
                    double* head = values.data() +
                                   (packed ? ((b * length + s) * heads + h) : ((b * heads + h) * length + s)) * size;
                    for (int64_t i = 0; i < half; ++i) {
                        double& p = head[a.interleaved ? 2 * i : i];
                        double& q = head[a.interleaved ? 2 * i + 1 : i + half];
                        double cosine = cosines[row * half + i], sine = sines[row * half + i], first = p, second = q;
                        p = first * cosine - second * sine;
                        q = first * sine + second * cosine;
                    }
                }
            }
        writeDoubles(c.output(0), values);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt64 = DType::kInt64;
        return {
            {.name = "ids",
             .attrs = "",
             .inputs = {{.dims = {2, 3, 5, 8}},
                        {.dims = {20, 4}},
                        {.dims = {20, 4}},
                        {.dtype = kInt64, .dims = {2, 5}, .low = 0, .high = 19}},
             .reduction = 2},
            {.name = "no_ids",
             .attrs = "",
             .inputs = {{.dims = {2, 3, 5, 8}}, {.dims = {2, 5, 4}}, {.dims = {2, 5, 4}}},
             .reduction = 2},
            {.name = "packed",
             .attrs = "num_heads=3",
             .inputs = {{.dims = {2, 5, 18}},
                        {.dims = {9, 3}},
                        {.dims = {9, 3}},
                        {.dtype = kInt64, .dims = {2, 5}, .low = 0, .high = 8}},
             .reduction = 2},
            {.name = "interleaved_part",
             .attrs = "interleaved=true rotary_dim=4",
             .inputs = {{.dims = {1, 2, 7, 10}}, {.dims = {1, 7, 2}}, {.dims = {1, 7, 2}}},
             .reduction = 2},
            {.name = "f16",
             .attrs = "rotary_dim=6",
             .inputs = {{.dtype = kHalf, .dims = {1, 2, 4, 16}},
                        {.dtype = kHalf, .dims = {1, 4, 3}},
                        {.dtype = kHalf, .dims = {1, 4, 3}}},
             .reduction = 2},
            {.name = "bf16",
             .attrs = "interleaved=true",
             .inputs = {{.dtype = kBf16, .dims = {1, 2, 4, 16}},
                        {.dtype = kBf16, .dims = {1, 4, 8}},
                        {.dtype = kBf16, .dims = {1, 4, 8}}},
             .reduction = 2},
            {.name = "empty",
             .attrs = "",
             .inputs = {{.dims = {1, 2, 0, 4}}, {.dims = {1, 0, 2}}, {.dims = {1, 0, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(rotary_embedding, RotaryEmbeddingOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_cache_update.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class KvCacheUpdateOp final : public ir::OpWith<KvCacheUpdateAttrs> {
  public:
    constexpr KvCacheUpdateOp() : OpWith("kv_cache_update", kSideEffect) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireWholeBytes(c, 0));
        TRY(requireSameType(c, 0, 1));
        TRY(requireType(c, 2, {DType::kInt32, DType::kInt64}));
        TRY(requireRank(c, 0, 4));
        TRY(requireRank(c, 1, 4));
        TRY(requireRank(c, 2, 1));
        TRY(requireExtent(c.shape(1)[0], c.shape(0)[0], "the update's batch"));
        TRY(requireExtent(c.shape(2)[0], c.shape(0)[0], "the number of indices"));
        TRY(requireExtent(c.shape(1)[1], c.shape(0)[1], "the update's number of heads"));
        TRY(requireExtent(c.shape(1)[3], c.shape(0)[3], "the update's head size"));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &cache = c.input(0), &update = c.input(1), &y = c.output(0);
        TRY(copyAll(cache, y));
        const std::vector<int64_t> index = readIntegers(c.input(2));
        int64_t heads = cache.dims[1], places = cache.dims[2], length = update.dims[2];
        size_t row = static_cast<size_t>(cache.dims[3] * bitsOf(cache.dtype) / 8);
        if (row == 0) return {};
        for (int64_t b = 0; b < cache.dims[0]; ++b)
            for (int64_t s = 0; s < length; ++s) {
                int64_t at = index[b];
                if (at >= places || at < -length || at + s < 0 || at + s >= places) continue;
                for (int64_t h = 0; h < heads; ++h)
                    std::memcpy(
                        static_cast<std::byte*>(y.data) + static_cast<size_t>((b * heads + h) * places + at + s) * row,
                        static_cast<const std::byte*>(update.data) +
                            static_cast<size_t>((b * heads + h) * length + s) * row,
                        row);
            }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        auto index = [](DType t, std::vector<double> at) {
            return ir::SampleInput{
                .dtype = t, .dims = {static_cast<int64_t>(at.size())}, .constant = false, .values = std::move(at)};
        };
        auto of = [](DType t, Dims dims) { return ir::SampleInput{.dtype = t, .dims = std::move(dims)}; };
        return {
            {.name = "one_token",
             .inputs = {of(DType::kFloat, {2, 3, 7, 4}), of(DType::kFloat, {2, 3, 1, 4}),
                        index(DType::kInt32, {5, 0})}},
            {.name = "f16_prompt",
             .inputs = {of(DType::kHalf, {1, 2, 9, 8}), of(DType::kHalf, {1, 2, 5, 8}), index(DType::kInt64, {2})}},
            {.name = "bf16_past_the_end",
             .inputs = {of(DType::kBf16, {2, 1, 4, 3}), of(DType::kBf16, {2, 1, 3, 3}), index(DType::kInt32, {3, -2})}},
            {.name = "i8",
             .inputs = {of(DType::kInt8, {1, 2, 4, 5}), of(DType::kInt8, {1, 2, 4, 5}), index(DType::kInt32, {0})}},
            {.name = "f8",
             .inputs = {of(DType::kFp8, {1, 1, 3, 4}), of(DType::kFp8, {1, 1, 1, 4}), index(DType::kInt64, {1})}},
            {.name = "nothing_new",
             .inputs = {of(DType::kFloat, {1, 2, 4, 5}), of(DType::kFloat, {1, 2, 0, 5}), index(DType::kInt32, {0})}},
        };
    }

    int mustAlias(const ir::Node&, int) const override { return 0; }
};

}  // namespace

LATHE_OP(kv_cache_update, KvCacheUpdateOp)

}  // namespace lathe::ops

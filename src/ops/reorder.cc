// SPDX-License-Identifier: Apache-2.0
#include "ops/reorder.h"

#include "ops/common.h"

namespace lathe::ops {
namespace {

class ReorderOp final : public ir::OpWith<ReorderAttrs> {
  public:
    constexpr ReorderOp() : OpWith("reorder", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        const ReorderAttrs& a = attrs(c);
        constexpr int64_t kHost = 4, kFourAxes = 12, kLast = 14;  // 0 and kHost are row-major
        for (int64_t l : {a.from, a.to}) {
            if (l < 0 || l > kLast)
                return invalidArgument("layouts {} and {} are not from 0 to {}", a.from, a.to, kLast);
            if (l % kHost || l > kHost)
                if (c.rank(0) < (l < kFourAxes ? 3 : 4))
                    return invalidArgument("a tensor of shape {} has no channels to reorder as layout {} wants",
                                           ir::toString(c.shape(0)), l);
        }
        c.setOutput(0, c.input(0));
        if (const auto* known = c.elements(0)) c.setElements(0, *known);
        return {};
    }

    Status reference(RefContext& c) const override {
        if (size_t n = c.input(0).byteSize()) std::memcpy(c.output(0).data, c.input(0).data, n);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "to_blocked8", .attrs = "from=0 to=2", .inputs = {{.dims = {2, 13, 5, 3}}}},
            {.name = "from_blocked8", .attrs = "from=2 to=0", .inputs = {{.dims = {2, 13, 5, 3}}}},
            {.name = "to_blocked16", .attrs = "from=0 to=3", .inputs = {{.dims = {1, 19, 7}}}},
            {.name = "blocked16_to_8", .attrs = "from=3 to=2", .inputs = {{.dims = {1, 19, 2, 3, 2}}}},
            {.name = "to_host", .attrs = "from=0 to=4", .inputs = {{.dims = {5, 7}}}},
            {.name = "from_host", .attrs = "from=4 to=0", .inputs = {{.dtype = DType::kInt64, .dims = {9}}}},
            {.name = "to_channels_last", .attrs = "from=0 to=1", .inputs = {{.dims = {2, 3, 4, 5}}}},
            {.name = "from_channels_last",
             .attrs = "from=1 to=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4, 5}}}},
            // Layouts of inputs and outputs, with numbers of channels that they pad and that they don't.
            {.name = "to_chw2", .attrs = "from=0 to=5", .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4, 5}}}},
            {.name = "from_chw2", .attrs = "from=5 to=0", .inputs = {{.dtype = DType::kHalf, .dims = {3, 4, 5}}}},
            {.name = "to_chw4", .attrs = "from=0 to=6", .inputs = {{.dtype = DType::kInt8, .dims = {2, 5, 3, 7}}}},
            {.name = "from_chw4", .attrs = "from=6 to=0", .inputs = {{.dtype = DType::kInt8, .dims = {2, 5, 3, 7}}}},
            {.name = "to_chw16", .attrs = "from=0 to=7", .inputs = {{.dtype = DType::kHalf, .dims = {1, 17, 3, 3}}}},
            {.name = "to_chw32", .attrs = "from=0 to=8", .inputs = {{.dims = {2, 33, 2, 3}}}},
            {.name = "from_chw32", .attrs = "from=8 to=0", .inputs = {{.dtype = DType::kInt8, .dims = {2, 33, 2, 3}}}},
            {.name = "to_hwc", .attrs = "from=0 to=9", .inputs = {{.dims = {3, 4, 5}}}},
            {.name = "from_hwc", .attrs = "from=9 to=0", .inputs = {{.dtype = DType::kUint8, .dims = {5, 4, 3}}}},
            {.name = "to_hwc8", .attrs = "from=0 to=10", .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4, 5}}}},
            {.name = "from_hwc8", .attrs = "from=10 to=0", .inputs = {{.dtype = DType::kBf16, .dims = {2, 9, 4, 5}}}},
            {.name = "hwc8_to_channels_last",
             .attrs = "from=10 to=1",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4, 5}}}},
            {.name = "hwc16_to_blocked8", .attrs = "from=11 to=2", .inputs = {{.dims = {2, 11, 4, 5}}}},
            {.name = "to_hwc16", .attrs = "from=0 to=11", .inputs = {{.dtype = DType::kInt8, .dims = {2, 16, 4, 5}}}},
            {.name = "to_cdhw32",
             .attrs = "from=0 to=12",
             .inputs = {{.dtype = DType::kInt8, .dims = {2, 31, 2, 3, 2}}}},
            {.name = "from_cdhw32",
             .attrs = "from=12 to=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {31, 2, 3, 2}}}},
            {.name = "to_dhwc", .attrs = "from=0 to=13", .inputs = {{.dims = {2, 3, 2, 3, 4}}}},
            {.name = "from_dhwc8",
             .attrs = "from=14 to=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 2, 3, 4}}}},
            {.name = "one_pixel_hwc8",
             .attrs = "from=0 to=10",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 16, 1, 1}}}},
        };
    }
};

}  // namespace

LATHE_OP(reorder, ReorderOp)

}  // namespace lathe::ops

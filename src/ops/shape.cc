// SPDX-License-Identifier: Apache-2.0
#include "ops/shape.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class ShapeOp final : public ir::OpWith<ShapeAttrs> {
  public:
    constexpr ShapeOp() : OpWith("shape", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        auto [from, to] = bounds(attrs(c), c.rank(0));
        c.setOutput(0, {DType::kInt64, {int64_t{to - from}}});
        c.setElements(0, {c.shape(0).begin() + from, c.shape(0).begin() + to});
        return {};
    }

    Status reference(RefContext& c) const override {
        auto [from, to] = bounds(attrs(c), c.input(0).rank());
        std::copy(c.input(0).dims.begin() + from, c.input(0).dims.begin() + to, c.output(0).as<int64_t>());
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "all", .inputs = {{.dims = {2, 0, 5}}}},
            {.name = "part", .attrs = "start=-2 end=-1", .inputs = {{.dtype = DType::kBool, .dims = {2, 3, 5}}}},
            {.name = "nothing", .attrs = "start=2 end=1", .inputs = {{.dims = {2, 3, 5}}}},
            {.name = "scalar", .inputs = {{.dims = {}}}},
        };
    }

  private:
    static std::pair<int, int> bounds(const ShapeAttrs& a, int rank) {
        auto clamp = [&](int64_t v) { return static_cast<int>(std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank)); };
        int from = clamp(a.start);
        return {from, std::max(from, clamp(a.end))};
    }
};

}  // namespace

LATHE_OP(shape, ShapeOp)

}  // namespace lathe::ops

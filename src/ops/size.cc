// SPDX-License-Identifier: Apache-2.0
#include "ops/size.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class SizeOp final : public ir::OpWith<SizeAttrs> {
  public:
    constexpr SizeOp() : OpWith("size", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        c.setOutput(0, {DType::kInt64, {}});
        c.setElements(0, {ir::volume(c.shape(0))});
        return {};
    }

    Status reference(RefContext& c) const override {
        *c.output(0).as<int64_t>() = c.input(0).count();
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {{.name = "some", .inputs = {{.dims = {2, 3, 5}}}},
                {.name = "none", .inputs = {{.dtype = DType::kBool, .dims = {2, 0}}}}};
    }
};

}  // namespace

LATHE_OP(size, SizeOp)

}  // namespace lathe::ops

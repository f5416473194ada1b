// SPDX-License-Identifier: Apache-2.0
#include "ops/identity.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class IdentityOp final : public ir::OpWith<IdentityAttrs> {
  public:
    constexpr IdentityOp() : OpWith("identity", kView | kElementwise) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        c.setOutput(0, c.input(0));
        if (const auto* x = c.elements(0)) setElements(c, 0, c.dtype(0), *x);
        return {};
    }

    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        return {{.name = "f32", .inputs = {{.dims = {2, 3, 5}}}},
                {.name = "i8", .inputs = {{.dtype = DType::kInt8, .dims = {7}, .low = -9, .high = 9}}},
                {.name = "empty", .inputs = {{.dims = {0, 3}}}}};
    }
};

}  // namespace

LATHE_OP(identity, IdentityOp)

}  // namespace lathe::ops

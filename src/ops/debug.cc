// SPDX-License-Identifier: Apache-2.0
#include "ops/debug.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class DebugOp final : public ir::OpWith<DebugAttrs> {
  public:
    // No view: its kernel runs each time.
    constexpr DebugOp() : OpWith("debug", kSideEffect) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        c.setOutput(0, c.input(0));
        return {};
    }

    // There is nobody to tell.
    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        return {{.name = "f32", .attrs = "name=\"x\"", .inputs = {{.dims = {2, 3}}}},
                {.name = "i8", .attrs = "name=\"x\"", .inputs = {{.dtype = DType::kInt8, .dims = {7}}}},
                {.name = "constant", .attrs = "name=\"x\"", .inputs = {{.dims = {5}, .constant = true}}}};
    }
};

}  // namespace

LATHE_OP(debug, DebugOp)

}  // namespace lathe::ops

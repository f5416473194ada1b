// SPDX-License-Identifier: Apache-2.0
#include "ops/squeeze.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class SqueezeOp final : public ir::OpWith<SqueezeAttrs> {
  public:
    constexpr SqueezeOp() : OpWith("squeeze", kView) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        const Shape& x = c.shape(0);
        std::vector<bool> drop(x.size(), false);
        bool listed = (c.inputCount() > 1 && c.has(1)) || !attrs(c).axes.empty();
        for (int a : TRY(axesInput(c, 1, attrs(c).axes, c.rank(0)))) {
            if (x[a].isConstant() && x[a].value() != 1)
                return invalidArgument("axis {} of {} cannot be removed: its extent is not 1", a, ir::toString(x));
            drop[a] = true;
        }
        for (size_t a = 0; !listed && a < x.size(); ++a) {
            if (!x[a].isConstant() && c.range(x[a]).min <= 1)
                return unsupported(
                    "no axes are listed, and whether the extent of axis {} of {} is 1 is only known while running", a,
                    ir::toString(x));
            drop[a] = x[a] == Dim(1);
        }
        Shape out;
        for (size_t a = 0; a < x.size(); ++a)
            if (!drop[a]) out.push_back(x[a]);
        c.setOutput(0, {c.dtype(0), out});
        if (const auto* e = c.elements(0)) setElements(c, 0, c.dtype(0), *e);
        return {};
    }

    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "listed", .attrs = "axes=[0, -1]", .inputs = {{.dims = {1, 3, 1, 1}}}},
            {.name = "all", .inputs = {{.dims = {1, 3, 1}}}},
            {.name = "input",
             .inputs = {{.dims = {3, 1}}, {.dtype = DType::kInt64, .dims = {1}, .constant = true, .values = {1}}}},
            {.name = "bool", .attrs = "axes=[0]", .inputs = {{.dtype = DType::kBool, .dims = {1}}}},
        };
    }
};

}  // namespace

LATHE_OP(squeeze, SqueezeOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/assume.h"

#include "ops/elements.h"
#include "ops/move.h"

namespace lathe::ops {
namespace {

class AssumeOp final : public ir::OpWith<AssumeAttrs> {
  public:
    // No view: its kernel runs each time, whatever is known of shapes.
    constexpr AssumeOp() : OpWith("assume", kSideEffect) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireType(c, 1, {DType::kBool, DType::kInt32, DType::kInt64}));
        // As a dimension would be: known before the node runs, so that checking it is part of inferring on numbers.
        const std::vector<Dim> condition = TRY(c.elementsOrSymbols(1));
        for (const Dim& d : condition)
            if (d.isConstant()) TRY(check(attrs(c), d.value() != 0));
        c.setOutput(0, c.input(0));
        if (const auto* x = c.elements(0)) setElements(c, 0, c.dtype(0), *x);
        return {};
    }

    Status reference(RefContext& c) const override {
        for (int64_t v : readIntegers(c.input(1))) TRY(check(attrs(c), v != 0));
        return copyAll(c.input(0), c.output(0));
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput yes{.dtype = DType::kBool, .constant = true, .values = {1}};
        ir::SampleInput no{.dtype = DType::kInt64, .dims = {1}, .constant = true, .values = {0}};
        return {
            {.name = "true", .inputs = {{.dims = {2, 3}}, yes}},
            {.name = "vector",
             .inputs = {{.dims = {4}}, {.dtype = DType::kBool, .dims = {3}, .constant = true, .values = {1, 1, 1}}}},
            {.name = "false", .attrs = "expected=false", .inputs = {{.dtype = DType::kInt8, .dims = {7}}, no}}};
    }

  private:
    static Status check(const AssumeAttrs& a, bool condition) {
        if (condition == a.expected) return {};
        return invalidArgument("{}", a.message.empty() ? "a condition that it relies on does not hold" : a.message);
    }
};

}  // namespace

LATHE_OP(assume, AssumeOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/bitcast.h"

#include <cstring>

#include "ops/common.h"

namespace lathe::ops {
namespace {

class BitcastOp final : public ir::OpWith<BitcastAttrs> {
  public:
    constexpr BitcastOp() : OpWith("bitcast", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        const DType from = c.dtype(0), to = attrs(c).to;
        if (bitsOf(from) != bitsOf(to))
            return invalidArgument("{} has {} bits and {} has {}; they must be as many", toString(from), bitsOf(from),
                                   toString(to), bitsOf(to));
        if (to == DType::kBool && from != DType::kBool)
            return unsupported("bits of {} as bool: only 0 and 1 are elements of it", toString(from));
        c.setOutput(0, {to, c.shape(0)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        if (y.byteSize()) std::memcpy(y.data, x.data, y.byteSize());
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "i32", .attrs = "to=i32", .inputs = {{.dims = {2, 3}}}},
            {.name = "bf16", .attrs = "to=bf16", .inputs = {{.dtype = DType::kHalf, .dims = {7}}}},
            {.name = "u8", .attrs = "to=u8", .inputs = {{.dtype = DType::kBool, .dims = {9}, .low = 0, .high = 1}}}};
    }
};

}  // namespace

LATHE_OP(bitcast, BitcastOp)

}  // namespace lathe::ops

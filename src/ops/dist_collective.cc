// SPDX-License-Identifier: Apache-2.0
#include "ops/dist_collective.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

bool reduces(Collective kind) { return kind != Collective::kAllGather && kind != Collective::kBroadcast; }
bool hasRoot(Collective kind) { return kind == Collective::kBroadcast || kind == Collective::kReduce; }

class DistCollectiveOp final : public ir::OpWith<DistCollectiveAttrs> {
  public:
    constexpr DistCollectiveOp() : OpWith("dist_collective", kSideEffect) {}

    Status infer(InferContext& c) const override {
        using enum DType;
        const DistCollectiveAttrs& a = attrs(c);
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        if (a.ranks < 1) return invalidArgument("{} ranks", a.ranks);
        if (reduces(a.kind) != (a.reduce != CollectiveReduce::kNone))
            return invalidArgument("{}", reduces(a.kind) ? "it reduces, but by no operation"
                                                         : "it does not reduce, but a reduction is given");
        if (reduces(a.kind)) TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64}));
        if (hasRoot(a.kind) && (a.root < 0 || a.root >= a.ranks))
            return invalidArgument("rank {} of {} is the root", a.root, a.ranks);
        TensorType y = c.input(0);
        bool joins = a.kind == Collective::kAllGather, parts = a.kind == Collective::kReduceScatter;
        if ((joins || parts) && y.shape.empty()) return invalidArgument("x is a scalar, which has no first axis");
        if (joins) y.shape[0] = y.shape[0] * Dim(a.ranks);
        if (parts) {
            if (y.shape[0].isConstant() && y.shape[0].value() % a.ranks)
                return invalidArgument("{} has no equal parts along its first axis for {} ranks", ir::toString(y.shape),
                                       a.ranks);
            y.shape[0] = ceilDiv(y.shape[0], a.ranks);
        }
        c.setOutput(0, std::move(y));
        return {};
    }

    Status reference(RefContext& c) const override {
        if (attrs(c).ranks != 1)
            return unsupported("{} ranks take part, and this process is one of them alone", attrs(c).ranks);
        return copyAll(c.input(0), c.output(0));
    }

    std::vector<ir::SampleCase> samples() const override {
        return {{.name = "all_reduce", .attrs = "reduce=sum", .inputs = {{.dims = {2, 3}}}},
                {.name = "all_gather", .attrs = "kind=all_gather", .inputs = {{.dtype = DType::kHalf, .dims = {4, 3}}}},
                {.name = "broadcast", .attrs = "kind=broadcast", .inputs = {{.dtype = DType::kBool, .dims = {4}}}},
                {.name = "reduce", .attrs = "kind=reduce reduce=avg", .inputs = {{.dims = {5}}}},
                {.name = "reduce_scatter",
                 .attrs = "kind=reduce_scatter reduce=max",
                 .inputs = {{.dtype = DType::kInt32, .dims = {4, 2}}}}};
    }
};

}  // namespace

LATHE_OP(dist_collective, DistCollectiveOp)

}  // namespace lathe::ops

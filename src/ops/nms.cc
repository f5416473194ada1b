// SPDX-License-Identifier: Apache-2.0
#include "ops/nms.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

struct Box {
    double y0, x0, y1, x1;
    double area() const { return (y1 - y0) * (x1 - x0); }
};

Box boxAt(const double* v, bool center) {
    if (center) return {v[1] - v[3] / 2, v[0] - v[2] / 2, v[1] + v[3] / 2, v[0] + v[2] / 2};
    return {std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
}

bool overlaps(const Box& a, const Box& b, double threshold) {
    double height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0), width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
    if (!(height > 0) || !(width > 0)) return false;
    double shared = height * width, all = a.area() + b.area() - shared;
    return a.area() > 0 && b.area() > 0 && all > 0 && shared / all > threshold;
}

class NmsOp final : public ir::OpWith<NmsAttrs> {
  public:
    constexpr NmsOp() : OpWith("nms", kDataDependent) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        TRY(requireRank(c, 0, 3));
        TRY(requireRank(c, 1, 3));
        TRY(requireExtent(c.shape(0)[2], 4, "the number of coordinates"));
        TRY(sameExtent(c.shape(0)[0], c.shape(1)[0], "the batch sizes of boxes and scores"));
        Dim boxes = TRY(sameExtent(c.shape(0)[1], c.shape(1)[2], "the numbers of boxes and scores"));
        for (int i = 2; i < 5; ++i) {
            if (i >= c.inputCount() || !c.has(i)) continue;
            if (i == 2)
                TRY(requireType(c, i, {DType::kInt64, DType::kInt32}));
            else
                TRY(requireFloat(c, i));
            Dim count = ir::volume(c.shape(i));
            if (count.isConstant() && count.value() != 1)
                return invalidArgument("input {} has the shape {}; expected one element", i, ir::toString(c.shape(i)));
        }
        Dim each = boxes;
        if (c.inputCount() <= 2 || !c.has(2))
            each = 0;
        else if (const auto* limit = knownElements(c, 2))
            each = ElementMath(c).clamp((*limit)[0], 0, boxes);
        Dim bound = c.shape(1)[0] * c.shape(1)[1] * each;
        c.setOutput(0, {DType::kInt64, {c.dataDependentDim(0, 0, bound), 3}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& scores = c.input(1);
        int64_t batches = scores.dims[0], classes = scores.dims[1], boxes = scores.dims[2];
        int64_t limit = c.has(2) ? readIntegers(c.input(2)).at(0) : 0;
        double iou = c.has(3) ? readDoubles(c.input(3)).at(0) : 0;
        double least = c.has(4) ? readDoubles(c.input(4)).at(0) : -INFINITY;
        std::vector<double> all = readDoubles(c.input(0)), score = readDoubles(scores);
        std::vector<int64_t> out;
        for (int64_t b = 0; b < batches; ++b)
            for (int64_t k = 0; k < classes && limit > 0; ++k) {
                const double* s = score.data() + (b * classes + k) * boxes;
                std::vector<int64_t> order;
                for (int64_t i = 0; i < boxes; ++i)
                    if (!c.has(4) || s[i] > least) order.push_back(i);
                std::stable_sort(order.begin(), order.end(), [&](int64_t x, int64_t y) { return s[x] > s[y]; });
                std::vector<Box> taken;
                for (int64_t i : order) {
                    if (static_cast<int64_t>(taken.size()) == limit) break;
                    Box box = boxAt(all.data() + (b * boxes + i) * 4, attrs(c).centerPointBox);
                    bool dropped =
                        std::any_of(taken.begin(), taken.end(), [&](const Box& t) { return overlaps(box, t, iou); });
                    if (dropped) continue;
                    taken.push_back(box);
                    out.insert(out.end(), {b, k, i});
                }
            }
        Tensor y = TRY(c.allocateOutput(0, {static_cast<int64_t>(out.size()) / 3, 3}));
        std::copy(out.begin(), out.end(), y.as<int64_t>());
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kInt64 = DType::kInt64;
        auto with = [](DType t, int64_t batch, int64_t classes, int64_t boxes,
                       double limit) -> std::vector<ir::SampleInput> {
            return {{.dtype = t, .dims = {batch, boxes, 4}, .low = 0, .high = 1},
                    {.dtype = t, .dims = {batch, classes, boxes}, .low = 0, .high = 1},
                    {.dtype = DType::kInt64, .dims = {1}, .constant = true, .values = {limit}},
                    {.dims = {1}, .constant = true, .values = {0.3}},
                    {.dims = {1}, .constant = true, .values = {0.2}}};
        };
        auto scalars = with(DType::kFloat, 1, 1, 20, 5);
        scalars.resize(2);
        scalars.push_back({.dtype = kInt64, .dims = {}, .values = {4}});
        return {
            {.name = "corners", .attrs = "", .inputs = with(DType::kFloat, 2, 3, 30, 7)},
            {.name = "centers", .attrs = "center_point_box=true", .inputs = with(DType::kFloat, 1, 2, 40, 100)},
            {.name = "no_thresholds", .attrs = "", .inputs = scalars},
            {.name = "f16", .attrs = "", .inputs = with(kHalf, 1, 1, 20, 5)},
            {.name = "none", .attrs = "", .inputs = with(DType::kFloat, 1, 1, 6, 0)},
            {.name = "empty", .attrs = "", .inputs = with(DType::kFloat, 1, 2, 0, 3)},
        };
    }
};

}  // namespace

LATHE_OP(nms, NmsOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/loop.h"

#include "ops/elements.h"
#include "ops/regions.h"

namespace lathe::ops {
namespace {

class LoopOp final : public ir::OpWith<LoopAttrs> {
  public:
    constexpr LoopOp() : OpWith("loop", kRegions) {}

    Status infer(InferContext& c) const override {
        if (c.node().regions().size() != 1)
            return invalidArgument("there are {} regions; expected one", c.node().regions().size());
        const ir::Region& body = c.node().region(0);
        int carried = carriedCount(c.inputCount());
        if (static_cast<int>(body.parameters().size()) != carried + 2)
            return invalidArgument(
                "the body has {} parameters; expected {}: iteration, condition and {} carried values",
                body.parameters().size(), carried + 2, carried);
        int stacked = static_cast<int>(body.results().size()) - 1 - carried;
        if (stacked < 0 || c.outputCount() != carried + stacked)
            return invalidArgument("the body has {} results for {} carried values and {} outputs",
                                   body.results().size(), carried, c.outputCount());
        TRY(checkList("scan_output_axes", attrs(c).scanOutputAxes, static_cast<size_t>(stacked), -ir::kMaxRank,
                      ir::kMaxRank));
        TRY(checkList("scan_output_directions", attrs(c).scanOutputDirections, static_cast<size_t>(stacked), 0, 1));
        if (c.has(0)) {
            TRY(requireType(c, 0, {DType::kInt64, DType::kInt32}));
            TRY(requireOne(c.shape(0), "the number of trips"));
        }
        if (c.has(1)) {
            TRY(requireType(c, 1, {DType::kBool}));
            TRY(requireOne(c.shape(1), "the condition"));
        }
        std::vector<TensorType> parameters = {{DType::kInt64, {}}, {DType::kBool, {}}};
        for (int i = 0; i < carried; ++i) {
            if (!c.has(2 + i)) return invalidArgument("carried value {} is missing", i);
            parameters.push_back(c.input(2 + i));
        }
        // Whether anything can end the loop early shows only in the inferred body; nothing else depends on it there.
        TRY(c.inferRegion(0, parameters));
        TRY(inferCarried(c, parameters, 2, 1, carried, TRY(tripsOf(c))));
        const ir::Value& next = *body.results()[0];
        if (next.dtype() != DType::kBool)
            return invalidArgument("the body's condition has type {}; expected bool", toString(next.dtype()));
        TRY(requireOne(next.shape(), "the body's condition"));
        for (int k = 0; k < stacked; ++k)
            TRY_IN(
                fmt::format("stacked value {}", k),
                inferStacked(c, carried + k, 1 + carried + k, entryOr(attrs(c).scanOutputAxes, k, 0), TRY(tripsOf(c))));
        return {};
    }

    Status reference(RefContext& c) const override {
        int carried = carriedCount(c.inputCount());
        int stacked = c.node().outputCount() - carried;
        int64_t trips = c.has(0) ? readIntegers(c.input(0)).at(0) : INT64_MAX;
        bool go = !c.has(1) || *c.input(1).as<bool>();
        std::vector<Tensor> parameters(2 + carried);
        for (int i = 0; i < carried; ++i) parameters[2 + i] = c.input(2 + i);
        std::vector<Stack> stacks(stacked);
        for (int64_t k = 0; k < trips && go; ++k) {
            parameters[0] = {DType::kInt64, {}, &k};
            parameters[1] = {DType::kBool, {}, &go};
            auto results = TRY_IN(fmt::format("iteration {}", k), c.runRegion(0, parameters));
            if (results[0].count() != 1)
                return invalidArgument("the body's condition has the shape {}", ir::toString(results[0].dims));
            bool next = *results[0].as<bool>();
            for (int i = 0; i < carried; ++i) parameters[2 + i] = results[1 + i];
            for (int s = 0; s < stacked; ++s) TRY(stacks[s].add(results[1 + carried + s]));
            go = next;
        }
        for (int i = 0; i < carried; ++i) TRY(storeOutput(c, i, parameters[2 + i]));
        for (int s = 0; s < stacked; ++s)
            TRY(stacks[s].store(c, carried + s, entryOr(attrs(c).scanOutputAxes, s, 0),
                                entryOr(attrs(c).scanOutputDirections, s, 0) != 0));
        return {};
    }

  private:
    static int carriedCount(int inputs) { return inputs > 2 ? inputs - 2 : 0; }

    static Status requireOne(const Shape& shape, const char* what) {
        Dim count = ir::volume(shape);
        if (!count.isConstant() || count.value() == 1) return {};
        return invalidArgument("{} has the shape {}; expected one element", what, ir::toString(shape));
    }

    static Result<Trips> tripsOf(const InferContext& c) {
        const ir::Region& body = c.node().region(0);
        auto isTrue = [](const std::vector<Dim>* e) {
            return e && e->size() == 1 && (*e)[0].isConstant() && (*e)[0].value() != 0;
        };
        const ir::Value* next = body.results()[0];
        bool starts = !c.has(1) || isTrue(c.elements(1));
        bool keepsOn = next == body.parameters()[1] || isTrue(next->elements());
        Trips trips;
        if (c.has(0)) {
            if (const auto* known = knownElements(c, 0)) trips.bound = ElementMath(c).max((*known)[0], 0);
            if (starts && keepsOn) trips.exact = trips.bound;
        } else if (starts && keepsOn) {
            return invalidArgument("the loop never ends: it has no number of trips, and its condition is always true");
        }
        return trips;
    }
};

}  // namespace

LATHE_OP(loop, LoopOp)

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "ops/if.h"

#include "ops/elements.h"
#include "ops/regions.h"

namespace lathe::ops {
namespace {

class IfOp final : public ir::OpWith<IfAttrs> {
  public:
    constexpr IfOp() : OpWith("if", kRegions) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireType(c, 0, {DType::kBool}));
        Dim count = ir::volume(c.shape(0));
        if (count.isConstant() && count.value() != 1)
            return invalidArgument("the condition has the shape {}; expected one element", ir::toString(c.shape(0)));
        if (c.node().regions().size() != 2)
            return invalidArgument("there are {} regions; expected two", c.node().regions().size());
        std::optional<Dim> condition;
        if (const auto* known = knownElements(c, 0)) condition = (*known)[0];
        int chosen = !condition || !condition->isConstant() ? -1 : condition->value() ? 0 : 1;
        for (int r = 0; r < 2; ++r) {
            size_t results = c.node().region(r).results().size();
            if (results != static_cast<size_t>(c.outputCount()))
                return invalidArgument("region {} has {} results for {} outputs", r, results, c.outputCount());
            if (chosen < 0 || chosen == r) TRY(c.inferRegion(r, {}));
        }
        for (int o = 0; o < c.outputCount(); ++o) {
            if (chosen >= 0)
                take(c, o, *c.node().region(chosen).results()[o]);
            else
                TRY_IN(fmt::format("output {}", o), join(c, o, condition));
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        auto results = TRY(c.runRegion(*c.input(0).as<bool>() ? 0 : 1, {}));
        for (size_t o = 0; o < results.size(); ++o) TRY(storeOutput(c, static_cast<int>(o), results[o]));
        return {};
    }

  private:
    static void take(InferContext& c, int o, const ir::Value& result) {
        TensorType out = result.type();
        for (size_t d = 0; d < out.shape.size(); ++d)
            if (isInner(c, out.shape[d]))
                out.shape[d] = c.dataDependentDim(o, static_cast<int>(d), outerBound(c, out.shape[d]));
        c.setOutput(o, std::move(out));
        if (!result.elements()) return;
        for (const Dim& d : *result.elements())
            if (isInner(c, d)) return;
        c.setElements(o, *result.elements());
    }

    static Status join(InferContext& c, int o, const std::optional<Dim>& condition) {
        const ir::Value &a = *c.node().region(0).results()[o], &b = *c.node().region(1).results()[o];
        if (a.dtype() != b.dtype())
            return invalidArgument("the branches give {} and {}", toString(a.dtype()), toString(b.dtype()));
        if (a.rank() != b.rank())
            return unsupported("the branches give the shapes {} and {}, with different numbers of dimensions",
                               ir::toString(a.shape()), ir::toString(b.shape()));
        auto known = [&](const Dim& x, const Dim& y) -> std::optional<Dim> {
            if (isInner(c, x) || isInner(c, y)) return std::nullopt;
            if (x == y) return x;
            if (condition) return select(*condition, x, y);
            return std::nullopt;
        };
        TensorType out = a.type();
        for (int d = 0; d < a.rank(); ++d) {
            const Dim &x = a.shape()[d], &y = b.shape()[d];
            auto both = known(x, y);
            out.shape[d] = both ? *both : c.dataDependentDim(o, d, largerBound(outerBound(c, x), outerBound(c, y)));
        }
        c.setOutput(o, std::move(out));
        if (!a.elements() || !b.elements() || a.elements()->size() != b.elements()->size()) return {};
        std::vector<Dim> elements;
        for (size_t i = 0; i < a.elements()->size(); ++i) {
            auto both = known((*a.elements())[i], (*b.elements())[i]);
            if (!both) return {};
            elements.push_back(*both);
        }
        c.setElements(o, std::move(elements));
        return {};
    }
};

}  // namespace

LATHE_OP(if, IfOp)

}  // namespace lathe::ops

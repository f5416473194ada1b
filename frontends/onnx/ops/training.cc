// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// Steps of optimizers over n tensors: inputs are rate, step, n parameters, n gradients and n of each state; outputs n
// parameters and n of each state.
struct Step {
    ITensor *rate, *step;
    std::vector<TensorList> groups;
};

Result<Step> readStep(NodeImport& c, int groups) {
    if (c.inputCount() < 2 + groups || (c.inputCount() - 2) % groups) {
        return c.invalid("{} inputs are not 2 and a multiple of {}", c.inputCount(), groups);
    }
    Step s{TRY(c.input(0)), TRY(c.input(1)), {}};
    const int n = (c.inputCount() - 2) / groups;
    for (int g = 0; g < groups; ++g) {
        TensorList list;
        for (int i = 0; i < n; ++i) list.push_back(TRY(c.input(2 + g * n + i)));
        s.groups.push_back(std::move(list));
    }
    s.rate = TRY(c.cast(s.rate, c.type(s.groups[0][0])));
    if (c.rank(s.rate) == 1) s.rate = TRY(c.squeeze(s.rate, {0}));
    if (c.rank(s.step) == 1) s.step = TRY(c.squeeze(s.step, {0}));
    return s;
}

// The gradient with the penalty on large parameters.
Result<ITensor*> penalized(NodeImport& c, ITensor* gradient, ITensor* x, double norm) {
    return norm == 0 ? gradient : TRY(c.add(gradient, TRY(c.scale(x, norm))));
}

Status importAdagrad(NodeImport& c) {
    const double decay = TRY(c.floatAttr("decay_factor", 0)), epsilon = TRY(c.floatAttr("epsilon", 0));
    const double norm = TRY(c.floatAttr("norm_coefficient", 0));
    const Step s = TRY(readStep(c, 3));
    const int n = static_cast<int>(s.groups[0].size());
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<size_t>(i);
        ITensor* x = s.groups[0][at];
        // rate / (1 + step * decay)
        ITensor* slowed = TRY(c.scale(TRY(c.cast(s.step, c.type(x))), decay));
        ITensor* rate = TRY(c.div(s.rate, TRY(c.add(slowed, TRY(c.scalarLike(1, x))))));
        ITensor* g = TRY(penalized(c, s.groups[1][at], x, norm));
        ITensor* h = TRY(c.add(s.groups[2][at], TRY(c.mul(g, g))));
        ITensor* root = TRY(c.add(TRY(c.unary("sqrt", h)), TRY(c.scalarLike(epsilon, x))));
        TRY(c.output(i, TRY(c.sub(x, TRY(c.div(TRY(c.mul(rate, g)), root))))));
        TRY(c.output(n + i, h));
    }
    return {};
}

Status importAdam(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha", 0.9f)), beta = TRY(c.floatAttr("beta", 0.999f));
    const double epsilon = TRY(c.floatAttr("epsilon", 1e-6f));
    const double norm = TRY(c.floatAttr("norm_coefficient", 0)), after = TRY(c.floatAttr("norm_coefficient_post", 0));
    const Step s = TRY(readStep(c, 4));
    const int n = static_cast<int>(s.groups[0].size());
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<size_t>(i);
        ITensor* x = s.groups[0][at];
        ITensor* g = TRY(penalized(c, s.groups[1][at], x, norm));
        ITensor* mean = TRY(c.add(TRY(c.scale(s.groups[2][at], alpha)), TRY(c.scale(g, 1 - alpha))));
        ITensor* square = TRY(c.add(TRY(c.scale(s.groups[3][at], beta)), TRY(c.scale(TRY(c.mul(g, g)), 1 - beta))));
        // From the second step on, the rate makes up for the states' start at zero.
        ITensor* one = TRY(c.scalarLike(1, x));
        ITensor* step = TRY(c.cast(s.step, c.type(x)));
        const auto missing = [&](double base) -> Result<ITensor*> {
            return c.sub(one, TRY(c.binary("pow", TRY(c.scalarLike(base, x)), step)));
        };
        ITensor* corrected =
            TRY(c.mul(s.rate, TRY(c.div(TRY(c.unary("sqrt", TRY(missing(beta)))), TRY(missing(alpha))))));
        ITensor* later = TRY(c.binary("greater", step, TRY(c.scalarLike(0, x))));
        ITensor* rate = TRY(c.select(later, corrected, s.rate));
        ITensor* root = TRY(c.add(TRY(c.unary("sqrt", square)), TRY(c.scalarLike(epsilon, x))));
        ITensor* y = TRY(c.sub(x, TRY(c.div(TRY(c.mul(rate, mean)), root))));
        TRY(c.output(i, TRY(c.scale(y, 1 - after))));
        TRY(c.output(n + i, mean));
        TRY(c.output(2 * n + i, square));
    }
    return {};
}

Status importMomentum(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha")), beta = TRY(c.floatAttr("beta"));
    const double norm = TRY(c.floatAttr("norm_coefficient"));
    const bool nesterov = TRY(c.choiceAttr("mode", "", {"standard", "nesterov"})) == 1;
    const Step s = TRY(readStep(c, 3));
    const int n = static_cast<int>(s.groups[0].size());
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<size_t>(i);
        ITensor* x = s.groups[0][at];
        ITensor* g = TRY(penalized(c, s.groups[1][at], x, norm));
        // beta counts from the second step on.
        ITensor* later = TRY(c.binary("greater", s.step, TRY(c.scalarLike(0, s.step))));
        ITensor* weight = TRY(c.select(later, TRY(c.scalarLike(beta, x)), TRY(c.scalarLike(1, x))));
        ITensor* v = TRY(c.add(TRY(c.scale(s.groups[2][at], alpha)), TRY(c.mul(g, weight))));
        ITensor* move = nesterov ? TRY(c.add(g, TRY(c.scale(v, alpha)))) : v;
        TRY(c.output(i, TRY(c.sub(x, TRY(c.mul(s.rate, move))))));
        TRY(c.output(n + i, v));
    }
    return {};
}

}  // namespace

LATHE_ONNX_OPS(training,                                                //
               {"ai.onnx.preview.training", "Adagrad", importAdagrad},  //
               {"ai.onnx.preview.training", "Adam", importAdam},        //
               {"ai.onnx.preview.training", "Momentum", importMomentum})

}  // namespace lathe::onnx

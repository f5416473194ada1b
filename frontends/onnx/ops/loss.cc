// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

enum class Reduction { kNone, kMean, kSum };

Result<Reduction> reductionOf(NodeImport& c) {
    const int kind = TRY(c.choiceAttr("reduction", "mean", {"none", "mean", "sum"}));
    return static_cast<Reduction>(kind);
}

// The loss of each place: -weight[target] * logProbabilities[target], 0 where the target is to be ignored; and the
// weights, that a mean divides by.
Status weighted(NodeImport& c, int output, ITensor* logProbabilities, ITensor* target, ITensor* weight,
                const std::optional<int64_t>& ignored) {
    const Reduction reduction = TRY(reductionOf(c));
    target = TRY(c.cast(target, ApiType::kINT64));
    ITensor* ignore = nullptr;
    if (ignored) {
        // An ignored target may lie outside of the classes.
        ignore = TRY(c.binary("equal", target, TRY(c.intScalar(*ignored))));
        target = TRY(c.select(ignore, TRY(c.intScalar(0)), target));
    }
    const Ints channel = {1};
    ITensor* picked =
        TRY(c.op("gather_elements", {logProbabilities, TRY(c.unsqueeze(target, channel))}, Fields()("axis", 1)));
    ITensor* loss = TRY(c.unary("neg", TRY(c.squeeze(picked, channel))));
    ITensor* each = weight ? TRY(c.gather(weight, target, 0)) : nullptr;
    if (ignore) {
        if (!each) each = TRY(c.expand(TRY(c.scalarLike(1, loss)), TRY(c.shapeOf(loss))));
        each = TRY(c.select(ignore, TRY(c.scalarLike(0, each)), each));
    }
    if (each) loss = TRY(c.mul(loss, each));
    if (reduction == Reduction::kNone) return c.output(output, loss);
    const Ints all = axesFrom(0, c.rank(loss));
    ITensor* sum =
        all.empty() ? loss : TRY(c.reduce(each || reduction == Reduction::kSum ? "sum" : "mean", loss, all, false));
    if (each && reduction == Reduction::kMean) {
        sum = TRY(c.div(sum, all.empty() ? each : TRY(c.reduce("sum", each, all, false))));
    }
    return c.output(output, sum);
}

Result<std::optional<int64_t>> ignoredIndex(NodeImport& c) {
    if (!c.hasAttr("ignore_index")) return std::optional<int64_t>();
    return std::optional<int64_t>(TRY(c.intAttr("ignore_index")));
}

Status importNegativeLogLikelihoodLoss(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *target = TRY(c.input(1));
    return weighted(c, 0, x, target, TRY(c.optionalInput(2)), TRY(ignoredIndex(c)));
}

Status importSoftmaxCrossEntropyLoss(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *target = TRY(c.input(1));
    ITensor* logs = TRY(c.op("softmax", {x}, Fields()("axis", 1)("log", true)));
    TRY(weighted(c, 0, logs, target, TRY(c.optionalInput(2)), TRY(ignoredIndex(c))));
    return c.output(1, logs);
}

}  // namespace

LATHE_ONNX_OPS(loss,                                                                //
               {"", "NegativeLogLikelihoodLoss", importNegativeLogLikelihoodLoss},  //
               {"", "SoftmaxCrossEntropyLoss", importSoftmaxCrossEntropyLoss})

}  // namespace lathe::onnx

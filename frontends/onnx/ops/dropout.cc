// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// In training: elements are dropped at random, and the others grow so that the mean stays.
Status dropSome(NodeImport& c, ITensor* x, double ratio) {
    if (!(ratio >= 0 && ratio < 1)) return c.invalid("a ratio of {}; it must be at least 0 and below 1", ratio);
    Fields fields;
    fields("dtype", ApiType::kFLOAT)("low", 0.0)("high", 1.0);
    // 0 would mean no seed.
    if (c.hasAttr("seed")) {
        fields("seed", static_cast<int64_t>(static_cast<uint32_t>(TRY(c.intAttr("seed")))) + 1);
    }
    ITensor* draw = TRY(c.op("random_uniform", {TRY(c.shapeOf(x))}, fields));
    ITensor* keep = TRY(c.binary("greater_equal", draw, TRY(c.scalar(ratio, ApiType::kFLOAT))));
    TRY(c.output(1, keep));
    return c.done(TRY(c.select(keep, TRY(c.scale(x, 1 / (1 - ratio))), TRY(c.scalarLike(0, x)))));
}

// Outside of training nothing is dropped, and the mask keeps everything.
Status importDropout(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    for (const char* name : {"ratio", "seed", "is_test", "consumed_inputs"}) c.ignoreAttr(name);
    c.ignoreInput(1);
    if (c.opset() < 7 && TRY(c.intAttr("is_test", 0)) == 0) {
        c.session().warn(
            fmt::format("ONNX parser: Dropout {} is not marked for inference; it is imported as if it were",
                        inQuotes(c.node().name)));
    }
    if (c.has(2)) {
        const auto training = TRY(c.knownInts(2));
        if (!training) return c.fail(ErrorCode::kUNSUPPORTED_NODE_INPUT, "input 2 (training_mode) must be a constant");
        if (training->size() == 1 && (*training)[0] != 0) {
            // A ratio of 0 drops nothing in training either.
            const auto ratio = c.has(1) ? TRY(c.knownReals(1)) : std::vector<double>{0.5};
            if (!ratio || ratio->size() != 1) {
                return c.fail(ErrorCode::kUNSUPPORTED_NODE_INPUT,
                              "input 1 (ratio) must be a constant in training mode");
            }
            if ((*ratio)[0] != 0) return dropSome(c, x, (*ratio)[0]);
        }
    }
    TRY(c.done(TRY(c.layer(c.network().addIdentity(*x), "identity", true))));
    if (!c.wants(1)) return {};
    if (c.opset() < 10) {
        ITensor* one = TRY(c.scalarLike(1, x));
        return c.output(1, TRY(c.expand(one, TRY(c.shapeOf(x)))));
    }
    return c.output(1, TRY(c.expand(TRY(c.scalar(1, ApiType::kBOOL)), TRY(c.shapeOf(x)))));
}

}  // namespace

LATHE_ONNX_OP(dropout, "Dropout", importDropout)

}  // namespace lathe::onnx

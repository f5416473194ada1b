// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

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
            if (!ratio || ratio->size() != 1 || (*ratio)[0] != 0) return c.notSupported("training mode");
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

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;

// first - second * cos(2 pi n / N) + third * cos(4 pi n / N), N being the size or, for a symmetric window, one less.
Status sumOfCosines(NodeImport& c, double first, double second, double third) {
    ITensor* size = TRY(c.cast(TRY(c.input(0)), ApiType::kINT64));
    const ApiType type = TRY(c.typeAttr("output_datatype", ApiType::kFLOAT));
    const bool periodic = TRY(c.boolAttr("periodic", true));
    if (c.rank(size) == 1) size = TRY(c.squeeze(size, {0}));
    ITensor* n = TRY(c.op("range", {TRY(c.intScalar(0)), size, TRY(c.intScalar(1))}));
    ITensor* steps = periodic ? size : TRY(c.sub(size, TRY(c.intScalar(1))));
    ITensor* x = TRY(c.div(TRY(c.cast(n, ApiType::kFLOAT)), TRY(c.cast(steps, ApiType::kFLOAT))));
    const auto cosine = [&](double turns, double factor) -> Result<ITensor*> {
        return c.scale(TRY(c.unary("cos", TRY(c.scale(x, 2 * kHalfTurn * turns)))), factor);
    };
    ITensor* y = TRY(c.sub(TRY(c.scalarLike(first, x)), TRY(cosine(1, second))));
    if (third != 0) y = TRY(c.add(y, TRY(cosine(2, third))));
    return c.done(TRY(c.cast(y, type)));
}

Status importHann(NodeImport& c) { return sumOfCosines(c, 0.5, 0.5, 0); }
Status importHamming(NodeImport& c) { return sumOfCosines(c, 25.0 / 46, 21.0 / 46, 0); }
Status importBlackman(NodeImport& c) { return sumOfCosines(c, 0.42, 0.5, 0.08); }

}  // namespace

LATHE_ONNX_OPS(window,                                //
               {"", "HannWindow", importHann},        //
               {"", "HammingWindow", importHamming},  //
               {"", "BlackmanWindow", importBlackman})

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status cast(NodeImport& c, ApiType to) {
    ITensor* x = TRY(c.input(0));
    const bool saturate = TRY(c.boolAttr("saturate", true));
    TRY(c.choiceAttr("round_mode", "up", {"up"}));
    if (to == ApiType::kFP8 && !saturate) return c.done(TRY(c.op("cast", {x}, Fields()("to", to)("saturate", false))));
    const ApiType from = c.type(x);
    if ((to == ApiType::kFP4 || to == ApiType::kINT4) && from != to && isFloat(from)) {
        // Types of four bits are made by quantization, here with a scale of 1.
        if (to == ApiType::kINT4) {
            // A cast drops the fraction, where quantization rounds, and wraps, where that saturates.
            ITensor* eight = TRY(c.scalar(8, ApiType::kINT32));
            ITensor* integer = TRY(c.add(TRY(c.cast(x, ApiType::kINT32)), eight));
            integer = TRY(c.sub(TRY(c.binary("mod", integer, TRY(c.scalar(16, ApiType::kINT32)))), eight));
            x = TRY(c.cast(integer, from));
        } else {
            x = TRY(c.select(TRY(c.unary("is_nan", x)), TRY(c.scalarLike(-0.0, x)), x));
        }
        return c.done(TRY(c.op("quantize_linear", {x, TRY(c.scalarLike(1, x))}, Fields()("output_dtype", to))));
    }
    return c.done(TRY(c.layer(c.network().addCast(*x, to), "cast")));
}

Status importBitCast(NodeImport& c) {
    return c.done(TRY(c.op("bitcast", {TRY(c.input(0))}, Fields()("to", TRY(c.typeAttr("to", std::nullopt))))));
}

Status importCast(NodeImport& c) {
    if (c.opset() < 6)
        return c.notSupported("version {} names its type by a string; versions from 6 on are supported", c.opset());
    return cast(c, TRY(c.typeAttr("to", std::nullopt)));
}

Status importCastLike(NodeImport& c) { return cast(c, c.type(TRY(c.input(1)))); }

}  // namespace

LATHE_ONNX_OPS(cast,                            //
               {"", "Cast", importCast},        //
               {"", "BitCast", importBitCast},  //
               {"", "CastLike", importCastLike})

}  // namespace lathe::onnx

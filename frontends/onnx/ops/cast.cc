// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status cast(NodeImport& c, ApiType to) {
    ITensor* x = TRY(c.input(0));
    const bool saturate = TRY(c.boolAttr("saturate", true));
    TRY(c.choiceAttr("round_mode", "up", {"up"}));
    if (to == ApiType::kFP8 && !saturate) return c.done(TRY(c.op("cast", {x}, Fields()("to", to)("saturate", false))));
    return c.done(TRY(c.layer(c.network().addCast(*x, to), "cast")));
}

Status importCast(NodeImport& c) {
    if (c.opset() < 6)
        return c.notSupported("version {} names its type by a string; versions from 6 on are supported", c.opset());
    return cast(c, TRY(c.typeAttr("to", std::nullopt)));
}

Status importCastLike(NodeImport& c) { return cast(c, c.type(TRY(c.input(1)))); }

}  // namespace

LATHE_ONNX_OPS(cast,                      //
               {"", "Cast", importCast},  //
               {"", "CastLike", importCastLike})

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importExpand(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    return c.done(TRY(c.expand(x, TRY(c.input(1)))));
}

Status importTile(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    if (c.opset() >= 6) return c.done(TRY(c.op("tile", {x, TRY(c.input(1))})));
    // Version 1: the number of copies along one axis.
    const Ints copies = TRY(c.ints(1, "tiles")), axis = TRY(c.ints(2, "axis"));
    if (copies.size() != 1 || axis.size() != 1) return c.invalid("{} tiles and {} axes", copies.size(), axis.size());
    Ints repeats(static_cast<size_t>(c.rank(x)), 1);
    repeats[static_cast<size_t>(TRY(c.axis(axis[0], c.rank(x))))] = copies[0];
    return c.done(TRY(c.op("tile", {x, TRY(c.ints(repeats))})));
}

}  // namespace

LATHE_ONNX_OPS(expand,                        //
               {"", "Expand", importExpand},  //
               {"", "Tile", importTile})

}  // namespace lathe::onnx

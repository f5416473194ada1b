// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Result<Fields> reduction(NodeImport& c) {
    static constexpr const char* kKinds[] = {"none", "add", "mul", "max", "min"};
    const int kind = TRY(c.choiceAttr("reduction", "none", {"none", "add", "mul", "max", "min"}));
    return Fields()("reduction", kKinds[kind]);
}

// Scatter is what ScatterElements was called before version 11.
Status importScatterElements(NodeImport& c) {
    ITensor *data = TRY(c.input(0)), *indices = TRY(c.input(1)), *updates = TRY(c.input(2));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", 0)), c.rank(data)));
    Fields fields = TRY(reduction(c));
    return c.done(TRY(c.op("scatter_elements", {data, indices, updates}, fields("axis", axis))));
}

Status importScatterND(NodeImport& c) {
    ITensor *data = TRY(c.input(0)), *indices = TRY(c.input(1)), *updates = TRY(c.input(2));
    return c.done(TRY(c.op("scatter_nd", {data, indices, updates}, TRY(reduction(c)))));
}

// Writes `update` into a cache at one place of an axis for each batch entry: a copy with those elements replaced.
Status importTensorScatter(NodeImport& c) {
    ITensor *cache = TRY(c.input(0)), *update = TRY(c.input(1)), *places = TRY(c.optionalInput(2));
    const int rank = c.rank(cache);
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -2)), rank));
    const bool circular = TRY(c.choiceAttr("mode", "linear", {"linear", "circular"})) == 1;
    if (axis == 0) return c.invalid("the axis is that of the batch");
    const auto along = [&](ITensor* vector, int at) -> Result<ITensor*> {
        Ints axes;
        for (int a = 0; a < rank; ++a) {
            if (a != at) axes.push_back(a);
        }
        return c.unsqueeze(vector, axes);
    };
    ITensor* shape = TRY(c.shapeOf(update));
    ITensor* length = TRY(c.gather(shape, TRY(c.intScalar(axis)), 0));
    ITensor* index = TRY(along(TRY(c.op("range", {TRY(c.intScalar(0)), length, TRY(c.intScalar(1))})), axis));
    if (places) index = TRY(c.add(index, TRY(along(TRY(c.cast(places, ApiType::kINT64)), 0))));
    if (circular) {
        ITensor* extent = TRY(c.gather(TRY(c.shapeOf(cache)), TRY(c.intScalar(axis)), 0));
        index = TRY(c.binary("mod", index, extent));
    }
    index = TRY(c.expand(index, shape));
    return c.done(TRY(c.op("scatter_elements", {cache, index, update}, Fields()("axis", axis))));
}

}  // namespace

LATHE_ONNX_OPS(scatter,                                         //
               {"", "Scatter", importScatterElements},          //
               {"", "ScatterElements", importScatterElements},  //
               {"", "ScatterND", importScatterND},              //
               {"", "TensorScatter", importTensorScatter})

}  // namespace lathe::onnx

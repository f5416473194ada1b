// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importConstantOfShape(NodeImport& c) {
    ITensor* shape = TRY(c.input(0));
    ApiType type = ApiType::kFLOAT;
    double value = 0;
    if (const Tensor* tensor = TRY(c.tensorAttr("value"))) {
        type = TRY(c.computedType(tensor->dataType, "attribute 'value'"));
        if (TRY(tensor->elementCount()) != 1) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'value' has {} elements; it must have one",
                          TRY(tensor->elementCount()));
        }
        if (isFloat(type)) {
            value = TRY(tensor->toDoubles())[0];
        } else {
            const int64_t integer = TRY(tensor->toInts())[0];
            value = static_cast<double>(integer);
            if (static_cast<int64_t>(value) != integer || std::abs(value) > 0x1p53) {
                // Beyond what a real number holds exactly.
                Tensor scalar = *tensor;
                scalar.dims.clear();
                scalar.name.clear();
                ITensor* one = TRY(c.session().addConstant(c.session().storage.keep(std::move(scalar)),
                                                           c.node().outputs[0] + "/value"));
                return c.done(TRY(c.expand(one, shape)));
            }
        }
    }
    return c.done(TRY(c.op("constant_of_shape", {shape}, Fields()("value", value)("dtype", type))));
}

Status importRange(NodeImport& c) {
    ITensor *start = TRY(c.input(0)), *limit = TRY(c.input(1)), *delta = TRY(c.input(2));
    const ApiType type = c.type(start);
    if (isFloat(type) && !(c.constant(0) && c.constant(1) && c.constant(2)) && c.type(limit) == type &&
        c.type(delta) == type) {
        // The number of elements is only known while running: start + i * delta for integers i below it.
        const auto real = [&](ITensor* t) -> Result<ITensor*> {
            if (c.rank(t) == 1 && c.dims(t).d[0] == 1) t = TRY(c.squeeze(t, {0}));
            if (c.rank(t) != 0) return c.invalid("an input has the shape {}; it must be a scalar", toString(c.dims(t)));
            return c.cast(t, ApiType::kFLOAT);
        };
        start = TRY(real(start));
        delta = TRY(real(delta));
        ITensor* count = TRY(c.unary("ceil", TRY(c.div(TRY(c.sub(TRY(real(limit)), start)), delta))));
        count = TRY(c.binary("max", TRY(c.cast(count, ApiType::kINT64)), TRY(c.intScalar(0))));
        ITensor* i = TRY(c.op("range", {TRY(c.intScalar(0)), count, TRY(c.intScalar(1))}));
        ITensor* y = TRY(c.add(TRY(c.mul(TRY(c.cast(i, ApiType::kFLOAT)), delta)), start));
        return c.done(TRY(c.cast(y, type)));
    }
    return c.done(TRY(c.op("range", {start, limit, delta})));
}

Status importEyeLike(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const ApiType type = TRY(c.typeAttr("dtype", c.type(x)));
    return c.done(TRY(c.op("eye_like", {x}, Fields()("k", TRY(c.intAttr("k", 0)))("dtype", type))));
}

Status importOneHot(NodeImport& c) {
    ITensor *indices = TRY(c.input(0)), *depth = TRY(c.input(1)), *values = TRY(c.input(2));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(indices) + 1));
    // Indices and depth may be real numbers; they stand for integers.
    if (c.type(indices) != ApiType::kINT32) indices = TRY(c.cast(indices, ApiType::kINT64));
    depth = TRY(c.cast(depth, ApiType::kINT64));
    return c.done(TRY(c.op("one_hot", {indices, depth, values}, Fields()("axis", axis))));
}

}  // namespace

LATHE_ONNX_OPS(fill,                                            //
               {"", "ConstantOfShape", importConstantOfShape},  //
               {"", "Range", importRange},                      //
               {"", "EyeLike", importEyeLike},                  //
               {"", "OneHot", importOneHot})

}  // namespace lathe::onnx

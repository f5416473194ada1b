// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

template <class T>
Tensor makeTensor(DataType type, Ints dims, const std::vector<T>& values) {
    Tensor tensor;
    tensor.dataType = type;
    tensor.dims = std::move(dims);
    const auto bytes = std::as_bytes(std::span(values));
    tensor.setData(take({bytes.begin(), bytes.end()}));
    return tensor;
}

// The value stays a constant: it becomes a layer only where a tensor is needed. Its weights are named after the output,
// as an initializer's are after the initializer.
Status importConstant(NodeImport& c) {
    Tensor value;
    int given = 0;
    if (const Tensor* tensor = TRY(c.tensorAttr("value"))) {
        value = *tensor;
        ++given;
    }
    if (c.hasAttr("value_float")) {
        const float x = static_cast<float>(TRY(c.floatAttr("value_float")));
        value = makeTensor<float>(DataType::kFloat, {}, {x});
        ++given;
    }
    if (c.hasAttr("value_floats")) {
        const std::vector<double> x = TRY(c.floatsAttr("value_floats"));
        value = makeTensor<float>(DataType::kFloat, {static_cast<int64_t>(x.size())}, {x.begin(), x.end()});
        ++given;
    }
    if (c.hasAttr("value_int")) {
        value = makeTensor<int64_t>(DataType::kInt64, {}, {TRY(c.intAttr("value_int"))});
        ++given;
    }
    if (c.hasAttr("value_ints")) {
        const Ints x = TRY(c.intsAttr("value_ints"));
        value = makeTensor<int64_t>(DataType::kInt64, {static_cast<int64_t>(x.size())}, x);
        ++given;
    }
    for (const char* name : {"value_string", "value_strings", "sparse_value"}) {
        if (c.hasAttr(name)) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                          "attribute '{}': a network has neither strings nor sparse "
                          "constants",
                          name);
        }
    }
    if (given != 1) return c.invalid("{} of the attributes that give the value are there; one must be", given);
    TRY(c.computedType(value.dataType, "value"));
    value.name = c.wants(0) ? c.node().outputs[0] : "";
    return c.constantOutput(0, c.session().storage.keep(std::move(value)));
}

}  // namespace

LATHE_ONNX_OP(constant, "Constant", importConstant)

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importTranspose(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int rank = c.rank(x);
    Ints reversed;
    for (int axis = rank; axis-- > 0;) reversed.push_back(axis);
    const Ints order = TRY(c.axes(TRY(c.intsAttr("perm", reversed)), rank));
    if (static_cast<int>(order.size()) != rank) {
        return c.invalid("attribute 'perm' has {} values for {} dimensions", order.size(), rank);
    }
    auto* layer = TRY(c.made(c.network().addShuffle(*x), "transpose"));
    nvinfer1::Permutation permutation{};
    for (int i = 0; i < rank; ++i) permutation.order[i] = static_cast<int32_t>(order[static_cast<size_t>(i)]);
    layer->setFirstTranspose(permutation);
    return c.done(TRY(c.set(layer)));
}

}  // namespace

LATHE_ONNX_OP(transpose, "Transpose", importTranspose)

}  // namespace lathe::onnx

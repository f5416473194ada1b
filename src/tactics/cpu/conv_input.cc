// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/conv_input.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/conv_geometry.h"
#include "ops/binary.h"
#include "ops/concat.h"

namespace lathe::tactics {
namespace {

// One number for each channel of each of x's images.
bool isGate(const ir::Value& v, const ir::Value& x) {
    if (v.isConstant() || v.dtype() != x.dtype() || v.rank() != x.rank()) return false;
    for (int d = 0; d < v.rank(); ++d)
        if (!(d < 2 ? v.shape()[d] == x.shape()[d] : v.shape()[d] == ir::Dim(1))) return false;
    return true;
}

bool matchGate(const ir::Node& n, ConvInputMatch& m) {
    if (std::strcmp(n.op().name(), "binary") != 0) return false;
    if (n.attrs<ops::BinaryAttrs>().kind != ops::BinaryKind::kMul) return false;
    const ir::Value& y = *n.output();
    for (int i : {0, 1}) {
        const ir::Value &x = *n.input(i), &gate = *n.input(1 - i);
        // An image of one pixel could be either; it has little to gain.
        if (x.isConstant() || !(x.type() == y.type()) || !isGate(gate, y) || isGate(x, gate)) continue;
        m.sources = {&x};
        m.scale = &gate;
        return true;
    }
    return false;
}

bool matchConcat(const ir::Node& n, ConvInputMatch& m) {
    if (std::strcmp(n.op().name(), "concat") != 0 || n.inputCount() < 2 || n.inputCount() > cpu::kMaxConvSources)
        return false;
    int64_t axis = n.attrs<ops::ConcatAttrs>().axis;
    if (axis != 1 && axis != 1 - n.output()->rank()) return false;
    for (const ir::Value* v : n.inputs()) {
        if (v->isConstant() || !v->shape()[1].isConstant()) return false;
        if (std::find(m.sources.begin(), m.sources.end(), v) != m.sources.end()) return false;
        m.sources.push_back(v);
        m.channels.push_back(v->shape()[1].value());
    }
    return true;
}

}  // namespace

std::vector<ConvInputMatch> matchConvInputs(const ir::Value& x) {
    std::vector<ConvInputMatch> out(1);
    out[0].sources = {&x};
    const ir::Node* n = x.producer();
    if (!n || !x.hasOneUse() || !x.uses()[0].node || n->parent() != x.uses()[0].node->parent()) return out;
    if (n->outputCount() != 1 || x.dtype() != DType::kFloat || x.rank() < 3) return out;
    ConvInputMatch m;
    m.node = n;
    if (matchGate(*n, m) || matchConcat(*n, m)) out.push_back(std::move(m));
    return out;
}

Result<ConvInputMatch> findConvInput(const ir::Value& x, const ir::Node* node) {
    for (ConvInputMatch& m : matchConvInputs(x))
        if (m.node == node) return std::move(m);
    return internalError("the binding's nodes don't form a convolution's input");
}

}  // namespace lathe::tactics

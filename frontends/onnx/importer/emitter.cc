// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/emitter.h"

#include <algorithm>
#include <cstring>

#include "Lathe.h"
#include "base/dtype.h"

namespace lathe::onnx {

using nvinfer1::Weights;

Status Emitter::refusal(const char* what) {
    Status why = session_.networkErrors.take();
    if (why.ok()) why = internalError("the network refused {} without saying why", what);
    return why;
}

Status Emitter::adopt(nvinfer1::ILayer* layer, const char* what, bool main) {
    if (!layer) return refusal(what);
    added_.push_back({layer, what, main});
    return {};
}

Status Emitter::check(ITensor* tensor) {
    // Setters that refuse a value have no other way to say so.
    TRY(session_.networkErrors.take());
    if (!tensor) return internalError("a layer lacks an output");
    if (tensor->getDimensions().nbDims >= 0) return {};
    Status why = session_.networkErrors.take();
    if (why.ok()) why = internalError("the shape cannot be inferred");
    return why;
}

Result<ITensor*> Emitter::layer(nvinfer1::ILayer* layer, const char* what, bool main) {
    TRY(adopt(layer, what, main));
    return set(layer);
}

Result<TensorList> Emitter::ops(const char* op, const TensorList& inputs, int outputs, const Fields& fields) {
    const nvinfer1::PluginFieldCollection view = fields.view();
    TensorList given = inputs;
    while (!given.empty() && !given.back()) given.pop_back();
    session_.networkErrors.forget();
    nvinfer1::ILayer* made =
        addOp(network(), op, given.data(), static_cast<int32_t>(given.size()), static_cast<int32_t>(outputs), &view);
    TRY(layer(made, op));
    TensorList out;
    for (int i = 0; i < outputs; ++i) out.push_back(made->getOutput(i));
    return out;
}

Result<ITensor*> Emitter::op(const char* name, const TensorList& inputs, const Fields& fields) {
    return TRY(ops(name, inputs, 1, fields))[0];
}

Result<ITensor*> Emitter::constant(ApiType type, const std::vector<int64_t>& extents, const void* values) {
    const nvinfer1::Dims dims = TRY(toDims(extents));
    int64_t count = 1;
    for (const int64_t extent : extents) count *= extent;
    const size_t bytes = static_cast<size_t>(bytesOf(static_cast<DType>(type), count));
    std::byte* copy = session_.storage.allocate(bytes);
    if (bytes) std::memcpy(copy, values, bytes);
    return layer(network().addConstant(dims, Weights{type, copy, count}), "constant");
}

Result<ITensor*> Emitter::scalar(double value, ApiType type) {
    const float real = static_cast<float>(value);
    switch (type) {
        case ApiType::kFLOAT: return constant(type, {}, &real);
        case ApiType::kHALF: {
            const Half half(real);
            return constant(type, {}, &half);
        }
        case ApiType::kBF16: {
            const BFloat16 brain(real);
            return constant(type, {}, &brain);
        }
        case ApiType::kINT64: {
            const int64_t integer = static_cast<int64_t>(value);
            return constant(type, {}, &integer);
        }
        case ApiType::kINT32: {
            const int32_t integer = static_cast<int32_t>(value);
            return constant(type, {}, &integer);
        }
        case ApiType::kINT8: {
            const int8_t integer = static_cast<int8_t>(value);
            return constant(type, {}, &integer);
        }
        case ApiType::kUINT8: {
            const uint8_t integer = static_cast<uint8_t>(value);
            return constant(type, {}, &integer);
        }
        case ApiType::kBOOL: {
            const uint8_t truth = value != 0;
            return constant(type, {}, &truth);
        }
        default: return unsupported("a constant of element type {} is not possible here", typeName(type));
    }
}

Result<ITensor*> Emitter::ints(const std::vector<int64_t>& values) {
    return constant(ApiType::kINT64, {static_cast<int64_t>(values.size())}, values.data());
}

Result<ITensor*> Emitter::intScalar(int64_t value) { return constant(ApiType::kINT64, {}, &value); }

Result<ITensor*> Emitter::floats(const std::vector<int64_t>& extents, const std::vector<float>& values) {
    return constant(ApiType::kFLOAT, extents, values.data());
}

Result<ITensor*> Emitter::unary(const char* kind, ITensor* x, double alpha, double beta) {
    return op("unary", {x}, Fields()("kind", kind)("alpha", alpha)("beta", beta));
}

Result<ITensor*> Emitter::binary(const char* kind, ITensor* a, ITensor* b) {
    return op("binary", {a, b}, Fields()("kind", kind));
}

Result<ITensor*> Emitter::scale(ITensor* x, double factor) { return mul(x, TRY(scalarLike(factor, x))); }

Result<ITensor*> Emitter::cast(ITensor* x, ApiType to) {
    if (type(x) == to) return x;
    return layer(network().addCast(*x, to), "cast");
}

Result<ITensor*> Emitter::transpose(ITensor* x, const std::vector<int64_t>& order) {
    if (std::is_sorted(order.begin(), order.end())) return x;
    auto* shuffle = TRY(made(network().addShuffle(*x), "transpose"));
    nvinfer1::Permutation permutation{};
    for (size_t i = 0; i < order.size(); ++i) permutation.order[i] = static_cast<int32_t>(order[i]);
    shuffle->setFirstTranspose(permutation);
    return set(shuffle);
}

Result<ITensor*> Emitter::reshape(ITensor* x, const std::vector<int64_t>& extents) {
    auto* shuffle = TRY(made(network().addShuffle(*x), "reshape"));
    shuffle->setReshapeDimensions(TRY(toDims(extents)));
    return set(shuffle);
}

Result<ITensor*> Emitter::reshape(ITensor* x, ITensor* extents, bool allowZero) {
    return op("reshape", {x, extents}, Fields()("allow_zero", allowZero));
}

Result<ITensor*> Emitter::unsqueeze(ITensor* x, const std::vector<int64_t>& axes) {
    if (axes.empty()) return x;
    return op("unsqueeze", {x}, Fields()("axes", axes));
}

Result<ITensor*> Emitter::squeeze(ITensor* x, const std::vector<int64_t>& axes) {
    if (axes.empty()) return x;
    return op("squeeze", {x}, Fields()("axes", axes));
}

Result<ITensor*> Emitter::shapeOf(ITensor* x) { return layer(network().addShape(*x), "shape"); }

Result<ITensor*> Emitter::concat(const TensorList& parts, int axis) {
    auto* joined = TRY(made(network().addConcatenation(parts.data(), static_cast<int32_t>(parts.size())), "concat"));
    joined->setAxis(axis);
    return set(joined);
}

Result<ITensor*> Emitter::slice(ITensor* x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends,
                                const std::vector<int64_t>& axes) {
    return op("slice", {x, TRY(ints(starts)), TRY(ints(ends)), TRY(ints(axes))});
}

Result<ITensor*> Emitter::gather(ITensor* x, ITensor* indices, int axis) {
    return layer(network().addGather(*x, *indices, axis), "gather");
}

Result<ITensor*> Emitter::expand(ITensor* x, ITensor* extents) { return op("expand", {x, extents}); }

Result<ITensor*> Emitter::reduce(const char* kind, ITensor* x, const std::vector<int64_t>& axes, bool keep) {
    if (axes.empty()) return x;
    return op("reduce", {x}, Fields()("kind", kind)("axes", axes)("keep_dims", keep));
}

Result<ITensor*> Emitter::select(ITensor* condition, ITensor* a, ITensor* b) { return op("select", {condition, a, b}); }

Result<ITensor*> Emitter::matmul(ITensor* a, ITensor* b, bool transposeA, bool transposeB) {
    return op("matmul", {a, b}, Fields()("transpose_a", transposeA)("transpose_b", transposeB));
}

Result<ITensor*> Emitter::softmax(ITensor* x, int axis) {
    auto* layer = TRY(made(network().addSoftMax(*x), "softmax"));
    layer->setAxes(1u << axis);
    return set(layer);
}

bool Emitter::isOwn(const ITensor* tensor) const {
    return std::any_of(added_.begin(), added_.end(), [&](const Added& a) {
        for (int i = 0; i < a.layer->getNbOutputs(); ++i) {
            if (a.layer->getOutput(i) == tensor) return true;
        }
        return false;
    });
}

void Emitter::nameLayers(const TensorList& outputs) {
    // Without a marked one, the last layer is the one that the node is about: what comes before prepares its inputs.
    bool marked = std::any_of(added_.begin(), added_.end(), [](const Added& a) { return a.main; });
    if (added_.empty()) noteSource(network(), name_.c_str());
    for (size_t i = 0; i < added_.size(); ++i) {
        const Added& one = added_[i];
        const bool plain = one.main || (!marked && i + 1 == added_.size());
        const std::string name = session_.uniqueName(plain ? name_ : name_ + '/' + one.what);
        one.layer->setName(name.c_str());
        one.layer->setMetadata(("[ONNX Layer: " + name_ + "]").c_str());
        for (int o = 0; o < one.layer->getNbOutputs(); ++o) {
            ITensor* tensor = one.layer->getOutput(o);
            if (std::find(outputs.begin(), outputs.end(), tensor) == outputs.end()) {
                tensor->setName(fmt::format("{}_output_{}", name, o).c_str());
            }
        }
    }
    added_.clear();
}

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/expansion.h"

#include <cstring>
#include <deque>

#include "Lathe.h"

namespace lathe::plugins {

using namespace nvinfer1;

int Expansion::inputs() const { return call_.nbInputs; }
Layer Expansion::in(int i) const { return i < call_.nbInputs ? call_.inputs[i] : nullptr; }

bool Expansion::isKnown(Layer x, int from) {
    const Dims d = dims(x);
    for (int k = from; k < d.nbDims; ++k)
        if (d.d[k] < 0) return false;
    return d.nbDims >= 0;
}

std::vector<int64_t> Expansion::known(Layer x) {
    std::vector<int64_t> out;
    const int32_t n = x ? knownIntegers(*x, nullptr, 0) : -1;
    if (n < 0) return out;
    out.resize(static_cast<size_t>(n));
    knownIntegers(*x, out.data(), n);
    return out;
}

bool Expansion::sameExtent(Layer a, int axisA, Layer b, int axisB) {
    const int64_t x = dims(a).d[axisA], y = dims(b).d[axisB];
    if (x >= 0 || y >= 0) return x == y;
    const char *p = a->getDimensionName(axisA), *q = b->getDimensionName(axisB);
    return p && q && std::strcmp(p, q) == 0;
}

bool Expansion::done(const std::vector<Layer>& outputs) {
    if (failed_ || static_cast<int32_t>(outputs.size()) != call_.nbOutputs) return false;
    std::copy(outputs.begin(), outputs.end(), call_.outputs);
    return true;
}

std::vector<Layer> Expansion::ops(const char* name, const std::vector<Layer>& inputs, const std::vector<Field>& fields,
                                  int outputs) {
    const std::vector<Layer> none(static_cast<size_t>(outputs), nullptr);
    if (failed_) return none;
    std::vector<PluginField> list;
    for (const Field& f : fields) {
        const auto& v = f.value;
        if (auto* i = std::get_if<int64_t>(&v)) list.emplace_back(f.name, i, PluginFieldType::kINT64, 1);
        if (auto* r = std::get_if<double>(&v)) list.emplace_back(f.name, r, PluginFieldType::kFLOAT64, 1);
        if (auto* s = std::get_if<std::string>(&v))
            list.emplace_back(f.name, s->data(), PluginFieldType::kCHAR, static_cast<int32_t>(s->size()));
        if (auto* all = std::get_if<std::vector<int64_t>>(&v))
            list.emplace_back(f.name, all->data(), PluginFieldType::kINT64, static_cast<int32_t>(all->size()));
    }
    const PluginFieldCollection collection{static_cast<int32_t>(list.size()), list.data()};
    ILayer* layer =
        addOp(*call_.network, name, inputs.data(), static_cast<int32_t>(inputs.size()), outputs, &collection);
    failed_ = !layer;
    if (failed_) return none;
    // Strongly typed networks have no other precision than their tensors'.
    if (exact_ && !call_.network->getFlag(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED))
        layer->setPrecision(DataType::kFLOAT);
    std::vector<Layer> made;
    for (int o = 0; o < outputs; ++o) made.push_back(layer->getOutput(o));
    return made;
}

Layer Expansion::constant(std::vector<int64_t> extents, Weights weights, bool keep) {
    if (failed_) return nullptr;
    if (keep) weights = keepWeights(*call_.network, weights);
    Dims d{};
    for (int64_t extent : extents) d.d[d.nbDims++] = extent;
    IConstantLayer* layer = weights.values ? call_.network->addConstant(d, weights) : nullptr;
    failed_ = !layer;
    return layer ? layer->getOutput(0) : nullptr;
}

Layer Expansion::reals(std::vector<int64_t> extents, const std::vector<float>& values) {
    return constant(std::move(extents), {DataType::kFLOAT, values.data(), static_cast<int64_t>(values.size())}, true);
}
Layer Expansion::pluginsReals(std::vector<int64_t> extents, const std::vector<float>& values) {
    return constant(std::move(extents), {DataType::kFLOAT, values.data(), static_cast<int64_t>(values.size())}, false);
}
Layer Expansion::integers(std::vector<int64_t> extents, const std::vector<int64_t>& values) {
    return constant(std::move(extents), {DataType::kINT64, values.data(), static_cast<int64_t>(values.size())}, true);
}

Layer Expansion::unary(const char* kind, Layer x, double alpha, double beta) {
    return op("unary", {x}, {{"kind", std::string(kind)}, {"alpha", alpha}, {"beta", beta}});
}

Layer Expansion::cast(Layer x, DataType type) {
    if (!x || x->getType() == type) return x;
    return op("cast", {x}, {{"to", static_cast<int64_t>(type)}});
}

Layer Expansion::reduce(const char* kind, Layer x, std::vector<int64_t> axes, bool keep) {
    return op("reduce", {x},
              {{"kind", std::string(kind)}, {"axes", std::move(axes)}, {"keep_dims", static_cast<int64_t>(keep)}});
}

Layer Expansion::shape(const std::vector<Extent>& extents) {
    std::vector<Layer> parts;
    std::vector<int64_t> numbers;
    auto flush = [&] {
        if (!numbers.empty()) parts.push_back(integers({static_cast<int64_t>(numbers.size())}, numbers));
        numbers.clear();
    };
    for (const Extent& e : extents) {
        const int64_t known = e.tensor ? dims(e.tensor).d[e.axis] : e.number;
        if (!e.tensor || known >= 0) {
            numbers.push_back(known < 0 ? known : known * e.factor);
            continue;
        }
        flush();
        Layer extent = op("shape", {e.tensor}, {{"start", int64_t{e.axis}}, {"end", int64_t{e.axis} + 1}});
        parts.push_back(e.factor == 1 ? extent : binary("mul", extent, integer(e.factor)));
    }
    flush();
    return parts.size() == 1 ? parts[0] : concat(parts, 0);
}

Layer Expansion::shaped(Layer x, const std::vector<Extent>& extents) {
    bool same = rank(x) == static_cast<int>(extents.size());
    for (size_t k = 0; same && k < extents.size(); ++k) {
        const Extent& e = extents[k];
        const int64_t wanted = e.tensor ? dims(e.tensor).d[e.axis] : e.number;
        same = wanted >= 0 && dims(x).d[k] == wanted * e.factor;
    }
    return same ? x : reshape(x, extents);
}

Layer Expansion::shapedLike(Layer x, Layer of) {
    std::vector<Extent> extents;
    for (int k = 0; k < rank(of); ++k) extents.emplace_back(of, k);
    return shaped(x, extents);
}

std::vector<Layer> Expansion::split(Layer x, int64_t axis, const std::vector<int64_t>& lengths) {
    return ops("split", {x, integers({static_cast<int64_t>(lengths.size())}, lengths)}, {{"axis", axis}},
               static_cast<int>(lengths.size()));
}

Layer Expansion::extent(Layer x, int axis) {
    if (failed_) return nullptr;
    const int64_t known = dims(x).d[axis];
    return known < 0 ? wide(shape({{x, axis}})) : real(static_cast<double>(known));
}

Layer Expansion::count(Extent size) { return op("range", {integers({1}, {0}), shape({size}), integers({1}, {1})}); }

Layer Expansion::refuseNegative(Layer indices) {
    Layer zero = like(integer(0), indices), far = like(integer(INT32_MAX), indices);
    return select(binary("less", indices, zero), far, indices);
}

}  // namespace lathe::plugins

// SPDX-License-Identifier: Apache-2.0
#include "exec/shapes.h"

#include <algorithm>

#include "ir/infer.h"

namespace lathe::exec {

using Source = ir::SymbolInfo::Source;

ShapeProgram::ShapeProgram(const ir::Graph& graph) : graph_(graph), early_(graph.symbols().size(), false) {
    for (size_t i = 0; i < graph.symbols().size(); ++i) {
        const ir::SymbolInfo& s = graph.symbols()[i];
        bool ofInput = s.value && s.value->parameterOf() == &graph.body();
        if (ofInput && s.source != Source::kOutputDim) {
            early_[i] = true;
            int parameter = s.value->outputIndex();
            if (s.source == Source::kElement &&
                std::find(shapeInputs_.begin(), shapeInputs_.end(), parameter) == shapeInputs_.end())
                shapeInputs_.push_back(parameter);
        } else if (s.value) {
            late_[s.value].push_back(static_cast<ir::SymbolId>(i));
        }
    }
}

bool ShapeProgram::isEarly(const ir::Shape& shape) const {
    bool early = true;
    for (const ir::Dim& d : shape) d.forEachSymbol([&](ir::SymbolId id) { early = early && isEarly(id); });
    return early;
}

namespace {

Status checkRange(const ir::SymbolInfo& s, int64_t value) {
    if (value >= s.min && value <= s.max) return {};
    const char* what = s.source == Source::kElement ? "element" : "extent of axis";
    return invalidArgument("'{}': {} {} is {}, outside of the range {} to {} that the engine was built for",
                           s.value->name(), what, s.index, value, s.min, s.max);
}

}  // namespace

Status ShapeProgram::bindElement(ir::SymbolId id, const ir::Value& v, const ir::Dims& dims, const void* data,
                                 ir::SymbolValues& symbols) const {
    const ir::SymbolInfo& s = graph_.symbols()[static_cast<size_t>(id)];
    int64_t count = TRY(ir::checkedVolume(dims));
    if (s.index < 0 || s.index >= count)
        return invalidArgument("'{}' has {} elements, element {} is needed as a dimension", v.name(), count, s.index);
    if (!data)
        return makeStatus(Code::kInvalidState,
                          "the elements of '{}' are needed to compute shapes, but it has no address yet", v.name());
    int64_t value = TRY_IN(fmt::format("'{}'", v.name()), readInteger(v.dtype(), data, s.index));
    TRY(checkRange(s, value));
    symbols.set(id, value);
    return {};
}

Result<ir::SymbolValues> ShapeProgram::bindInputs(std::span<const ir::Dims> dims,
                                                  std::span<const void* const> data) const {
    const auto& parameters = graph_.body().parameters();
    if (dims.size() != parameters.size())
        return internalError("{} shapes were given for {} inputs", dims.size(), parameters.size());
    ir::SymbolValues symbols(graph_.symbols().size());
    for (size_t i = 0; i < parameters.size(); ++i) {
        const ir::Value& v = *parameters[i];
        if (dims[i].size() != v.shape().size())
            return invalidArgument("input '{}' has {} dimensions, not {} ({})", v.name(), v.shape().size(),
                                   dims[i].size(), ir::toString(dims[i]));
        TRY_IN(fmt::format("input '{}'", v.name()), ir::checkedVolume(dims[i]));
    }
    for (size_t i = 0; i < graph_.symbols().size(); ++i) {
        const ir::SymbolInfo& s = graph_.symbols()[i];
        if (!early_[i]) continue;
        size_t parameter = static_cast<size_t>(s.value->outputIndex());
        ir::SymbolId id = static_cast<ir::SymbolId>(i);
        if (s.source == Source::kElement) {
            TRY(bindElement(id, *s.value, dims[parameter], data[parameter], symbols));
            continue;
        }
        if (s.index < 0 || s.index >= static_cast<int64_t>(dims[parameter].size()))
            return internalError("symbol {} is axis {} of '{}', which has {}", i, s.index, s.value->name(),
                                 dims[parameter].size());
        int64_t extent = dims[parameter][static_cast<size_t>(s.index)];
        TRY(checkRange(s, extent));
        symbols.set(id, extent);
    }
    for (size_t i = 0; i < parameters.size(); ++i)
        for (size_t d = 0; d < dims[i].size(); ++d) {
            const ir::Dim& expected = parameters[i]->shape()[d];
            int64_t extent =
                TRY_IN(fmt::format("input '{}', axis {}", parameters[i]->name(), d), expected.eval(symbols));
            if (extent == dims[i][d]) continue;
            if (expected.isConstant())
                return invalidArgument("input '{}': axis {} is {}, the engine was built for {}", parameters[i]->name(),
                                       d, dims[i][d], extent);
            return invalidArgument("input '{}': axis {} is {}, but other inputs make this dimension {}",
                                   parameters[i]->name(), d, dims[i][d], extent);
        }
    return symbols;
}

Status ShapeProgram::bindLate(const ir::Value& v, const ir::Dims& dims, const void* data,
                              ir::SymbolValues& symbols) const {
    auto at = late_.find(&v);
    if (at == late_.end()) return {};
    for (ir::SymbolId id : at->second) {
        const ir::SymbolInfo& s = graph_.symbols()[static_cast<size_t>(id)];
        if (s.source == Source::kElement) {
            TRY(bindElement(id, v, dims, data, symbols));
            continue;
        }
        if (s.index < 0 || s.index >= static_cast<int64_t>(dims.size()))
            return internalError("symbol {} is axis {} of '{}', whose shape is {}", id, s.index, v.name(),
                                 ir::toString(dims));
        TRY(checkRange(s, dims[static_cast<size_t>(s.index)]));
        symbols.set(id, dims[static_cast<size_t>(s.index)]);
    }
    return {};
}

Status ShapeProgram::setBounds(const ir::Value& v, ir::SymbolValues& symbols) const {
    auto at = late_.find(&v);
    if (at == late_.end()) return {};
    for (ir::SymbolId id : at->second) {
        const ir::SymbolInfo& s = graph_.symbols()[static_cast<size_t>(id)];
        if (s.source != Source::kOutputDim) continue;
        int64_t bound = TRY_IN(fmt::format("bound of '{}', axis {}", v.name(), s.index), s.upperBound.eval(symbols));
        symbols.set(id, std::max<int64_t>(bound, 0));
    }
    return {};
}

ir::SymbolValues ShapeProgram::withBounds(const ir::SymbolValues& symbols) const {
    ir::SymbolValues out = symbols;
    for (size_t i = 0; i < graph_.symbols().size(); ++i) {
        ir::SymbolId id = static_cast<ir::SymbolId>(i);
        const ir::SymbolInfo& s = graph_.symbols()[i];
        if (s.source != Source::kOutputDim || out.get(id) != ir::SymbolValues::kUnset) continue;
        auto bound = s.upperBound.eval(out);
        // The bound of a bound would be a guess: products of bounds need not be bounds.
        bool early = true;
        s.upperBound.forEachSymbol(
            [&](ir::SymbolId k) { early = early && symbols.get(k) != ir::SymbolValues::kUnset; });
        if (early && bound.ok() && *bound >= 0) out.set(id, *bound);
    }
    return out;
}

Status checkProfile(const plan::ProfileInput& profile, const ir::Dims& dims, const std::string& name) {
    if (dims.size() != profile.min.size() || dims.size() != profile.max.size())
        return invalidArgument("input '{}' has {} dimensions, not {} ({})", name, profile.min.size(), dims.size(),
                               ir::toString(dims));
    for (size_t d = 0; d < dims.size(); ++d)
        if (dims[d] < profile.min[d] || dims[d] > profile.max[d])
            return invalidArgument("input '{}', shape {}: axis {} is {}, the optimization profile allows {} to {}",
                                   name, ir::toString(dims), d, dims[d], profile.min[d], profile.max[d]);
    return {};
}

Status checkProfileValues(const plan::ProfileInput& profile, std::span<const int64_t> values, const std::string& name) {
    if (profile.minValues.empty() && profile.maxValues.empty()) return {};
    if (values.size() != profile.minValues.size() || values.size() != profile.maxValues.size())
        return invalidArgument("shape tensor '{}' has {} elements, the optimization profile has {}", name,
                               values.size(), profile.minValues.size());
    for (size_t i = 0; i < values.size(); ++i)
        if (values[i] < profile.minValues[i] || values[i] > profile.maxValues[i])
            return invalidArgument("shape tensor '{}': element {} is {}, the optimization profile allows {} to {}",
                                   name, i, values[i], profile.minValues[i], profile.maxValues[i]);
    return {};
}

Result<ir::SymbolValues> profileSymbols(const ir::Graph& graph, const plan::Profile& profile, int corner) {
    const auto& parameters = graph.body().parameters();
    if (profile.inputs.size() != parameters.size())
        return internalError("a profile has {} inputs, the graph {}", profile.inputs.size(), parameters.size());
    ir::SymbolValues symbols(graph.symbols().size());
    for (size_t i = 0; i < graph.symbols().size(); ++i) {
        const ir::SymbolInfo& s = graph.symbols()[i];
        if (!s.value || s.value->parameterOf() != &graph.body() || s.source == Source::kOutputDim) continue;
        const plan::ProfileInput& p = profile.inputs[static_cast<size_t>(s.value->outputIndex())];
        bool element = s.source == Source::kElement;
        const std::vector<int64_t>& list = corner == 0   ? (element ? p.minValues : p.min)
                                           : corner == 1 ? (element ? p.optValues : p.opt)
                                                         : (element ? p.maxValues : p.max);
        if (s.index >= 0 && s.index < static_cast<int64_t>(list.size()))
            symbols.set(static_cast<ir::SymbolId>(i), list[static_cast<size_t>(s.index)]);
    }
    return symbols;
}

Result<int64_t> readInteger(DType dtype, const void* data, int64_t index) {
    switch (dtype) {
        case DType::kInt64: return static_cast<const int64_t*>(data)[index];
        case DType::kInt32: return static_cast<const int32_t*>(data)[index];
        case DType::kInt8: return static_cast<const int8_t*>(data)[index];
        case DType::kUint8: return static_cast<const uint8_t*>(data)[index];
        case DType::kBool: return static_cast<const uint8_t*>(data)[index] != 0;
        default: return unsupported("elements of type {} are no dimensions", toString(dtype));
    }
}

Status writeIntegers(DType dtype, std::span<const int64_t> values, void* data) {
    auto store = [&]<class T>(T*) {
        for (size_t i = 0; i < values.size(); ++i) static_cast<T*>(data)[i] = static_cast<T>(values[i]);
        return Status();
    };
    switch (dtype) {
        case DType::kInt64: return store(static_cast<int64_t*>(nullptr));
        case DType::kInt32: return store(static_cast<int32_t*>(nullptr));
        case DType::kInt8: return store(static_cast<int8_t*>(nullptr));
        case DType::kUint8: return store(static_cast<uint8_t*>(nullptr));
        case DType::kBool: return store(static_cast<bool*>(nullptr));
        default: return unsupported("integers cannot be stored as {}", toString(dtype));
    }
}

bool needsCheck(const ir::Node& node) {
    if (node.op().is(ir::Op::kRegions)) return false;
    auto symbolic = [](const ir::Value* v) { return v && !ir::isConstant(v->shape()); };
    auto unknown = [](const ir::Value* v) {
        return v && !v->isConstant() && v->elements() &&
               std::any_of(v->elements()->begin(), v->elements()->end(),
                           [](const ir::Dim& d) { return !d.isConstant(); });
    };
    return std::any_of(node.inputs().begin(), node.inputs().end(),
                       [&](const ir::Value* v) { return symbolic(v) || unknown(v); }) ||
           std::any_of(node.outputs().begin(), node.outputs().end(), symbolic);
}

Status checkNode(const ir::Node& node, const std::function<const ir::Dims&(const ir::Value&)>& dimsOf,
                 const ir::SymbolValues& symbols) {
    std::vector<ir::ConcreteInput> inputs;
    std::vector<std::vector<std::byte>> made;
    made.reserve(node.inputs().size());
    for (const ir::Value* v : node.inputs()) {
        ir::ConcreteInput in{DType::kFloat, {}, {}, v != nullptr};
        if (v) {
            in.dtype = v->dtype();
            if (v->isConstant()) {
                in.dims = v->constant()->dims();
                // Shapes never depend on large constants; those stay untouched.
                if (v->constant()->count() <= ir::kMaxElements) in.bytes = TRY(v->constant()->bytes());
            } else {
                in.dims = dimsOf(*v);
                std::vector<int64_t> numbers;
                bool known = v->elements() != nullptr;
                for (size_t k = 0; known && k < v->elements()->size(); ++k) {
                    auto n = (*v->elements())[k].eval(symbols);
                    known = n.ok();
                    if (known) numbers.push_back(*n);
                }
                if (known && static_cast<int64_t>(numbers.size()) == ir::volume(in.dims)) {
                    made.emplace_back(static_cast<size_t>(bytesOf(v->dtype(), static_cast<int64_t>(numbers.size()))) +
                                      1);
                    if (writeIntegers(v->dtype(), numbers, made.back().data()).ok())
                        in.bytes = {made.back().data(), made.back().size() - 1};
                }
            }
        }
        inputs.push_back(std::move(in));
    }
    auto types = ir::inferConcrete(node, inputs);
    if (!types.ok()) {
        // Elements that only the running kernel sees: it checks them itself.
        if (types.status().code() == Code::kInvalidState) return {};
        return Status(types.status()).prefix(fmt::format("node '{}' ({})", node.name(), node.op().name()));
    }
    for (int o = 0; o < node.outputCount(); ++o) {
        const ir::Value& v = *node.output(o);
        const ir::Dims& expected = dimsOf(v);
        const ir::TensorType& type = (*types)[static_cast<size_t>(o)];
        bool same = type.shape.size() == expected.size();
        for (size_t d = 0; same && d < expected.size(); ++d) {
            bool found = false;  // while running
            v.shape()[d].forEachSymbol([&](ir::SymbolId id) {
                const ir::SymbolInfo& s = node.parent()->graph().symbols()[static_cast<size_t>(id)];
                found = found || (s.source == Source::kOutputDim && s.value && s.value->producer() == &node);
            });
            if (!found) same = TRY(type.shape[d].eval(symbols)) == expected[d];
        }
        if (!same)
            return invalidArgument(
                "node '{}' ({}): output {} has shape {} for these inputs, but the engine was built for {}", node.name(),
                node.op().name(), o, ir::toString(type.shape), ir::toString(expected));
    }
    return {};
}

}  // namespace lathe::exec

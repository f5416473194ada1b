// SPDX-License-Identifier: Apache-2.0
#include "plan/shape_range.h"

#include <algorithm>

namespace lathe::plan {
namespace {

// Stands for an extent of which nothing is known before the engine runs.
constexpr int64_t kGuess = 16;

}  // namespace

Result<std::unique_ptr<ShapeRange>> ShapeRange::create(const ir::Graph& graph, std::span<const IoTensor> io,
                                                       const Profile& profile, const tactics::Target& target,
                                                       bool relaxed) {
    auto range = std::unique_ptr<ShapeRange>(new ShapeRange);
    range->target_ = target;
    range->relaxed_ = relaxed;
    TRY(range->setUp(graph, io, profile));
    return range;
}

Status ShapeRange::setUp(const ir::Graph& graph, std::span<const IoTensor> io, const Profile& profile) {
    const auto& parameters = graph.body().parameters();
    if (profile.inputs.size() != parameters.size())
        return makeStatus(Code::kInvalidConfig, "the profile has {} inputs, the network {}", profile.inputs.size(),
                          parameters.size());
    for (size_t i = 0; i < parameters.size(); ++i) {
        const ir::Value& v = *parameters[i];
        const ProfileInput& p = profile.inputs[i];
        const ir::Dims* sets[3] = {&p.min, &p.opt, &p.max};
        const std::string& name = io[i].name;
        for (const ir::Dims* dims : sets)
            if (dims->size() != v.shape().size())
                return makeStatus(Code::kInvalidConfig,
                                  "profile shapes of input '{}' have {} dimensions, the network's shape {} has {}",
                                  name, dims->size(), ir::toString(v.shape()), v.shape().size());
        for (int k = 0; k < 3; ++k) {
            for (size_t d = 0; d < v.shape().size(); ++d) {
                int64_t extent = (*sets[k])[d];
                const ir::Dim& dim = v.shape()[d];
                if (extent < 0)
                    return makeStatus(Code::kInvalidConfig, "profile of input '{}', axis {}: {} is negative", name, d,
                                      extent);
                if (p.min[d] > p.opt[d] || p.opt[d] > p.max[d])
                    return makeStatus(Code::kInvalidConfig,
                                      "profile of input '{}', axis {}: {} ≤ {} ≤ {} does not hold", name, d, p.min[d],
                                      p.opt[d], p.max[d]);
                ir::SymbolId id = dim.asSymbol();
                if (id < 0) {
                    if (dim.isConstant() && dim.value() != extent)
                        return makeStatus(
                            Code::kInvalidConfig,
                            "profile of input '{}', axis {}: {} where the network has the fixed extent {}", name, d,
                            extent, dim.value());
                    continue;
                }
                int64_t known = values_[k].get(id);
                if (known != ir::SymbolValues::kUnset && known != extent)
                    return makeStatus(Code::kInvalidConfig,
                                      "profile of input '{}', axis {}: {} where another input gives dimension '{}' {}",
                                      name, d, extent, graph.symbols()[id].name, known);
                values_[k].set(id, extent);
            }
        }
    }
    for (size_t id = 0; id < graph.symbols().size(); ++id) {
        const ir::SymbolInfo& s = graph.symbols()[id];
        auto input = std::find(parameters.begin(), parameters.end(), s.value);
        for (int k = 0; k < 3; ++k) {
            if (values_[k].get(static_cast<int>(id)) != ir::SymbolValues::kUnset) continue;
            int64_t value = k == 0 ? std::max<int64_t>(s.min, 0) : std::min(s.max, kGuess);
            if (s.source == ir::SymbolInfo::Source::kElement && input != parameters.end()) {
                const ProfileInput& p = profile.inputs[input - parameters.begin()];
                const auto& list = k == 0 ? p.minValues : k == 1 ? p.optValues : p.maxValues;
                if (s.index < static_cast<int64_t>(list.size())) value = list[s.index];
            } else if (s.source == ir::SymbolInfo::Source::kOutputDim && k > 0) {
                auto bound = s.upperBound.eval(values_[k]);
                if (bound.ok()) value = *bound;
            }
            values_[k].set(static_cast<int>(id), value);
        }
    }
    return {};
}

std::optional<std::vector<int64_t>> ShapeRange::optElements(const ir::Value& v) const {
    if (!v.elements()) return std::nullopt;
    std::vector<int64_t> out;
    for (const ir::Dim& d : *v.elements()) {
        auto n = d.eval(values_[1]);
        if (!n.ok()) return std::nullopt;
        out.push_back(*n);
    }
    return out;
}

ir::Dims ShapeRange::dims(const ir::Value& v, int which) const {
    ir::Dims out;
    for (const ir::Dim& d : v.shape()) {
        auto n = d.eval(values_[which]);
        // Extents at the ends of the range may be impossible together; what counts is checked when shapes are set.
        out.push_back(n.ok() ? std::max<int64_t>(*n, 0) : 1);
    }
    return out;
}

}  // namespace lathe::plan

// SPDX-License-Identifier: Apache-2.0
#include "api/build/optimization_profile.h"

#include "api/common/convert.h"

namespace lathe::api {
namespace {

// min <= opt <= max as far as they are set, entry by entry; all of one length.
Status checkOrder(const std::array<std::optional<std::vector<int64_t>>, 3>& lists) {
    const std::vector<int64_t>* before = nullptr;
    for (const auto& list : lists) {
        if (!list) continue;
        if (before && before->size() != list->size())
            return invalidArgument("{} and {} differ in length", ir::toString(*before), ir::toString(*list));
        for (size_t i = 0; before && i < list->size(); ++i)
            if ((*before)[i] > (*list)[i])
                return invalidArgument("{} and {} are not ordered: min <= opt <= max", ir::toString(*before),
                                       ir::toString(*list));
        before = &*list;
    }
    return {};
}

template <class T>
bool complete(const std::array<std::optional<T>, 3>& lists) {
    return lists[0] && lists[1] && lists[2];
}

Status invalidConfig(const std::string& input, const std::string& why) {
    return makeStatus(Code::kInvalidConfig, "optimization profile: input '{}' {}", input, why);
}

}  // namespace

OptimizationProfile::OptimizationProfile(std::shared_ptr<const Reporter> reporter) : reporter_(std::move(reporter)) {
    mImpl = this;
}

const OptimizationProfile::Input* OptimizationProfile::find(char const* name) const {
    auto found = name ? inputs_.find(std::string_view(name)) : inputs_.end();
    return found == inputs_.end() ? nullptr : &found->second;
}

Result<OptimizationProfile::Input*> OptimizationProfile::at(char const* name, Selector select) {
    if (!name || !*name) return invalidArgument("the input's name is empty");
    TRY(mustExist(select, "selector"));
    return &inputs_[name];
}

bool OptimizationProfile::setDimensions(char const* name, Selector select, Dims const& dims) noexcept {
    return guardedStatus(*reporter_, "IOptimizationProfile::setDimensions", [&]() -> Status {
        Input* in = TRY(at(name, select));
        ir::Dims list = TRY(fromApi(dims));
        for (int64_t d : list)
            if (d < 0 || d > ir::kMaxExtent) return invalidArgument("input '{}': {}", name, ir::toString(list));
        auto with = in->dims;
        with[static_cast<int>(select)] = std::move(list);
        TRY_IN(fmt::format("input '{}'", name), checkOrder(with));
        in->dims = std::move(with);
        return {};
    });
}

nvinfer1::Dims OptimizationProfile::getDimensions(char const* name, Selector select) const noexcept {
    const Input* in = find(name);
    if (!in || static_cast<uint32_t>(select) > 2 || !in->dims[static_cast<int>(select)]) return invalidDims();
    return toApi(*in->dims[static_cast<int>(select)]);
}

bool OptimizationProfile::setShapeValuesV2(char const* name, Selector select, int64_t const* values,
                                           int32_t count) noexcept {
    return guardedStatus(*reporter_, "IOptimizationProfile::setShapeValuesV2", [&]() -> Status {
        Input* in = TRY(at(name, select));
        if (count > 0 && !values) return invalidArgument("input '{}': the values are null", name);
        if (count < 0 || count > 64)
            return invalidArgument("input '{}': {} values; at most 64 are possible", name, count);
        auto with = in->values;
        int s = static_cast<int>(select);
        with[s] = std::vector<int64_t>(values, values + count);
        TRY_IN(fmt::format("input '{}'", name), checkOrder(with));
        in->values = std::move(with);
        in->values32[s].assign(values, values + count);
        return {};
    });
}

bool OptimizationProfile::setShapeValues(char const* name, Selector select, int32_t const* values,
                                         int32_t count) noexcept {
    std::vector<int64_t> wide;
    if (values && count > 0 && count <= 64) wide.assign(values, values + count);
    return setShapeValuesV2(name, select, values ? wide.data() : nullptr, count);
}

int32_t OptimizationProfile::getNbShapeValues(char const* name) const noexcept {
    if (const Input* in = find(name))
        for (const auto& v : in->values)
            if (v) return static_cast<int32_t>(v->size());
    return -1;
}

int32_t const* OptimizationProfile::getShapeValues(char const* name, Selector select) const noexcept {
    return getShapeValuesV2(name, select) ? find(name)->values32[static_cast<int>(select)].data() : nullptr;
}

int64_t const* OptimizationProfile::getShapeValuesV2(char const* name, Selector select) const noexcept {
    const Input* in = find(name);
    if (!in || static_cast<uint32_t>(select) > 2 || !in->values[static_cast<int>(select)]) return nullptr;
    return in->values[static_cast<int>(select)]->data();
}

bool OptimizationProfile::setExtraMemoryTarget(float target) noexcept {
    return guardedStatus(*reporter_, "IOptimizationProfile::setExtraMemoryTarget", [&]() -> Status {
        if (!(target >= 0 && target <= 1)) return invalidArgument("{} is not from 0 to 1", target);
        extraMemory_ = target;
        return {};
    });
}

bool OptimizationProfile::isValid() const noexcept {
    for (const auto& [name, in] : inputs_) {
        bool anyDims = in.dims[0] || in.dims[1] || in.dims[2], anyValues = in.values[0] || in.values[1] || in.values[2];
        if ((anyDims && !complete(in.dims)) || (anyValues && !complete(in.values))) return false;
    }
    return true;
}

Result<plan::Profile> OptimizationProfile::forInputs(const std::vector<plan::IoTensor>& inputs) const {
    plan::Profile out;
    for (const plan::IoTensor& io : inputs) {
        const Input* in = find(io.name.c_str());
        plan::ProfileInput p;
        ir::Dims* to[] = {&p.min, &p.opt, &p.max};
        if (in && complete(in->dims)) {
            for (int s = 0; s < 3; ++s) {
                const ir::Dims& d = *in->dims[s];
                bool fits = d.size() == io.shape.size();
                for (size_t i = 0; fits && i < d.size(); ++i)
                    fits = !io.shape[i].isConstant() || io.shape[i].value() == d[i];
                if (!fits)
                    return invalidConfig(io.name, fmt::format("has the shape {}, which {} does not fit",
                                                              ir::toString(io.shape), ir::toString(d)));
                *to[s] = d;
            }
            // Axes with one name are equal in every shape.
            for (size_t i = 0; i < io.shape.size(); ++i)
                for (size_t k = 0; k < i; ++k)
                    if (!io.shape[i].isConstant() && io.shape[i] == io.shape[k])
                        for (ir::Dims* d : to)
                            if ((*d)[i] != (*d)[k])
                                return invalidConfig(io.name, fmt::format("has the same extent on axes {} and {}, but "
                                                                          "the profile has {}",
                                                                          k, i, ir::toString(*d)));
        } else if (ir::isConstant(io.shape)) {
            p.min = p.opt = p.max = ir::constantDims(io.shape);
        } else {
            return invalidConfig(io.name,
                                 fmt::format("is dynamic ({}), but its min, opt and max shapes are not all set",
                                             ir::toString(io.shape)));
        }
        if (io.isShape) {
            if (!in || !complete(in->values))
                return invalidConfig(io.name, "is a shape tensor, but its min, opt and max values are not all set");
            int64_t count = ir::volume(p.max);
            if (static_cast<int64_t>(in->values[0]->size()) != count)
                return invalidConfig(
                    io.name, fmt::format("has {} elements, but {} values are set", count, in->values[0]->size()));
            p.minValues = *in->values[0];
            p.optValues = *in->values[1];
            p.maxValues = *in->values[2];
        }
        out.inputs.push_back(std::move(p));
    }
    return out;
}

}  // namespace lathe::api

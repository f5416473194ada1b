// SPDX-License-Identifier: Apache-2.0
#include "compat/common/plugin_wrap.h"

namespace lathe::compat {
namespace {

v10::Dims otherDims(const old::Dims& d) { return toNew(d); }
old::Dims otherDims(const v10::Dims& d) { return toOld<old::Dims>(d); }

template <class Type>
struct Other;
template <>
struct Other<old::PluginFieldType> {
    using Dims = old::Dims;
    using Type = v10::PluginFieldType;
};
template <>
struct Other<v10::PluginFieldType> {
    using Dims = v10::Dims;
    using Type = old::PluginFieldType;
};

}  // namespace

template <class To, class From>
Fields<To, From>::Fields(const From* from) : given_(from != nullptr) {
    for (int32_t i = 0; from && from->fields && i < from->nbFields; ++i) {
        const auto& f = from->fields[i];
        using FromType = std::remove_cv_t<decltype(f.type)>;
        using O = Other<FromType>;
        const void* data = f.data;
        if (f.type == FromType::kDIMS && data) {
            auto& bytes = shapes_.emplace_back();
            for (int32_t k = 0; k < f.length; ++k) {
                auto d = otherDims(static_cast<const typename O::Dims*>(data)[k]);
                auto* at = reinterpret_cast<const char*>(&d);
                bytes.insert(bytes.end(), at, at + sizeof d);
            }
            data = bytes.data();
        }
        fields_.emplace_back(f.name, data, static_cast<typename O::Type>(f.type), f.length);
    }
    collection_.nbFields = static_cast<int32_t>(fields_.size());
    collection_.fields = fields_.data();
}

template class Fields<v10::PluginFieldCollection, old::PluginFieldCollection>;
template class Fields<old::PluginFieldCollection, v10::PluginFieldCollection>;

}  // namespace lathe::compat

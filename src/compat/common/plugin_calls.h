// SPDX-License-Identifier: Apache-2.0
// How the library calls plugins of the older API. Those of versions 6 and 7 may throw; nothing of it gets through.
#pragma once

#include <stdexcept>
#include <vector>

#include "compat/common/callbacks.h"

namespace lathe::compat {

template <class R, class F>
R guarded(const Report& report, const char* where, R failure, F call) noexcept {
    try {
        return call();
    } catch (const std::exception& e) {
        report.error(where, std::string("the plugin threw: ") + e.what(), old::ErrorCode::kFAILED_EXECUTION);
    } catch (...) {
        report.error(where, "the plugin threw", old::ErrorCode::kFAILED_EXECUTION);
    }
    return failure;
}
template <class F>
void guardedCall(const Report& report, const char* where, F call) noexcept {
    guarded(report, where, 0, [&] {
        call();
        return 0;
    });
}

inline v10::Dims noDims() {
    v10::Dims d{};
    d.nbDims = -1;
    return d;
}

inline std::vector<old::Dims> oldList(const v10::Dims* dims, int32_t n) {
    std::vector<old::Dims> out;
    for (int32_t i = 0; i < n; ++i) out.push_back(toOld<old::Dims>(dims[i]));
    return out;
}
inline std::vector<old::DataType> oldList(const v10::DataType* types, int32_t n) {
    std::vector<old::DataType> out;
    for (int32_t i = 0; i < n; ++i) out.push_back(toOld<old::DataType>(types[i]));
    return out;
}
inline old::PluginTensorDesc oldDesc(const v10::PluginTensorDesc& d) {
    return {toOld<old::Dims>(d.dims), toOld<old::DataType>(d.type), toOld<old::TensorFormat>(d.format), d.scale};
}
inline std::vector<old::PluginTensorDesc> oldList(const v10::PluginTensorDesc* descs, int32_t n) {
    std::vector<old::PluginTensorDesc> out;
    for (int32_t i = 0; i < n; ++i) out.push_back(oldDesc(descs[i]));
    return out;
}
inline std::vector<old::DynamicPluginTensorDesc> oldList(const v10::DynamicPluginTensorDesc* descs, int32_t n) {
    std::vector<old::DynamicPluginTensorDesc> out;
    for (int32_t i = 0; i < n; ++i)
        out.push_back({oldDesc(descs[i].desc), toOld<old::Dims>(descs[i].min), toOld<old::Dims>(descs[i].max)});
    return out;
}
inline v10::Dims newDims(const old::Dims& d) { return d.nbDims < 0 ? noDims() : toNew(d); }

}  // namespace lathe::compat

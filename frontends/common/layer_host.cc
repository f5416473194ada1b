// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/layer_host.h"

namespace lathe::frontends {

std::string LayerHost::uniqueName(const std::string& wanted) {
    int& uses = layerNames_[wanted];
    if (uses++ == 0) return wanted;
    while (true) {
        std::string name = fmt::format("{}_{}", wanted, uses);
        if (layerNames_.try_emplace(name, 1).second) return name;
        ++layerNames_[wanted];
    }
}

Result<nvinfer1::Dims> toDims(const std::vector<int64_t>& extents) {
    if (extents.size() > nvinfer1::Dims::MAX_DIMS) {
        return unsupported("a shape of {} dimensions; networks have at most {}", extents.size(),
                           nvinfer1::Dims::MAX_DIMS);
    }
    nvinfer1::Dims out{};
    out.nbDims = static_cast<int32_t>(extents.size());
    for (size_t i = 0; i < extents.size(); ++i) out.d[i] = extents[i];
    return out;
}

std::string toString(const nvinfer1::Dims& dims) {
    std::string out = "[";
    for (int i = 0; i < dims.nbDims; ++i) out += (i ? ", " : "") + (dims.d[i] < 0 ? "?" : std::to_string(dims.d[i]));
    return out + "]";
}

}  // namespace lathe::frontends

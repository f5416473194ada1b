// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/layers/common.h"

#include <limits>

namespace lathe::caffe {
namespace {

constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

// A list of one number for all axes or one for each, or, where there are two axes, the fields for height and width.
// Empty when nothing is given and `otherwise` is below 0.
Result<Ints> spatialList(Params& params, const std::string& list, const std::string& height, const std::string& width,
                         int spatial, int64_t least, int64_t otherwise) {
    const auto n = static_cast<size_t>(spatial);
    Ints values = TRY(params.integers(list, least, kMost));
    if (params.has(height) || params.has(width)) {
        if (!values.empty()) return invalidArgument("{} beside {}", params.place(height), params.place(list));
        if (n != 2) return invalidArgument("{} for data with {} spatial axes", params.place(height), n);
        if (otherwise < 0 && !(params.has(height) && params.has(width))) {
            return invalidArgument("{}: the other of the two is missing",
                                   params.place(params.has(height) ? height : width));
        }
        const int64_t h = TRY(params.integer(height, std::max<int64_t>(otherwise, 0), least, kMost));
        const int64_t w = TRY(params.integer(width, std::max<int64_t>(otherwise, 0), least, kMost));
        return Ints{h, w};
    }
    if (values.empty()) return otherwise < 0 ? Ints() : Ints(n, otherwise);
    if (values.size() == 1) return Ints(n, values[0]);
    if (values.size() == n) return values;
    return invalidArgument("{}: {} values for {} spatial axes", params.place(list), values.size(), n);
}

}  // namespace

Result<Window> readWindow(Params& params, int spatial, bool dilations) {
    Window out;
    out.kernel = TRY(spatialList(params, "kernel_size", "kernel_h", "kernel_w", spatial, 1, -1));
    out.stride = TRY(spatialList(params, "stride", "stride_h", "stride_w", spatial, 1, 1));
    out.pad = TRY(spatialList(params, "pad", "pad_h", "pad_w", spatial, 0, 0));
    out.dilation = Ints(static_cast<size_t>(spatial), 1);
    if (!dilations) return out;
    const Ints given = TRY(params.integers("dilation", 1, kMost));
    if (given.size() == 1) out.dilation.assign(static_cast<size_t>(spatial), given[0]);
    if (given.size() > 1) {
        if (given.size() != static_cast<size_t>(spatial)) {
            return invalidArgument("{}: {} values for {} spatial axes", params.place("dilation"), given.size(),
                                   spatial);
        }
        out.dilation = given;
    }
    return out;
}

Result<int> joinAxis(LayerImport& c, Params& params, const char* legacy, int rank) {
    if (!params.has(legacy)) return c.axis(TRY(params.integer("axis", 1)), rank);
    if (params.has("axis")) return invalidArgument("{} beside {}", params.place(legacy), params.place("axis"));
    return c.axis(TRY(params.integer(legacy, 1, 0, kMost)), rank);
}

Ints alignedExtents(const Ints& extents, int axis, int rank) {
    Ints out(static_cast<size_t>(rank), 1);
    for (size_t i = 0; i < extents.size(); ++i) out[static_cast<size_t>(axis) + i] = extents[i];
    return out;
}

Weights number(LayerImport& c, double value, double neutral) {
    if (value == neutral) return {c.session().options.weightType, nullptr, 0};
    auto* to = reinterpret_cast<float*>(c.session().allocate(sizeof(float)));
    *to = static_cast<float>(value);
    return {ApiType::kFLOAT, to, 1};
}

}  // namespace lathe::caffe

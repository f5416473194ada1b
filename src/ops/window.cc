// SPDX-License-Identifier: Apache-2.0
#include "ops/window.h"

namespace lathe::ops {

Result<std::vector<int64_t>> windowList(const char* name, const std::vector<int64_t>& list, size_t axes,
                                        int64_t otherwise, int64_t least) {
    if (list.empty()) return std::vector<int64_t>(axes, otherwise);
    if (list.size() != axes)
        return invalidArgument("'{}' has {} values where {} are needed: {}", name, list.size(), axes,
                               ir::toString(list));
    for (int64_t v : list)
        if (v < least || v > INT32_MAX)
            return invalidArgument("'{}' is {}; values must lie between {} and {}", name, ir::toString(list), least,
                                   INT32_MAX);
    return list;
}

Result<std::vector<int64_t>> kernelExtents(const std::vector<int64_t>& attribute, std::span<const Dim> weights) {
    if (!attribute.empty()) {
        auto kernel = TRY(windowList("kernel", attribute, weights.size(), 1, 1));
        for (size_t i = 0; i < kernel.size(); ++i)
            TRY(requireExtent(weights[i], kernel[i], "the weights' spatial extent"));
        return kernel;
    }
    std::vector<int64_t> kernel;
    for (const Dim& d : weights) {
        if (!d.isConstant())
            return unsupported("the kernel's spatial extents must be known when the engine is built, but one is {}",
                               d.toString());
        kernel.push_back(d.value());
    }
    return windowList("kernel", kernel, weights.size(), 1, 1);
}

Result<std::vector<WindowAxis>> resolveWindow(const WindowFields& fields, std::span<const Dim> spatial,
                                              std::span<const int64_t> kernel) {
    size_t n = spatial.size();
    if (fields.ceilAll && !fields.ceilMode) return invalidArgument("ceil_all has no meaning without ceil_mode");
    auto strides = TRY(windowList("strides", fields.strides, n, 1, 1));
    auto dilations = TRY(windowList("dilations", fields.dilations, n, 1, 1));
    auto pads = TRY(windowList("pads", fields.pads, 2 * n, 0, 0));
    std::vector<WindowAxis> axes(n);
    for (size_t i = 0; i < n; ++i) {
        WindowAxis& a = axes[i];
        a.in = spatial[i];
        a.kernel = kernel[i];
        a.stride = strides[i];
        a.dilation = dilations[i];
        int64_t extent;
        if (__builtin_mul_overflow(a.kernel - 1, a.dilation, &extent) || extent > INT32_MAX)
            return invalidArgument("a window of {} positions with dilation {} is too large", a.kernel, a.dilation);
        if (fields.autoPad == AutoPad::kSameUpper || fields.autoPad == AutoPad::kSameLower) {
            a.out = ceilDiv(a.in, a.stride);
            Dim total = max((a.out - 1) * a.stride + a.extent() - a.in, 0);
            Dim half = floorDiv(total, 2);
            a.padBegin = fields.autoPad == AutoPad::kSameUpper ? half : total - half;
            a.padEnd = total - a.padBegin;
            continue;
        }
        bool valid = fields.autoPad == AutoPad::kValid;
        a.padBegin = valid ? 0 : pads[i];
        a.padEnd = valid ? 0 : pads[n + i];
        Dim room = a.in + a.padBegin + a.padEnd - a.extent();
        if (room.isConstant() && room.value() < 0)
            return invalidArgument(
                "a window that spans {} positions does not fit into spatial axis {}, which has {} with its padding",
                a.extent(), i, (a.in + a.padBegin + a.padEnd).toString());
        if (fields.ceilMode && a.stride > 1) {
            Dim windows = ceilDiv(room, a.stride) + 1;
            Dim lastStartsInside = Dim::apply(Dim::Fn::kLess, (windows - 1) * a.stride, a.in + a.padBegin);
            a.out = fields.ceilAll ? windows : select(lastStartsInside, windows, windows - 1);
        } else {
            a.out = floorDiv(room, a.stride) + 1;
        }
    }
    return axes;
}

}  // namespace lathe::ops

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/window.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Status fits(const int64_t (&numbers)[3], const char* what) {
    for (int64_t n : numbers)
        if (n < 0 || n >= int64_t{1} << 30) return unsupported("{} of {}", what, n);
    return {};
}

// Division of 64-bit numbers would take most of the time.
std::string indexType(int64_t count) { return count < int64_t{1} << 31 ? "IDX=u32" : "IDX=u64"; }

// What a signed 32-bit index can hold.
Status indexable(int64_t out, int64_t stride, int64_t kernel, int64_t dilation, int64_t in) {
    int64_t most = out * stride + kernel * dilation + in;
    if (out >= int64_t{1} << 31 || stride >= int64_t{1} << 31 || kernel >= int64_t{1} << 31 ||
        dilation >= int64_t{1} << 31 || most >= int64_t{1} << 31)
        return unsupported("a window of {} taps, {} apart, at {} positions, {} apart", kernel, dilation, out, stride);
    return {};
}

}  // namespace

Result<KernelPlan> pool(const PoolShape& s) {
    if (!isPlainFloat(s.type) && s.type != DType::kInt8 && s.type != DType::kUint8)
        return unsupported("pooling of type {}", lathe::toString(s.type));
    int64_t extents[] = {s.images, s.vector, s.in[0], s.in[1], s.in[2]},
            outs[] = {s.images, s.vector, s.out[0], s.out[1], s.out[2]};
    TRY(elementCount(extents, "pooling"));
    int64_t elements = TRY(elementCount(outs, "pooling"));
    if (elements == 0) return KernelPlan{};
    TRY(fits(s.padBegin, "padding"));
    TRY(fits(s.padEnd, "padding"));
    PoolParams p{};
    for (int d = 0; d < 3; ++d) {
        TRY(indexable(s.out[d], s.stride[d], s.kernel[d], s.dilation[d], s.in[d]));
        p.in[d] = static_cast<int>(s.in[d]);
        p.out[d] = static_cast<int>(s.out[d]);
        p.kernel[d] = static_cast<int>(s.kernel[d]);
        p.stride[d] = static_cast<int>(s.stride[d]);
        p.dilation[d] = static_cast<int>(s.dilation[d]);
        p.padBegin[d] = static_cast<int>(s.padBegin[d]);
        p.padEnd[d] = static_cast<int>(s.padEnd[d]);
    }
    int v = commonVector(16 / (bitsOf(s.type) / 8), {s.vector});
    p.vector = s.vector / v;
    p.elements = elements / v;
    p.weight = s.weight;
    p.keep = s.keep;
    bool blend = s.weight != 1 || s.keep != 0;
    KernelPlan plan;
    int kind = s.kind == PoolShape::Kind::kMax ? 0 : s.countPadding ? 2 : 1;
    plan.sources.push_back(
        {.name = fmt::format("pool.k{}v{}", kind, v),
         .entry = "pool",
         .text = composeText("", {"window.cu"}),
         .defines = {"POOL", defineType("T", s.type), fmt::format("V={}", v), fmt::format("KIND={}", kind),
                     fmt::format("BLEND={}", blend ? 1 : 0), indexType(p.elements)}});
    Launch launch;
    TRY(setGrid(launch, p.elements, 256, "pooling"));
    launch.setParams(p);
    launch.pointers = {{offsetof(PoolParams, x), 0, 0}, {offsetof(PoolParams, y), kOutput, 0}};
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> resize(const ResizeShape& s) {
    bool small = isPlainFloat(s.type) || s.type == DType::kInt8 || s.type == DType::kUint8;
    if (typeName(s.type).empty() || (!s.copy && !small))
        return unsupported("resampling of type {}", lathe::toString(s.type));
    int64_t extents[] = {s.images, s.vector, s.in[0], s.in[1], s.in[2]},
            outs[] = {s.images, s.vector, s.out[0], s.out[1], s.out[2]};
    TRY(elementCount(extents, "resampling"));
    int64_t elements = TRY(elementCount(outs, "resampling"));
    if (elements == 0) return KernelPlan{};
    TRY(fits(s.in, "resampling of a size"));
    TRY(fits(s.out, "resampling to a size"));
    ResizeParams p{};
    for (int d = 0; d < 3; ++d) {
        if (s.taps[d] < 1 || (s.copy && s.taps[d] != 1)) return invalidArgument("resampling with {} taps", s.taps[d]);
        TRY(indexable(s.out[d], s.taps[d], 1, 1, s.in[d]));
        p.in[d] = static_cast<int>(s.in[d]);
        p.out[d] = static_cast<int>(s.out[d]);
        p.taps[d] = s.taps[d];
    }
    int v = commonVector(16 / (bitsOf(s.type) / 8), {s.vector});
    p.vector = s.vector / v;
    p.elements = elements / v;
    p.outsideValue = s.outsideValue;
    KernelPlan plan;
    plan.sources.push_back({.name = fmt::format("resize.{}v{}", s.copy ? "copy" : "taps", v),
                            .entry = "resize",
                            .text = composeText("", {"window.cu"}),
                            .defines = {"RESIZE", defineType("T", s.type), fmt::format("V={}", v),
                                        fmt::format("COPY={}", s.copy ? 1 : 0), indexType(p.elements)}});
    Launch launch;
    TRY(setGrid(launch, p.elements, 256, "resampling"));
    launch.setParams(p);
    launch.pointers = {{offsetof(ResizeParams, x), 0, 0}, {offsetof(ResizeParams, y), kOutput, 0}};
    for (uint32_t d = 0; d < 3; ++d) {
        int operand = static_cast<int>(d);
        launch.pointers.push_back({static_cast<uint32_t>(offsetof(ResizeParams, index)) + d * 8, 1 + operand, 0});
        launch.pointers.push_back({static_cast<uint32_t>(offsetof(ResizeParams, weight)) + d * 8, 4 + operand, 0});
        if (s.outside[d])
            launch.pointers.push_back({static_cast<uint32_t>(offsetof(ResizeParams, outside)) + d * 8, 7 + operand, 0});
    }
    plan.launches.push_back(std::move(launch));
    return plan;
}

}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/move.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Result<std::string> bytesType(int bytes) {
    switch (bytes) {
        case 1: return std::string("u8");
        case 2: return std::string("u16");
        case 4: return std::string("u32");
        case 8: return std::string("u64");
        case 16: return std::string("raw16");
        default: return unsupported("elements of {} bytes", bytes);
    }
}

Result<std::string> indexName(DType t) {
    if (t == DType::kInt64) return std::string("i64");
    if (t == DType::kInt32) return std::string("i32");
    return unsupported("indices of type {}", lathe::toString(t));
}

Result<KernelPlan> onePlan(const char* entry, std::vector<std::string> defines, int64_t items, const auto& params,
                           std::vector<PointerAt> pointers) {
    if (items == 0) return KernelPlan{};
    defines.push_back(items < int64_t{1} << 31 ? "IDX=u32" : "IDX=u64");
    KernelPlan plan;
    plan.sources.push_back(
        {.name = entry, .entry = entry, .text = composeText("", {"move.cu"}), .defines = std::move(defines)});
    Launch launch;
    TRY(setGrid(launch, items, 256, entry));
    launch.setParams(params);
    launch.pointers = std::move(pointers);
    plan.launches.push_back(std::move(launch));
    return plan;
}

std::vector<PointerAt> gatherPointers(bool scatter) {
    std::vector<PointerAt> p = {{offsetof(GatherParams, index), 1, 0},
                                {offsetof(GatherParams, y), kOutput, 0},
                                {offsetof(GatherParams, fault), kFault, 0}};
    p.push_back(scatter ? PointerAt{offsetof(GatherParams, updates), 2, 0}
                        : PointerAt{offsetof(GatherParams, x), 0, 0});
    return p;
}

Status checkAxis(std::span<const int64_t> dims, std::span<const int64_t> indexDims, int axis, const char* what) {
    if (dims.size() != indexDims.size() || axis < 0 || static_cast<size_t>(axis) >= dims.size())
        return invalidArgument("{}: axis {} of {} and {} dimensions", what, axis, dims.size(), indexDims.size());
    for (size_t d = 0; d < dims.size(); ++d)
        if (static_cast<int>(d) != axis && indexDims[d] > dims[d])
            return invalidArgument("{}: dimension {} of the indices is {}, of the data {}", what, d, indexDims[d],
                                   dims[d]);
    return {};
}

}  // namespace

Result<KernelPlan> pad(std::span<const int64_t> dims, std::span<const int64_t> before, std::span<const int64_t> after,
                       PadMode mode, bool hasValue, int elementBytes) {
    if (before.size() != dims.size() || after.size() != dims.size())
        return invalidArgument("pad: {} and {} amounts for {} dimensions", before.size(), after.size(), dims.size());
    TRY(elementCount(dims, "pad"));
    PadParams p{};
    p.rank = static_cast<int>(dims.size());
    p.elements = 1;
    std::vector<int64_t> strides = denseStrides(dims);
    for (size_t d = 0; d < dims.size(); ++d) {
        p.in[d] = dims[d];
        p.out[d] = before[d] + dims[d] + after[d];
        p.before[d] = before[d];
        p.stride[d] = strides[d];
        if (p.out[d] < 0 || __builtin_mul_overflow(p.elements, p.out[d], &p.elements))
            return invalidArgument("pad: dimension {} becomes {}", d, p.out[d]);
        if (mode != PadMode::kConstant && dims[d] == 0 && p.out[d] > 0)
            return invalidArgument("pad: dimension {} has nothing to repeat", d);
    }
    std::vector<PointerAt> pointers = {{offsetof(PadParams, x), 0, 0}, {offsetof(PadParams, y), kOutput, 0}};
    if (hasValue) pointers.push_back({offsetof(PadParams, value), 1, 0});
    return onePlan("pad",
                   {"PAD", "I=i64", "T=u8", "U=" + TRY(bytesType(elementBytes)),
                    fmt::format("MODE={}", static_cast<int>(mode)), fmt::format("RANK={}", p.rank)},
                   p.elements, p, std::move(pointers));
}

Result<KernelPlan> regroup(const Regroup& s, int elementBytes) {
    int64_t from[] = {s.outer, s.fromGroups, s.inner, s.fromWidth}, to[] = {s.outer, s.toGroups, s.inner, s.toWidth};
    TRY(elementCount(from, "regroup"));
    RegroupParams p{};
    p.elements = TRY(elementCount(to, "regroup"));
    if (s.channels > s.fromGroups * s.fromWidth || s.channels > s.toGroups * s.toWidth)
        return invalidArgument("regroup: {} channels in {} groups of {}, and {} of {}", s.channels, s.fromGroups,
                               s.fromWidth, s.toGroups, s.toWidth);
    p.channels = s.channels;
    p.inner = s.inner;
    p.fromGroups = s.fromGroups;
    p.fromWidth = s.fromWidth;
    p.toGroups = s.toGroups;
    p.toWidth = s.toWidth;
    return onePlan("regroup", {"REGROUP", "I=i64", "T=u8", "U=" + TRY(bytesType(elementBytes))}, p.elements, p,
                   {{offsetof(RegroupParams, x), 0, 0}, {offsetof(RegroupParams, y), kOutput, 0}});
}

Result<KernelPlan> gather(const GatherShape& s) {
    int64_t extents[] = {s.batch, s.outer, s.indices, s.inner}, source[] = {s.batch, s.outer, s.n, s.inner};
    TRY(elementCount(extents, "gather"));
    TRY(elementCount(source, "gather"));
    GatherParams p{};
    // Slices in the widest elements that divide them.
    int64_t sliceBytes = s.inner * s.elementBytes;
    int bytes = commonVector(16, {sliceBytes});
    p.batch = s.batch;
    p.outer = s.outer;
    p.n = s.n;
    p.inner = sliceBytes / bytes;
    p.indices = s.indices;
    p.elements = s.batch * s.outer * s.indices * p.inner;
    return onePlan("gather", {"GATHER", "T=u8", "U=" + TRY(bytesType(bytes)), "I=" + TRY(indexName(s.indexType))},
                   p.elements, p, gatherPointers(false));
}

Result<KernelPlan> gatherElements(std::span<const int64_t> dims, std::span<const int64_t> indexDims, int axis,
                                  int elementBytes, DType indexType) {
    TRY(checkAxis(dims, indexDims, axis, "gatherElements"));
    TRY(elementCount(dims, "gatherElements"));
    GatherParams p{};
    p.elements = TRY(elementCount(indexDims, "gatherElements"));
    p.rank = static_cast<int>(dims.size());
    std::vector<int64_t> strides = denseStrides(dims);
    for (size_t d = 0; d < dims.size(); ++d) {
        p.indexDims[d] = indexDims[d];
        p.strides[d] = static_cast<int>(d) == axis ? 0 : strides[d];
    }
    p.n = dims[static_cast<size_t>(axis)];
    p.axisStride = strides[static_cast<size_t>(axis)];
    return onePlan("gatherElements",
                   {"GATHER", "T=u8", "U=" + TRY(bytesType(elementBytes)), "I=" + TRY(indexName(indexType))},
                   p.elements, p, gatherPointers(false));
}

Result<KernelPlan> gatherNd(std::span<const int64_t> dims, int batchDims, int64_t tuples, int depth, int elementBytes,
                            DType indexType) {
    TRY(elementCount(dims, "gatherNd"));
    if (batchDims < 0 || depth < 1 || batchDims + depth > static_cast<int>(dims.size()) || tuples < 0)
        return invalidArgument("gatherNd: {} shared dimensions and tuples of {} for {} dimensions", batchDims, depth,
                               dims.size());
    std::vector<int64_t> strides = denseStrides(dims);
    GatherParams p{};
    int64_t batch = 1;
    for (int d = 0; d < batchDims; ++d) batch *= dims[static_cast<size_t>(d)];
    p.batchStride = batchDims > 0 ? strides[static_cast<size_t>(batchDims) - 1] : 0;
    p.depth = depth;
    for (int d = 0; d < depth; ++d) {
        p.dims[d] = dims[static_cast<size_t>(batchDims + d)];
        p.strides[d] = strides[static_cast<size_t>(batchDims + d)];
    }
    p.slice = strides[static_cast<size_t>(batchDims + depth) - 1];
    p.tuples = std::max<int64_t>(tuples, 1);
    p.elements = batch * tuples * p.slice;
    return onePlan("gatherNd",
                   {"GATHER", "T=u8", "U=" + TRY(bytesType(elementBytes)), "I=" + TRY(indexName(indexType))},
                   p.elements, p, gatherPointers(false));
}

namespace {

Result<std::vector<std::string>> scatterDefines(DType type, ScatterReduction reduction, DType indexType) {
    std::string name(typeName(type));
    if (name.empty()) return unsupported("scatter of type {}", lathe::toString(type));
    return std::vector<std::string>{"SCATTER", "U=u8", "T=" + name, "I=" + TRY(indexName(indexType)),
                                    fmt::format("REDUCE={}", static_cast<int>(reduction))};
}

}  // namespace

Result<KernelPlan> scatterElements(DType type, std::span<const int64_t> dims, std::span<const int64_t> indexDims,
                                   int axis, ScatterReduction reduction, DType indexType) {
    TRY(checkAxis(dims, indexDims, axis, "scatterElements"));
    TRY(elementCount(dims, "scatterElements"));
    GatherParams p{};
    int64_t updates = TRY(elementCount(indexDims, "scatterElements"));
    p.rank = static_cast<int>(dims.size());
    p.depth = axis;
    std::vector<int64_t> strides = denseStrides(dims), indexStrides = denseStrides(indexDims);
    for (size_t d = 0; d < dims.size(); ++d) {
        p.indexDims[d] = indexDims[d];
        p.strides[d] = static_cast<int>(d) == axis ? 0 : strides[d];
    }
    size_t a = static_cast<size_t>(axis);
    p.n = dims[a];
    p.axisStride = strides[a];
    p.indexAxisStride = indexStrides[a];
    p.indices = indexDims[a];
    p.lines = updates == 0 ? 0 : reduction == ScatterReduction::kNone ? updates : updates / indexDims[a];
    return onePlan("scatterElements", TRY(scatterDefines(type, reduction, indexType)), p.lines, p,
                   gatherPointers(true));
}

Result<KernelPlan> scatterNd(DType type, std::span<const int64_t> dims, int64_t tuples, int depth,
                             ScatterReduction reduction, DType indexType) {
    TRY(elementCount(dims, "scatterNd"));
    if (depth < 1 || depth > static_cast<int>(dims.size()) || tuples < 0)
        return invalidArgument("scatterNd: {} tuples of {} for {} dimensions", tuples, depth, dims.size());
    GatherParams p{};
    std::vector<int64_t> strides = denseStrides(dims);
    for (int d = 0; d < depth; ++d) {
        p.dims[d] = dims[static_cast<size_t>(d)];
        p.strides[d] = strides[static_cast<size_t>(d)];
    }
    p.depth = depth;
    p.tuples = tuples;
    p.slice = strides[static_cast<size_t>(depth) - 1];
    p.lines = tuples == 0 ? 0 : reduction == ScatterReduction::kNone ? tuples * p.slice : p.slice;
    return onePlan("scatterNd", TRY(scatterDefines(type, reduction, indexType)), p.lines, p, gatherPointers(true));
}

}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/generate.h"

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Result<std::string> unsignedOf(int bytes) {
    switch (bytes) {
        case 1: return std::string("u8");
        case 2: return std::string("u16");
        case 4: return std::string("u32");
        case 8: return std::string("u64");
        default: return unsupported("elements of {} bytes", bytes);
    }
}

Result<std::string> integerName(DType t) {
    if (t == DType::kInt64) return std::string("i64");
    if (t == DType::kInt32) return std::string("i32");
    return unsupported("numbers of type {}", lathe::toString(t));
}

template <class P>
Result<KernelPlan> elementPlan(const char* entry, std::vector<std::string> defines, int64_t items, const P& params,
                               std::vector<PointerAt> pointers) {
    KernelPlan plan;
    if (items == 0) return plan;
    plan.sources.push_back(
        {.name = entry, .entry = entry, .text = composeText("", {"generate.cu"}), .defines = std::move(defines)});
    Launch launch;
    TRY(setGrid(launch, items, 256, entry));
    launch.setParams(params);
    launch.pointers = std::move(pointers);
    plan.launches.push_back(std::move(launch));
    return plan;
}

}  // namespace

Result<KernelPlan> range(DType type, int64_t count) {
    bool floats = isPlainFloat(type);
    if (!floats && type != DType::kInt32 && type != DType::kInt64)
        return unsupported("a range of {}", lathe::toString(type));
    RangeParams p{};
    p.count = count;
    return elementPlan("range", {floats ? "RANGE=2" : "RANGE=1", defineType("T", type)}, count, p,
                       {{offsetof(RangeParams, start), 0, 0},
                        {offsetof(RangeParams, delta), 1, 0},
                        {offsetof(RangeParams, y), kOutput, 0}});
}

Result<KernelPlan> oneHot(int64_t outer, int64_t n, int64_t inner, DType indexType, int elementBytes) {
    if (typeName(indexType).empty() || indexType == DType::kFp8)
        return unsupported("indices of type {}", lathe::toString(indexType));
    int64_t extents[] = {outer, n, inner};
    OneHotParams p{};
    p.elements = TRY(elementCount(extents, "one-hot"));
    p.n = n;
    p.inner = inner;
    return elementPlan("oneHot", {"ONE_HOT", defineType("I", indexType), "U=" + TRY(unsignedOf(elementBytes))},
                       p.elements, p,
                       {{offsetof(OneHotParams, index), 0, 0},
                        {offsetof(OneHotParams, values), 1, 0},
                        {offsetof(OneHotParams, y), kOutput, 0}});
}

Result<KernelPlan> trilu(int64_t count, int64_t rows, int64_t columns, bool upper, std::optional<DType> kType,
                         int elementBytes) {
    int64_t extents[] = {count, rows, columns};
    TriluParams p{};
    p.elements = TRY(elementCount(extents, "trilu"));
    p.rows = rows;
    p.columns = columns;
    std::vector<PointerAt> pointers = {{offsetof(TriluParams, x), 0, 0}, {offsetof(TriluParams, y), kOutput, 0}};
    if (kType) pointers.push_back({offsetof(TriluParams, k), 1, 0});
    return elementPlan("trilu",
                       {"TRILU", fmt::format("UPPER={}", upper ? 1 : 0),
                        "I=" + TRY(integerName(kType.value_or(DType::kInt64))), "U=" + TRY(unsignedOf(elementBytes))},
                       p.elements, p, std::move(pointers));
}

Result<KernelPlan> rotate(const RotateShape& s) {
    if (!isPlainFloat(s.type)) return unsupported("rotary embedding of {}", lathe::toString(s.type));
    if (s.half < 0 || 2 * s.half > s.size)
        return invalidArgument("rotary embedding: {} pairs of {} elements", s.half, s.size);
    int64_t extents[] = {s.batch, s.heads, s.length, s.size};
    RotateParams p{};
    p.elements = TRY(elementCount(extents, "rotary embedding"));
    p.heads = s.heads;
    p.length = s.length;
    p.size = s.size;
    p.half = s.half;
    p.positions = s.positions;
    p.packed = s.packed ? 1 : 0;
    std::vector<PointerAt> pointers = {{offsetof(RotateParams, x), 0, 0},
                                       {offsetof(RotateParams, cosine), 1, 0},
                                       {offsetof(RotateParams, sine), 2, 0},
                                       {offsetof(RotateParams, y), kOutput, 0},
                                       {offsetof(RotateParams, fault), kFault, 0}};
    if (s.ids) pointers.push_back({offsetof(RotateParams, ids), 3, 0});
    return elementPlan(
        "rotate",
        {"ROTATE", defineType("T", s.type), fmt::format("HAS_IDS={}", s.ids ? 1 : 0),
         "I=" + TRY(integerName(s.ids.value_or(DType::kInt64))), fmt::format("INTERLEAVED={}", s.interleaved ? 1 : 0)},
        p.elements, p, std::move(pointers));
}

Result<KernelPlan> slice(const SliceShape& s) {
    size_t rank = s.in.size();
    TRY(elementCount(s.in, "slice"));
    if (s.out.size() != rank || s.starts.size() != rank || s.steps.size() != rank || s.startAt.size() != rank ||
        s.stepAt.size() != rank)
        return invalidArgument("slice: numbers of different lengths for {} dimensions", rank);
    SliceParams p{};
    p.elements = TRY(elementCount(s.out, "slice"));
    std::vector<int64_t> strides = denseStrides(s.in);
    for (size_t d = 0; d < rank; ++d) {
        p.in[d] = s.in[d];
        p.out[d] = s.out[d];
        p.stride[d] = strides[d];
        p.starts[d] = s.starts[d];
        p.steps[d] = s.steps[d];
        p.startAt[d] = s.startAt[d];
        p.stepAt[d] = s.stepAt[d];
        if ((s.startAt[d] >= 0 && !s.startType) || (s.stepAt[d] >= 0 && !s.stepType))
            return invalidArgument("slice: axis {} takes a number from an operand that is not there", d);
    }
    std::vector<PointerAt> pointers = {{offsetof(SliceParams, x), 0, 0},
                                       {offsetof(SliceParams, y), kOutput, 0},
                                       {offsetof(SliceParams, fault), kFault, 0}};
    if (s.startType) pointers.push_back({offsetof(SliceParams, startValues), 1, 0});
    if (s.stepType) pointers.push_back({offsetof(SliceParams, stepValues), 2, 0});
    if (s.fill) pointers.push_back({offsetof(SliceParams, fill), 3, 0});
    return elementPlan(
        "slice",
        {"SLICE", "U=" + TRY(unsignedOf(s.elementBytes)),
         "STARTS=" + TRY(integerName(s.startType.value_or(DType::kInt64))),
         "STEPS=" + TRY(integerName(s.stepType.value_or(DType::kInt64))), fmt::format("ONNX={}", s.fromEnd ? 1 : 0),
         fmt::format("MODE={}", static_cast<int>(s.outside)), fmt::format("RANK={}", rank)},
        p.elements, p, std::move(pointers));
}

Result<KernelPlan> padComputed(std::span<const int64_t> in, std::span<const int64_t> out, std::span<const int> at,
                               DType padsType, PadMode mode, bool hasValue, int elementBytes) {
    if (out.size() != in.size() || at.size() != in.size())
        return invalidArgument("pad: {} and {} numbers for {} dimensions", out.size(), at.size(), in.size());
    TRY(elementCount(in, "pad"));
    ComputedPadParams p{};
    p.elements = TRY(elementCount(out, "pad"));
    std::vector<int64_t> strides = denseStrides(in);
    for (size_t d = 0; d < in.size(); ++d) {
        p.in[d] = in[d];
        p.out[d] = out[d];
        p.stride[d] = strides[d];
        p.at[d] = at[d];
    }
    std::vector<PointerAt> pointers = {{offsetof(ComputedPadParams, x), 0, 0},
                                       {offsetof(ComputedPadParams, pads), 1, 0},
                                       {offsetof(ComputedPadParams, y), kOutput, 0}};
    if (hasValue) pointers.push_back({offsetof(ComputedPadParams, value), 2, 0});
    return elementPlan("padComputed",
                       {"PAD_COMPUTED", "U=" + TRY(unsignedOf(elementBytes)), "I=" + TRY(integerName(padsType)),
                        fmt::format("MODE={}", static_cast<int>(mode)), fmt::format("RANK={}", in.size())},
                       p.elements, p, std::move(pointers));
}

Result<KernelPlan> contract(const ContractShape& s) {
    bool floats = isPlainFloat(s.type);
    if (!floats && s.type != DType::kInt32 && s.type != DType::kInt64)
        return unsupported("products of {}", lathe::toString(s.type));
    size_t inputs = s.strides.size(), no = s.outputDims.size(), ns = s.sumDims.size();
    if (inputs < 1 || inputs > kMaxContracted) return unsupported("a product of {} operands", inputs);
    ContractParams p{};
    p.outputs = TRY(elementCount(s.outputDims, "contraction"));
    p.terms = TRY(elementCount(s.sumDims, "contraction"));
    p.outputRank = static_cast<int>(no);
    p.sumRank = static_cast<int>(ns);
    for (size_t d = 0; d < no; ++d) p.outputDims[d] = s.outputDims[d];
    for (size_t d = 0; d < ns; ++d) p.sumDims[d] = s.sumDims[d];
    std::vector<PointerAt> pointers = {{offsetof(ContractParams, y), kOutput, 0}};
    for (size_t k = 0; k < inputs; ++k) {
        if (s.strides[k].size() != no + ns)
            return invalidArgument("contraction: {} strides for {} axes", s.strides[k].size(), no + ns);
        for (size_t d = 0; d < no; ++d) p.outputStrides[k][d] = s.strides[k][d];
        for (size_t d = 0; d < ns; ++d) p.sumStrides[k][d] = s.strides[k][no + d];
        pointers.push_back(
            {static_cast<uint32_t>(offsetof(ContractParams, in) + k * sizeof(void*)), static_cast<int>(k), 0});
    }
    return elementPlan(
        "contract", {"CONTRACT", defineType("T", s.type), floats ? "A=f32" : "A=u64", fmt::format("INPUTS={}", inputs)},
        p.outputs, p, std::move(pointers));
}

}  // namespace lathe::cuda

// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/order.h"

#include <algorithm>
#include <bit>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Result<TopKParams> paramsOf(const OrderShape& s, const char* what) {
    if (typeName(s.type).empty() || s.type == DType::kFp8)
        return unsupported("{} of type {}", what, lathe::toString(s.type));
    int64_t extents[] = {s.outer, s.n, s.inner};
    TRY(elementCount(extents, what));
    TopKParams p{};
    p.outer = s.outer;
    p.n = s.n;
    p.inner = s.inner;
    return p;
}

Result<std::string> indexDefine(DType t) {
    if (t != DType::kInt32 && t != DType::kInt64) return unsupported("indices of type {}", lathe::toString(t));
    return fmt::format("I={}", typeName(t));
}

}  // namespace

Result<KernelPlan> argExtreme(const OrderShape& s, DType indexType, bool least, bool lastWins) {
    TopKParams p = TRY(paramsOf(s, "arg reduction"));
    int64_t lines = s.outer * s.inner;
    if (lines == 0) return KernelPlan{};
    if (s.n == 0) return invalidArgument("arg reduction of nothing");
    int threads = s.inner == 1 ? 32 : 1;
    KernelPlan plan;
    plan.sources.push_back({.name = "arg_extreme",
                            .entry = "argExtreme",
                            .text = composeText("", {"order.cu"}),
                            .defines = {"ARG", defineType("T", s.type), TRY(indexDefine(indexType)),
                                        fmt::format("LEAST={}", least ? 1 : 0),
                                        fmt::format("LAST={}", lastWins ? 1 : 0), fmt::format("THREADS={}", threads)}});
    Launch launch;
    TRY(setGrid(launch, lines * threads, 256, "arg reduction"));
    launch.setParams(p);
    launch.pointers = {{offsetof(TopKParams, x), 0, 0}, {offsetof(TopKParams, index), kOutput, 0}};
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> topK(const OrderShape& s, int64_t k, DType indexType, bool least, bool values, bool indices) {
    TopKParams p = TRY(paramsOf(s, "top-k"));
    if (k < 0 || k > s.n || s.n >= int64_t{1} << 31) return invalidArgument("top-k: {} of {}", k, s.n);
    int64_t lines = s.outer * s.inner;
    if (lines == 0 || k == 0) return KernelPlan{};
    p.k = k;
    constexpr int64_t kLargest = 4096;
    bool sorted = s.n <= kLargest || k <= kLargest / 2;
    int64_t size =
        std::max<int64_t>(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::min(s.n, kLargest)))), 2);
    KernelPlan plan;
    plan.sources.push_back(
        {.name = sorted ? "top_k.sort" : "top_k.rank",
         .entry = sorted ? "topK" : "topKByRank",
         .text = composeText("", {"order.cu"}),
         .defines = {"TOPK", defineType("T", s.type), TRY(indexDefine(indexType)),
                     fmt::format("LEAST={}", least ? 1 : 0), fmt::format("SIZE={}", sorted ? size : 2)}});
    Launch launch;
    if (sorted) {
        TRY(setGrid(launch, lines, 1, "top-k"));
        launch.block[0] = static_cast<uint32_t>(std::clamp<int64_t>(size / 2, 32, 512));
    } else {
        TRY(setGrid(launch, lines * s.n, 256, "top-k"));
    }
    launch.setParams(p);
    launch.pointers = {{offsetof(TopKParams, x), 0, 0}};
    if (values) launch.pointers.push_back({offsetof(TopKParams, value), kOutput, 0});
    if (indices) launch.pointers.push_back({offsetof(TopKParams, index), kOutput + 1, 0});
    plan.launches.push_back(std::move(launch));
    return plan;
}

namespace {

Result<KernelPlan> cumulative(const OrderShape& s, bool exclusive, bool reverse, bool product) {
    if (s.type == DType::kBool) return unsupported("running sums and products of bool");
    TopKParams p = TRY(paramsOf(s, "running sums"));
    int64_t lines = s.outer * s.inner;
    if (lines == 0 || s.n == 0) return KernelPlan{};
    const char* sum = s.type == DType::kFloat ? "double" : isFloating(s.type) ? "float" : "i64";
    bool rows = s.inner == 1 && !product;
    KernelPlan plan;
    plan.sources.push_back(
        {.name = rows ? "cumsum.rows" : "cumsum.columns",
         .entry = rows ? "cumsumRows" : "cumsumColumns",
         .text = composeText("", {"order.cu"}),
         .defines = {"CUMSUM", defineType("T", s.type), "I=i64", "LEAST=0", fmt::format("SUM_T={}", sum),
                     fmt::format("PRODUCT={}", product ? 1 : 0), fmt::format("EXCLUSIVE={}", exclusive ? 1 : 0),
                     fmt::format("REVERSE={}", reverse ? 1 : 0)}});
    Launch launch;
    TRY(setGrid(launch, lines, rows ? 1 : 256, "running sums"));
    if (rows) launch.block[0] = 256;
    launch.setParams(p);
    launch.pointers = {{offsetof(TopKParams, x), 0, 0}, {offsetof(TopKParams, value), kOutput, 0}};
    plan.launches.push_back(std::move(launch));
    return plan;
}

}  // namespace

Result<KernelPlan> cumulativeSum(const OrderShape& s, bool exclusive, bool reverse) {
    return cumulative(s, exclusive, reverse, false);
}

Result<KernelPlan> cumulativeProduct(const OrderShape& s, bool exclusive, bool reverse) {
    return cumulative(s, exclusive, reverse, true);
}

}  // namespace lathe::cuda

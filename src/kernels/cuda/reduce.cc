// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/reduce.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

struct Steps {
    int gather, finish;
};
Steps stepsOf(ReduceOp op) {
    switch (op) {
        case ReduceOp::kSum: return {0, 0};
        case ReduceOp::kMean: return {0, 1};
        case ReduceOp::kProd: return {1, 0};
        case ReduceOp::kMax: return {2, 0};
        case ReduceOp::kMin: return {3, 0};
        case ReduceOp::kSumSquare: return {4, 0};
        case ReduceOp::kL1: return {5, 0};
        case ReduceOp::kL2: return {4, 2};
        case ReduceOp::kLogSum: return {0, 3};
        case ReduceOp::kLogSumExp: return {6, 0};
    }
    return {0, 0};
}

// Loops of neighbouring dimensions joined; at least one.
struct Side {
    std::vector<int64_t> dims, strides;
    void add(int64_t dim, int64_t stride) {
        if (dim == 1) return;
        if (!dims.empty() && strides.back() == stride * dim) {
            dims.back() *= dim;
            strides.back() = stride;
        } else {
            dims.push_back(dim);
            strides.push_back(stride);
        }
    }
    int finishInto(long long* d, long long* s) {
        if (dims.empty()) dims = {1}, strides = {0};
        std::copy(dims.begin(), dims.end(), d);
        std::copy(strides.begin(), strides.end(), s);
        return static_cast<int>(dims.size());
    }
};

KernelSource sourceOf(Steps s, DType from, const std::string& to, bool integers, bool rows, int v, int threads) {
    KernelSource source;
    source.name = fmt::format("reduce.g{}.{}", s.gather, rows ? "rows" : "columns");
    source.entry = rows ? "reduceRows" : "reduceColumns";
    source.text = composeText("", {"reduce.cu"});
    source.defines = {defineType("T", from),
                      "O=" + to,
                      fmt::format("A={}", integers ? "i64" : "float"),
                      fmt::format("GATHER={}", s.gather),
                      fmt::format("FINISH={}", s.finish),
                      fmt::format("V={}", v),
                      fmt::format("THREADS={}", threads),
                      fmt::format("ROWS={}", threads == 32 ? 4 : 1)};
    return source;
}

}  // namespace

Result<KernelPlan> reduce(ReduceOp op, DType type, std::span<const int64_t> dims, uint32_t axes,
                          const KernelTarget& target) {
    int64_t elements = TRY(elementCount(dims, "reduction"));
    bool floats = isPlainFloat(type);
    if (!floats && !(isInteger(type) && bitsOf(type) >= 8) && type != DType::kBool)
        return unsupported("reduction of type {}", lathe::toString(type));
    if (!floats && (op == ReduceOp::kL2 || op == ReduceOp::kLogSum || op == ReduceOp::kLogSumExp))
        return unsupported("this reduction is for floating-point types, not {}", lathe::toString(type));
    if (type == DType::kBool && op != ReduceOp::kMax && op != ReduceOp::kMin)
        return unsupported("this reduction of bool");
    Side kept, reduced;
    std::vector<int64_t> strides = denseStrides(dims);
    ReduceParams p{};
    p.outputs = p.perOutput = 1;
    for (size_t d = 0; d < dims.size(); ++d) {
        bool isReduced = axes >> d & 1;
        (isReduced ? p.perOutput : p.outputs) *= dims[d];
        (isReduced ? reduced : kept).add(dims[d], strides[d]);
    }
    if (p.outputs == 0) return KernelPlan{};
    if (elements == 0) p.perOutput = 0;
    p.keptRank = kept.finishInto(p.keptDims, p.keptStrides);
    p.reducedRank = reduced.finishInto(p.reducedDims, p.reducedStrides);
    p.meanCount = static_cast<double>(p.perOutput);
    Steps steps = stepsOf(op);
    bool rows = p.reducedStrides[p.reducedRank - 1] == 1 || p.perOutput <= 1;
    bool integers = !floats;
    int v = 1, threads = 32;
    if (rows) {
        int64_t inner = p.reducedDims[p.reducedRank - 1];
        v = commonVector(16 / (bitsOf(type) / 8), {inner});
        for (int d = 0; d < p.keptRank && v > 1; ++d) v = commonVector(v, {p.keptStrides[d]});
        for (int d = 0; d + 1 < p.reducedRank && v > 1; ++d) v = commonVector(v, {p.reducedStrides[d]});
        if (p.perOutput > 32 * 8 * v && p.outputs < int64_t{8} * target.smCount) threads = 256;
    }
    // Few outputs of many elements each: parts of them, joined by a second launch. A part has at least 2048 elements.
    int64_t blocks = rows ? ceilDiv(p.outputs, threads == 32 ? 4 : 1) : ceilDiv(p.outputs, 32);
    int64_t splits = 1;
    if (steps.gather != 6 && blocks < target.smCount)
        splits = std::clamp<int64_t>(
            std::min<int64_t>(ceilDiv(int64_t{2} * target.smCount, blocks), p.perOutput / 2048), 1, 1024);
    p.perSplit = std::max<int64_t>(ceilDiv(p.perOutput, splits), 1);
    p.perSplit = ceilDiv(p.perSplit, v) * v;
    p.splits = std::max<int64_t>(ceilDiv(p.perOutput, p.perSplit), 1);
    bool twice = p.splits > 1;
    KernelPlan plan;
    std::string partial = integers ? "i64" : "f32";
    plan.sources.push_back(sourceOf(twice ? Steps{steps.gather, 0} : steps, type,
                                    twice ? partial : std::string(typeName(type)), integers, rows, v, threads));
    Launch launch;
    if (rows) {
        TRY(setGrid(launch, ceilDiv(p.outputs * p.splits, threads == 32 ? 4 : 1), 1, "reduction"));
        launch.block[0] = threads == 32 ? 128 : static_cast<uint32_t>(threads);
    } else {
        TRY(setGrid(launch, ceilDiv(p.outputs, 32), 1, "reduction"));
        launch.grid[1] = static_cast<uint32_t>(p.splits);
        launch.block[0] = 32;
        launch.block[1] = 8;
    }
    launch.setParams(p);
    launch.pointers = {{offsetof(ReduceParams, x), 0, 0}, {offsetof(ReduceParams, y), twice ? kWorkspace : kOutput, 0}};
    plan.launches.push_back(launch);
    if (!twice) return plan;
    plan.workspaceBytes = p.splits * p.outputs * (integers ? 8 : 4);
    // Partial results are [splits][outputs]; squares and magnitudes have been taken.
    ReduceParams q{};
    q.outputs = p.outputs;
    q.perOutput = q.perSplit = p.splits;
    q.splits = 1;
    q.keptRank = q.reducedRank = 1;
    q.keptDims[0] = p.outputs;
    q.keptStrides[0] = 1;
    q.reducedDims[0] = p.splits;
    q.reducedStrides[0] = p.outputs;
    q.meanCount = p.meanCount;
    int gather = steps.gather >= 4 ? 0 : steps.gather;
    plan.sources.push_back(sourceOf({gather, steps.finish}, integers ? DType::kInt64 : DType::kFloat,
                                    std::string(typeName(type)), integers, false, 1, 32));
    Launch second;
    second.source = 1;
    TRY(setGrid(second, ceilDiv(q.outputs, 32), 1, "reduction"));
    second.block[0] = 32;
    second.block[1] = 8;
    second.setParams(q);
    second.pointers = {{offsetof(ReduceParams, x), kWorkspace, 0}, {offsetof(ReduceParams, y), kOutput, 0}};
    plan.launches.push_back(second);
    return plan;
}

}  // namespace lathe::cuda

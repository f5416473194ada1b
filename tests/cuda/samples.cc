// SPDX-License-Identifier: Apache-2.0
#include "cuda/samples.h"

#include "kernels/cuda/attention.h"
#include "kernels/cuda/conv.h"
#include "kernels/cuda/move.h"
#include "kernels/cuda/order.h"
#include "kernels/cuda/pointwise.h"
#include "kernels/cuda/reduce.h"
#include "kernels/cuda/rows.h"
#include "kernels/cuda/window.h"

namespace lathe::cuda {

using kernels::PointwiseProgram;
using kernels::PwOp;
using kernels::PwType;

std::vector<SamplePlan> samplePlans(const KernelTarget& target) {
    std::vector<SamplePlan> all;
    auto add = [&](std::string name, Result<KernelPlan> plan) { all.push_back({std::move(name), std::move(plan)}); };
    int64_t dims[] = {4, 6, 64};
    std::span<const int64_t> dense(dims);
    // Every operation of every type, a few dozen to a program.
    for (PwType type : {PwType::kF32, PwType::kI32, PwType::kI64}) {
        DType storage = type == PwType::kF32 ? DType::kHalf : type == PwType::kI32 ? DType::kInt32 : DType::kInt64;
        PointwiseProgram p;
        int used = 0, part = 0;
        auto flush = [&] {
            if (used > 0)
                add(fmt::format("pointwise.{}.{}", kernels::toString(type), part++),
                    pointwiseDense(p, dims, std::vector<std::span<const int64_t>>(2, dense)));
            p = PointwiseProgram();
            used = 0;
        };
        int sum = 0;
        for (int o = 1; o < kernels::kPwOpCount; ++o) {
            PwOp op = static_cast<PwOp>(o);
            if (op == PwOp::kSelect || op == PwOp::kFma) continue;
            PointwiseProgram probe;
            int a = probe.input(storage), b = probe.input(storage);
            int r = kernels::pwArity(op) == 1 ? probe.unary(op, a, 0.5f, 2.0f) : probe.binary(op, a, b);
            PwType to = probe.typeOf(r);
            probe.output(r, to == PwType::kF32 ? DType::kFloat : to == PwType::kI32 ? DType::kInt32 : DType::kInt64);
            if (!probe.check().ok()) continue;
            if (used == 0) {
                a = p.input(storage);
                b = p.input(storage);
                sum = a;
            }
            r = kernels::pwArity(op) == 1 ? p.unary(op, 0, 0.5f, 2.0f) : p.binary(op, 0, 1);
            DType stored = p.typeOf(r) == PwType::kF32   ? DType::kFloat
                           : p.typeOf(r) == PwType::kI32 ? DType::kInt32
                                                         : DType::kInt64;
            (void)sum;
            p.output(r, stored);
            if (++used == PointwiseProgram::kMaxOutputs) flush();
        }
        flush();
    }
    for (DType t : {DType::kFp8, DType::kBf16, DType::kBool, DType::kUint8}) {
        PointwiseProgram p;
        int x = p.input(t);
        p.output(p.cast(x, DType::kHalf), DType::kHalf);
        p.output(p.cast(x, t), t);
        add(fmt::format("pointwise.cast.{}", toString(t)),
            pointwiseDense(p, dims, std::vector<std::span<const int64_t>>(1, dense)));
    }
    int perm[] = {0, 2, 1};
    for (int bytes : {1, 2, 4, 8}) add(fmt::format("transpose.{}", bytes), transpose(dims, perm, bytes));
    for (DType t : {DType::kFloat, DType::kHalf, DType::kBf16}) {
        std::string n(toString(t));
        add("softmax." + n, softmax(t, 10, 384, 1, false));
        add("softmax.log." + n, softmax(t, 10, 100000, 1, true));
        add("softmax.columns." + n, softmax(t, 10, 50, 12, false));
        LayerNormShape l{.type = t,
                         .rows = 7,
                         .n = 768,
                         .xStride = 768,
                         .residualStride = 768,
                         .yStride = 768,
                         .sumStride = 768,
                         .residual = true,
                         .sum = true,
                         .affine = t,
                         .scale = true,
                         .bias = true};
        add("layer_norm." + n, layerNorm(l));
        l.rms = true;
        l.n = l.xStride = l.yStride = 50000;
        l.residual = l.sum = l.bias = false;
        add("rms_norm." + n, layerNorm(l));
        GroupNormShape g{.type = t,
                         .batch = 2,
                         .channels = 32,
                         .positions = 49,
                         .groups = 4,
                         .affine = DType::kFloat,
                         .scale = true,
                         .bias = true};
        add("group_norm." + n, groupNorm(g, target));
        g.channelsLast = true;
        add("group_norm.last." + n, groupNorm(g, target));
        ConvShape c{.type = t,
                    .outType = t,
                    .n = 1,
                    .ic = 32,
                    .oc = 32,
                    .groups = 32,
                    .in = {1, 14, 14},
                    .kernel = {1, 3, 3},
                    .padBefore = {0, 1, 1},
                    .padAfter = {0, 1, 1}};
        add("depthwise." + n, depthwise(c, {.bias = t, .activation = kernels::Activation::kHardSwish}));
        AttentionShape a{.type = t,
                         .heads = 2,
                         .queries = 40,
                         .keys = 70,
                         .headDim = 64,
                         .valueDim = 64,
                         .q = {5120, 64, 128},
                         .k = {8960, 64, 128},
                         .v = {8960, 64, 128},
                         .out = {5120, 64, 128},
                         .mask = t,
                         .maskStrides = {0, 0, 70, 1},
                         .causal = true};
        add("attention.plain." + n, attentionPlain(a));
        if (target.sm >= 80 && t != DType::kFloat) {
            add("attention." + n, attention(a, target));
            a.headDim = a.valueDim = 128;
            a.mask = DType::kBool;
            add("attention.128." + n, attention(a, target));
            if (target.sm == 90) add("attention.wgmma." + n, attentionWgmma(a, target));
        }
    }
    for (ReduceOp op : {ReduceOp::kSum, ReduceOp::kMean, ReduceOp::kProd, ReduceOp::kMax, ReduceOp::kMin,
                        ReduceOp::kSumSquare, ReduceOp::kL1, ReduceOp::kL2, ReduceOp::kLogSum, ReduceOp::kLogSumExp})
        for (uint32_t axes : {4u, 1u})
            add(fmt::format("reduce.{}.{}", static_cast<int>(op), axes), reduce(op, DType::kHalf, dims, axes, target));
    int64_t tall[] = {4, 100000};
    add("reduce.split", reduce(ReduceOp::kMean, DType::kInt8, tall, 2, target));
    int64_t one[] = {1, 1, 1};
    for (PadMode mode : {PadMode::kConstant, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap})
        add(fmt::format("pad.{}", static_cast<int>(mode)), pad(dims, one, one, mode, mode == PadMode::kConstant, 2));
    for (int bytes : {1, 2, 4})
        add(fmt::format("regroup.{}", bytes),
            regroup({.outer = 2, .channels = 5, .inner = 6, .fromGroups = 5, .toWidth = 8}, bytes));
    add("gather", gather({.n = 5, .inner = 3, .indices = 7}));
    add("gather.elements", gatherElements(dims, dims, 1, 4, DType::kInt32));
    add("gather.nd", gatherNd(dims, 1, 5, 2, 2, DType::kInt64));
    for (ScatterReduction r : {ScatterReduction::kNone, ScatterReduction::kAdd, ScatterReduction::kMul,
                               ScatterReduction::kMax, ScatterReduction::kMin})
        for (DType t : {DType::kFloat, DType::kHalf, DType::kInt8}) {
            add(fmt::format("scatter.elements.{}.{}", static_cast<int>(r), toString(t)),
                scatterElements(t, dims, dims, 1, r, DType::kInt64));
            add(fmt::format("scatter.nd.{}.{}", static_cast<int>(r), toString(t)),
                scatterNd(t, dims, 5, 2, r, DType::kInt32));
        }
    for (DType t : {DType::kFloat, DType::kHalf, DType::kInt8}) {
        PoolShape s{
            .type = t, .vector = 16, .in = {1, 8, 8}, .out = {1, 4, 4}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}};
        add("pool.max", pool(s));
        s.kind = PoolShape::Kind::kAverage;
        s.weight = 0.5f;
        add("pool.average", pool(s));
        ResizeShape r{.type = t, .vector = 16, .in = {1, 8, 8}, .out = {1, 16, 16}, .taps = {1, 2, 2}};
        add("resize", resize(r));
        add("arg", argExtreme({t, 3, 100, 1}, DType::kInt64, false, false));
        add("arg.columns", argExtreme({t, 3, 100, 5}, DType::kInt32, true, true));
        add("top_k", topK({t, 3, 1000, 1}, 10, DType::kInt32, false, true, true));
        add("top_k.rank", topK({t, 3, 10000, 1}, 5000, DType::kInt64, true, true, true));
        add("cumsum.rows", cumulativeSum({t, 3, 1000, 1}, true, false));
        add("cumsum.columns", cumulativeSum({t, 3, 100, 7}, false, true));
    }
    // Every tile, with types and forms by turns.
    Epilogue e{.scale = DType::kFloat,
               .bias = DType::kHalf,
               .residual = DType::kHalf,
               .activation = kernels::Activation::kGeluErf};
    for (int tile = 0; tile < static_cast<int>(gemmTiles().size()); ++tile) {
        const GemmTile& t = gemmTiles()[static_cast<size_t>(tile)];
        bool mma = t.kernel == GemmKernel::kMma, wgmma = t.kernel == GemmKernel::kWgmma;
        if ((mma && target.sm < 80) || (wgmma && target.sm != 90)) continue;
        for (DType type : {DType::kHalf, DType::kBf16, DType::kFloat}) {
            if (wgmma && type == DType::kFloat) continue;
            GemmShape s{.type = type,
                        .outType = type,
                        .m = 1000,
                        .n = 512,
                        .k = 256,
                        .transB = tile % 2 == 0 || wgmma,
                        .ldb = 0,
                        .ldc = 512,
                        .ldr = 512};
            s.lda = s.k;
            s.ldb = s.transB ? s.k : s.n;
            Result<KernelPlan> plan = gemm(s, e, tile, tile % 3 == 0 ? 2 : 1, target);
            // A GPU with less shared memory has fewer tiles.
            if (!plan.ok() && plan.status().message().find("shared memory") != std::string::npos) continue;
            add(fmt::format("gemm.{}.{}", tile, toString(type)), std::move(plan));
        }
        if (tile % 3 == 1) {
            ConvShape c{.n = 2,
                        .ic = 64,
                        .oc = 64,
                        .in = {1, 14, 14},
                        .kernel = {1, 3, 3},
                        .padBefore = {0, 1, 1},
                        .padAfter = {0, 1, 1}};
            Result<KernelPlan> plan =
                conv(c, {.bias = DType::kHalf, .activation = kernels::Activation::kRelu}, tile, 1, target);
            if (!plan.ok() && plan.status().message().find("shared memory") != std::string::npos) continue;
            add(fmt::format("conv.{}", tile), std::move(plan));
        }
    }
    return all;
}

}  // namespace lathe::cuda

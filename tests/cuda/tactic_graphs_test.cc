// SPDX-License-Identifier: Apache-2.0
// CUDA tactics in graphs of more than one node: what they take along at the end of a kernel, and what they read in
// place.
#include "cuda/cuda_testing.h"
#include "exec/exec_testing.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "tactics/cuda/preparation.h"

namespace lathe::cuda {
namespace {

namespace testing = exec::testing;

// Graphs of elements of type {0}, and the tactic that must bind in each with more than one node.
struct Case {
    const char* tactic;
    const char* text;
};
constexpr Case kCases[] = {
    {"cuda.matmul.gemm.v1", R"(graph "linear" (%x: {0}[50, 96], %r: {0}[50, 40]) {{
  const %w = {0}[96, 40] random 3
  const %b = {0}[40] random 4
  %y = matmul(%x, %w)
  %z = binary(%y, %b) kind=add
  %s = binary(%z, %r) kind=add
  %g = unary(%s) kind=gelu_erf
  return %g
}})"},
    {"cuda.matmul.gemm.v1", R"(graph "residual after" (%x: {0}[2, 30, 64], %r: {0}[2, 30, 24]) {{
  const %w = {0}[24, 64] random 3
  const %b = {0}[1] [0.5]
  %y = matmul(%x, %w) transpose_b=true
  %z = binary(%b, %y) kind=add
  %g = unary(%z) kind=relu
  %s = binary(%r, %g) kind=add
  return %s
}})"},
    {"cuda.matmul.gemm.v1", R"(graph "cast" (%x: {0}[40, 64]) {{
  const %w = {0}[64, 33] random 3
  const %b = {0}[33] random 4
  %y = matmul(%x, %w)
  %z = binary(%y, %b) kind=add
  %f = cast(%z) to=f32
  return %f
}})"},
    {"cuda.gemm.product.v1", R"(graph "gemm" (%x: {0}[30, 64], %r: {0}[30, 24]) {{
  const %w = {0}[64, 24] random 3
  const %c = {0}[24] random 4
  %y = gemm(%x, %w, %c) alpha=0.5 beta=2
  %g = unary(%y) kind=silu alpha=1
  %s = binary(%g, %r) kind=add
  return %s
}})"},
    {"cuda.attention.flash.v1", R"(graph "one projection" (%x: {0}[2, 77, 192], %m: {0}[2, 1, 1, 77]) {{
  %q, %k, %v = split(%x) axis=2
  const %shape = i64[4] [2, 77, 2, 32]
  %q4 = reshape(%q, %shape)
  %k4 = reshape(%k, %shape)
  %v4 = reshape(%v, %shape)
  %qt = transpose(%q4) perm=[0, 2, 1, 3]
  %kt = transpose(%k4) perm=[0, 2, 1, 3]
  %vt = transpose(%v4) perm=[0, 2, 1, 3]
  %a = attention(%qt, %kt, %vt, %m)
  %y = transpose(%a) perm=[0, 2, 1, 3]
  return %y
}})"},
    {"cuda.layer_norm.rows.v1", R"(graph "sum" (%x: {0}[3, 50, 96], %r: {0}[3, 50, 96]) {{
  const %s = {0}[96] random 3
  const %b = {0}[96] random 4
  %a = binary(%x, %r) kind=add
  %y = layer_norm(%a, %s, %b) axis=-1
  %z = binary(%y, %a) kind=add
  return %z
}})"},
    {"cuda.any.pointwise.v1", R"(graph "image" (%x: {0}[2, 8, 5, 7], %r: {0}[1, 8, 1, 1], %q: {0}[2, 8, 5, 7]) {{
  const %b = {0}[8, 1, 1] random 4
  %a = binary(%x, %r) kind=mul
  %c = binary(%a, %b) kind=add
  %y = unary(%c) kind=silu alpha=1
  %z = binary(%y, %q) kind=add
  return %z, %c
}})"},
};

template <class F>
void forEachCase(F&& visit) {
    for (const Case& c : kCases)
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16}) {
            auto graph = ir::parse(fmt::format(fmt::runtime(c.text), toString(type)), ops::find);
            ASSERT_TRUE(graph.ok()) << graph.status().toString();
            visit(c, type, **graph);
        }
}

TEST(CudaTacticGraphs, TakeNeighboursAlong) {
    auto target = exec::absentGpuTarget(90);
    ASSERT_TRUE(target.ok());
    forEachCase([&](const Case& c, DType type, const ir::Graph& graph) {
        auto inputs = testing::randomInputs(graph, 7);
        testing::FixedShapes shapes(graph, testing::tensorsOf(inputs), *target);
        const tactics::Tactic* tactic = tactics::find(c.tactic);
        ASSERT_NE(tactic, nullptr) << c.tactic;
        size_t most = 0;
        for (const auto& node : graph.body().nodes()) {
            std::string_view anchor = tactic->anchor();
            if (anchor != "*" && anchor != node->op().name()) continue;
            for (const auto& candidate : tactic->bind(*node, shapes).candidates)
                most = std::max(most, candidate.binding.nodes.size());
        }
        EXPECT_GT(most, 1u) << c.tactic << " in " << graph.name << " of " << toString(type);
    });
}

TEST(GpuTacticGraphs, GiveWhatTheInterpreterGives) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    testing::Machine machine{exec::gpuTarget(*rig.gpu), rig.gpu, false};
    auto each = [&](auto&& visit) {
        forEachCase([&](const Case&, DType type, const ir::Graph& graph) {
            auto inputs = testing::randomInputs(graph, 7);
            for (const tactics::Tactic* t : tactics::all())
                if (tactics::backendOf(*t) == tactics::Target::Backend::kCuda)
                    visit(graph, *t, testing::tensorsOf(inputs), fmt::format("{} in {}", graph.name, toString(type)),
                          type);
        });
    };
    std::vector<KernelPlan> plans;
    each([&](const ir::Graph& g, const tactics::Tactic& t, std::vector<ir::Tensor> inputs, const std::string& where,
             DType) { testing::planTactic(g, t, inputs, where, machine.target, plans); });
    compileAhead(plans, rig.gpu->info().sm);
    each([&](const ir::Graph& g, const tactics::Tactic& t, std::vector<ir::Tensor> inputs, const std::string& where,
             DType type) {
        // The interpreter rounds after every node, a kernel once.
        exec::Tolerance allowed{.reduction = 96, .factor = 4};
        if (type != DType::kFloat) allowed.ofLargest = 4 * exec::epsilonOf(type);
        testing::compareTactic(g, t, inputs, allowed, where, machine);
    });
}

}  // namespace
}  // namespace lathe::cuda

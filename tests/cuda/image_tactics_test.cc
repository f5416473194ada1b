// SPDX-License-Identifier: Apache-2.0
// CUDA tactics over images that cover several nodes: planned where there is no GPU, compared with the reference where
// there is one.
#include "cuda/cuda_testing.h"
#include "exec/exec_testing.h"
#include "ir/text.h"
#include "ops/registry.h"

namespace lathe::cuda {
namespace {

namespace testing = exec::testing;

struct ImageCase {
    const char* tactic;
    size_t nodes;  // that some candidate covers
    int64_t reduction;
    const char* text;
};

const ImageCase kImageCases[] = {
    {"cuda.conv.nhwc.v1", 3, 288, R"(graph "residual" (%x: f16[2, 32, 9, 11], %r: f16[2, 48, 9, 11]) {
  const %w = f16[48, 32, 3, 3] random 1
  const %b = f16[48] random 2
  %c = conv(%x, %w, %b) pads=[1, 1, 1, 1] @"conv"
  %s = binary(%c, %r) kind=add @"add"
  %y = unary(%s) kind=relu @"relu"
  return %y
})"},
    {"cuda.conv.nhwc.v1", 3, 64, R"(graph "after" (%x: bf16[1, 64, 7, 6], %r: bf16[1, 24, 7, 6]) {
  const %w = bf16[24, 64, 1, 1] random 1
  %c = conv(%x, %w) @"conv"
  %s = unary(%c) kind=leaky_relu alpha=0.1 @"act"
  %y = binary(%r, %s) kind=add @"add"
  return %y
})"},
    {"cuda.conv.nhwc.v1", 3, 27, R"(graph "stem" (%x: f16[1, 3, 20, 22]) {
  const %w = f16[16, 3, 3, 3] random 1
  const %b = f16[1, 16, 1, 1] random 2
  %c = conv(%x, %w) strides=[2, 2] pads=[1, 1, 1, 1] @"conv"
  %s = binary(%c, %b) kind=add @"bias"
  %y = unary(%s) kind=silu alpha=1.0 @"silu"
  return %y
})"},
    {"cuda.conv.nhwc.v1", 3, 25, R"(graph "depthwise" (%x: f16[2, 40, 9, 10], %r: f16[2, 40, 9, 10]) {
  const %w = f16[40, 1, 5, 5] random 1
  const %b = f16[40] random 2
  %c = conv(%x, %w, %b) pads=[2, 2, 2, 2] group=40 @"conv"
  %s = unary(%c) kind=hard_swish @"act"
  %y = binary(%s, %r) kind=add @"add"
  return %y
})"},
    {"cuda.conv.nhwc.v1", 2, 144, R"(graph "groups" (%x: f16[2, 64, 9, 10]) {
  const %w = f16[96, 16, 3, 3] random 1
  const %b = f16[96] random 2
  %c = conv(%x, %w, %b) pads=[1, 1, 1, 1] dilations=[1, 1] group=4 @"conv"
  %y = unary(%c) kind=relu @"relu"
  return %y
})"},
    {"cuda.conv.nhwc.v1", 2, 2304, R"(graph "deep" (%x: f16[1, 256, 7, 7]) {
  const %w = f16[256, 256, 3, 3] random 1
  const %b = f16[256] random 2
  %c = conv(%x, %w, %b) pads=[1, 1, 1, 1] @"conv"
  %y = unary(%c) kind=relu @"relu"
  return %y
})"},
    {"cuda.deconv.columns.v1", 3, 288, R"(graph "deconv" (%x: f16[2, 32, 5, 6], %r: f16[2, 24, 10, 12]) {
  const %w = f16[32, 24, 3, 3] random 1
  const %b = f16[24] random 2
  %c = deconv(%x, %w, %b) strides=[2, 2] pads=[1, 1, 1, 1] output_padding=[1, 1] @"deconv"
  %s = binary(%c, %r) kind=add @"add"
  %y = unary(%s) kind=relu @"relu"
  return %y
})"},
};

template <class F>
void forEachImageCase(F&& visit) {
    for (const ImageCase& c : kImageCases) {
        auto graph = ir::parse(c.text, ops::find);
        ASSERT_TRUE(graph.ok()) << graph.status().toString();
        const tactics::Tactic* tactic = tactics::find(c.tactic);
        ASSERT_NE(tactic, nullptr) << c.tactic;
        auto inputs = testing::randomInputs(**graph, 7);
        visit(c, **graph, *tactic, testing::tensorsOf(inputs));
    }
}

TEST(CudaImageTactics, CoverTheirNeighbours) {
    auto target = exec::absentGpuTarget(90);
    ASSERT_TRUE(target.ok()) << target.status().toString();
    forEachImageCase([&](const ImageCase& c, const ir::Graph& graph, const tactics::Tactic& tactic,
                         const std::vector<ir::Tensor>& inputs) {
        std::vector<KernelPlan> plans;
        EXPECT_GT(testing::planTactic(graph, tactic, inputs, graph.name, *target, plans).candidates, 0) << graph.name;
        testing::FixedShapes shapes(graph, inputs, *target);
        size_t most = 0;
        for (const auto& n : graph.body().nodes())
            if (std::strcmp(n->op().name(), tactic.anchor()) == 0)
                for (const tactics::Candidate& k : tactic.bind(*n, shapes).candidates)
                    most = std::max(most, k.binding.nodes.size());
        EXPECT_EQ(most, c.nodes) << graph.name;
    });
}

TEST(GpuImageTactics, GiveWhatTheReferenceGives) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    testing::Machine machine{exec::gpuTarget(*rig.gpu), rig.gpu};
    std::vector<KernelPlan> plans;
    forEachImageCase([&](const ImageCase&, const ir::Graph& graph, const tactics::Tactic& tactic,
                         const std::vector<ir::Tensor>& inputs) {
        testing::planTactic(graph, tactic, inputs, graph.name, machine.target, plans);
    });
    compileAhead(plans, rig.gpu->info().sm);
    forEachImageCase([&](const ImageCase& c, const ir::Graph& graph, const tactics::Tactic& tactic,
                         const std::vector<ir::Tensor>& inputs) {
        // What steps of their own would round before a sum that nearly cancels, an epilogue does not.
        testing::compareTactic(graph, tactic, inputs, {.reduction = c.reduction, .factor = 16}, graph.name, machine);
    });
}

}  // namespace
}  // namespace lathe::cuda

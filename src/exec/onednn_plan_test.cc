// SPDX-License-Identifier: Apache-2.0
// Plans that call oneDNN: they name its version, and are refused where it is not there.
#include <gtest/gtest.h>

#include "exec/exec_testing.h"
#include "ir/text.h"
#include "kernels/cpu/onednn.h"
#include "ops/registry.h"
#include "plan/format.h"
#include "plan/plan_testing.h"

namespace lathe::exec {
namespace {

constexpr const char* kProduct = R"(graph "g" (%x: f32[64, 48]) {
  const %w = f32[48, 64] random 3
  %y = matmul(%x, %w)
  return %y
})";

// The plan of kProduct with its product by oneDNN.
std::unique_ptr<plan::Plan> planByOneDnn() {
    auto graph = ir::parse(kProduct, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    auto plan = plan::testing::makePlan(graph.take(), 0);
    plan::Program& program = *plan->programs[0];
    program.target = buildTarget();
    auto inputs = testing::randomInputs(*program.graph, 5);
    testing::FixedShapes shapes(*program.graph, testing::tensorsOf(inputs));
    auto bound = tactics::find("cpu.matmul.onednn.v1")->bind(*program.graph->body().nodes()[0], shapes);
    EXPECT_FALSE(bound.candidates.empty()) << ::testing::PrintToString(bound.refusals);
    if (bound.candidates.empty()) return nullptr;
    program.steps[0].binding = bound.candidates[0].binding;
    return plan;
}

Result<std::unique_ptr<plan::Plan>> readBack(const plan::Plan& plan) {
    auto bytes = std::make_shared<std::vector<std::byte>>(TRY(plan::write(plan)));
    return plan::read(*bytes, bytes, {.verifyAll = true});
}

TEST(OneDnnPlan, IsReadWhereTheSameVersionIs) {
    if (cpu::onednn::version().empty()) GTEST_SKIP() << cpu::onednn::absence();
    auto plan = planByOneDnn();
    ASSERT_NE(plan, nullptr);
    auto again = readBack(*plan);
    ASSERT_TRUE(again.ok()) << again.status().toString();
    EXPECT_EQ((*again)->programs[0]->target.onednn, cpu::onednn::version());
    EXPECT_STREQ((*again)->programs[0]->steps[0].binding.tactic->id(), "cpu.matmul.onednn.v1");
}

TEST(OneDnnPlan, IsRefusedWhereItIsNot) {
    if (cpu::onednn::version().empty()) GTEST_SKIP() << cpu::onednn::absence();
    auto plan = planByOneDnn();
    ASSERT_NE(plan, nullptr);
    plan->programs[0]->target.onednn = "99.1.0";
    auto again = readBack(*plan);
    ASSERT_FALSE(again.ok());
    EXPECT_THAT(again.status().message(), ::testing::HasSubstr("needs oneDNN 99.1.0"));
    EXPECT_THAT(again.status().message(), ::testing::HasSubstr("build the engine again"));
}

TEST(OneDnnPlan, TacticsSayWhyTheyRefuse) {
    class Shapes final : public tactics::BindContext {
      public:
        const tactics::Target& target() const override { return target_; }
        ir::Dims minDims(const ir::Value&) const override { return {64, 48}; }
        ir::Dims optDims(const ir::Value&) const override { return {64, 48}; }
        ir::Dims maxDims(const ir::Value&) const override { return {64, 48}; }
        bool relaxed() const override { return true; }

      private:
        tactics::Target target_ = localTarget();
    };
    auto graph = ir::parse(kProduct, ops::find);
    ASSERT_TRUE(graph.ok());
    auto r = tactics::find("cpu.matmul.onednn.v1")->bind(*(*graph)->body().nodes()[0], Shapes());
    EXPECT_TRUE(r.candidates.empty());
    EXPECT_THAT(r.refusals, ::testing::ElementsAre(::testing::HasSubstr("oneDNN")));
}

}  // namespace
}  // namespace lathe::exec

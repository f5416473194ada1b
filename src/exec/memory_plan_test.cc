// SPDX-License-Identifier: Apache-2.0
#include "exec/memory_plan.h"

#include <gtest/gtest.h>

#include <random>

#include "exec/exec_testing.h"
#include "ir/infer.h"
#include "ops/ops_testing.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

void expectApart(const std::vector<Lifetime>& blocks, int64_t total) {
    for (size_t i = 0; i < blocks.size(); ++i) {
        EXPECT_EQ(blocks[i].offset % 64, 0);
        EXPECT_LE(blocks[i].offset + blocks[i].bytes, total);
        for (size_t k = 0; k < i; ++k) {
            const Lifetime &a = blocks[i], &b = blocks[k];
            if (a.last < b.first || b.last < a.first || a.bytes == 0 || b.bytes == 0) continue;
            EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset) << i << " and " << k;
        }
    }
}

TEST(PlaceInArena, NeverOverlapsInTimeAndSpace) {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<Lifetime> blocks;
        for (int i = 0; i < 60; ++i) {
            int first = static_cast<int>(random() % 40);
            blocks.push_back(
                {static_cast<int64_t>(random() % 5000), first, first + static_cast<int>(random() % 10), -1});
        }
        auto total = placeInArena(blocks);
        ASSERT_TRUE(total.ok());
        expectApart(blocks, *total);
    }
}

TEST(PlaceInArena, ReusesMemoryOfTheDead) {
    std::vector<Lifetime> chain;
    for (int i = 0; i < 10; ++i) chain.push_back({1000, i, i + 1, -1});
    auto total = placeInArena(chain);
    ASSERT_TRUE(total.ok());
    EXPECT_EQ(*total, 2 * 1024);
}

TEST(PlaceInArena, RefusesSizesThatCannotBe) {
    std::vector<Lifetime> negative{{-1, 0, 0, 0}}, huge{{INT64_MAX - 5, 0, 0, 0}};
    EXPECT_FALSE(placeInArena(negative).ok());
    EXPECT_FALSE(placeInArena(huge).ok());
    std::vector<Lifetime> sum(40, Lifetime{int64_t{1} << 47, 0, 0, 0});
    EXPECT_FALSE(placeInArena(sum).ok());
}

// x -> relu -> exp -> softmax, where the middle may be computed in place once a tactic says so.
std::unique_ptr<ir::Graph> chain() {
    auto g = std::make_unique<ir::Graph>();
    ir::Value* v = g->body().addParameter({DType::kFloat, {4, 16}}, "x");
    for (const char* kind : {"kind=relu", "kind=exp", "kind=sin"}) {
        const ir::Op* op = ops::find("unary");
        auto attrs = op->makeAttrs();
        EXPECT_TRUE(ir::parseAttrs(*attrs, kind).ok());
        v = g->body().append(*op, std::move(attrs), {v}, 1, kind)->output();
    }
    g->body().addResult(v);
    EXPECT_TRUE(ir::inferGraph(*g).ok());
    return g;
}

TEST(MemoryPlan, ResultsGoToTheCallerDirectly) {
    auto program = testing::makeProgram(chain());
    auto flat = FlatProgram::create(*program);
    ASSERT_TRUE(flat.ok()) << flat.status().toString();
    auto plan = MemoryPlan::create(**flat, ir::SymbolValues());
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    EXPECT_EQ(plan->copied, std::vector<bool>{false});
    EXPECT_EQ(plan->arenaBytes, 2 * 256);
}

TEST(MemoryPlan, InPlaceAndAliasesShareABuffer) {
    auto program = testing::makeProgram(chain());
    program->steps[1].binding.inPlace = {{0, 0}};
    program->steps[2].binding.inPlace = {{0, 0}};
    auto flat = FlatProgram::create(*program);
    auto plan = MemoryPlan::create(**flat, ir::SymbolValues());
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    // relu writes to the caller's result, the rest works there.
    EXPECT_EQ(plan->arenaBytes, 0);
    EXPECT_EQ(plan->buffers.size(), 2u);
    // An input of the caller is never overwritten.
    program->steps[0].binding.inPlace = {{0, 0}};
    flat = FlatProgram::create(*program);
    plan = MemoryPlan::create(**flat, ir::SymbolValues());
    EXPECT_EQ(plan->buffers.size(), 2u);
}

TEST(MemoryPlan, NothingIsOverwrittenThatIsReadLater) {
    auto graph = chain();
    graph->body().addResult(graph->body().nodes()[0]->output());
    auto program = testing::makeProgram(std::move(graph));
    program->steps[1].binding.inPlace = {{0, 0}};
    auto flat = FlatProgram::create(*program);
    auto plan = MemoryPlan::create(**flat, ir::SymbolValues());
    ASSERT_TRUE(plan.ok());
    const ir::Node &a = *program->graph->body().nodes()[0], &b = *program->graph->body().nodes()[1];
    EXPECT_NE(plan->bufferOf[static_cast<size_t>(a.output()->id())],
              plan->bufferOf[static_cast<size_t>(b.output()->id())]);
}

}  // namespace
}  // namespace lathe::exec

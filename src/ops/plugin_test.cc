// SPDX-License-Identifier: Apache-2.0
#include "ops/plugin.h"

#include "ir/infer.h"
#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using ::testing::HasSubstr;

PluginAttrs attrsOf(std::vector<int64_t> ranks, std::string shapes, std::vector<int64_t> types = {0}) {
    PluginAttrs a;
    a.type = "P";
    a.version = "1";
    a.ranks = std::move(ranks);
    a.shapes = std::move(shapes);
    a.outputTypes = std::move(types);
    return a;
}

TEST(Plugin, ShapesAreReadAsTheyAreWritten) {
    PluginAttrs a = attrsOf({2, 1}, "s0 + 1|7;;s2*2|s3", {0, 3, 0});
    a.sizes = {1};
    a.bounds = "s0*s1";
    auto shapes = parsePluginShapes(a);
    ASSERT_TRUE(shapes.ok()) << shapes.status().toString();
    EXPECT_EQ(shapes->symbols, 3);
    ASSERT_EQ(shapes->outputs.size(), 3u);
    EXPECT_EQ(shapes->outputs[0], (ir::Shape{Dim::symbol(0) + 1, 7}));
    EXPECT_TRUE(shapes->outputs[1].empty());
    EXPECT_EQ(shapes->outputs[2][1], Dim::symbol(3));  // the size tensor
    PluginAttrs again = attrsOf({2, 1}, "", {0, 3, 0});
    printPluginShapes(*shapes, again);
    EXPECT_EQ(again.shapes, a.shapes);
    EXPECT_EQ(again.bounds, a.bounds);
}

// What a damaged plan may hold.
TEST(Plugin, MalformedAttributesAreErrors) {
    auto error = [](PluginAttrs a) {
        auto r = parsePluginShapes(a);
        return r.ok() ? std::string("none") : r.status().message();
    };
    EXPECT_THAT(error(attrsOf({1}, "s1")), HasSubstr("symbol 1 of 1"));
    EXPECT_THAT(error(attrsOf({1}, "s0|")), HasSubstr("shapes"));
    EXPECT_THAT(error(attrsOf({1}, "s0;s0")), HasSubstr("2 shapes for 1 outputs"));
    EXPECT_THAT(error(attrsOf({99}, "s0")), HasSubstr("rank 99"));
    EXPECT_THAT(error(attrsOf({1}, "s0", {77})), HasSubstr("type 77"));
    EXPECT_THAT(error(attrsOf({1}, "", {})), HasSubstr("no outputs"));
    EXPECT_THAT(error(attrsOf({1}, "1|1|1|1|1|1|1|1|1")), HasSubstr("rank 9"));
    PluginAttrs sizes = attrsOf({1}, "s1", {0});
    sizes.sizes = {0};
    EXPECT_THAT(error(sizes), HasSubstr("bounds"));
    sizes.bounds = "s0";
    EXPECT_THAT(error(sizes), HasSubstr("no scalar"));
    sizes.sizes = {5};
    EXPECT_THAT(error(sizes), HasSubstr("output 5"));
}

TEST(Plugin, InfersFromWhatThePluginSaid) {
    ir::Graph graph;
    ir::SymbolInfo info;
    ir::SymbolId n = graph.addSymbol(info);
    ir::Value* x = graph.body().addParameter({DType::kFloat, {Dim::symbol(n), 4}}, "x");
    graph.symbols()[static_cast<size_t>(n)].value = x;
    auto a = std::make_unique<PluginAttrs>(attrsOf({2}, "s0*2|s1;;s2|s1", {0, 3, 0}));
    a->sizes = {1};
    a->bounds = "s0*s1";
    a->aliases = {-1, -1, -1};
    ir::Node* node = graph.body().append(*op_plugin, std::move(a), {x}, 3, "p");
    Status s = ir::inferNode(*node);
    ASSERT_TRUE(s.ok()) << s.toString();
    EXPECT_EQ(node->output(0)->shape(), (ir::Shape{Dim::symbol(n) * 2, 4}));
    EXPECT_EQ(node->output(1)->dtype(), DType::kInt32);
    ir::SymbolId found = node->output(2)->shape()[0].asSymbol();
    ASSERT_GE(found, 0);
    ir::SymbolValues three(graph.symbols().size());
    three.set(n, 3);
    EXPECT_EQ(*graph.symbols()[static_cast<size_t>(found)].upperBound.eval(three), 12);
    // Nobody else can compute it, and shared memory is for equal tensors.
    EXPECT_EQ(op_plugin->mustAlias(*node, 0), -1);
    node->attrs<PluginAttrs>().aliases = {0, -1, -1};
    EXPECT_THAT(ir::inferNode(*node).message(), HasSubstr("whose memory it shares"));
    EXPECT_FALSE(pluginTimingText(*node));
    ir::Value* flat = graph.body().addParameter({DType::kFloat, {4}}, "flat");
    node->setInput(0, flat);
    EXPECT_THAT(ir::inferNode(*node).message(), HasSubstr("plugin 'P', version '1'"));
}

}  // namespace
}  // namespace lathe::ops

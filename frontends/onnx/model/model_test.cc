// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/model.h"

#include <gtest/gtest.h>

namespace lathe::onnx {
namespace {

TEST(Model, HostileNamesArePrintedSafely) {
    EXPECT_EQ(inQuotes("conv1/é"), "'conv1/é'");
    EXPECT_EQ(inQuotes(std::string_view("a\0\n\x1b[31m", 8)), "'a\\x00\\x0a\\x1b[31m'");
    EXPECT_EQ(inQuotes(std::string(500, 'x')), "'" + std::string(120, 'x') + "...'");
}

TEST(Model, NodesAreDescribed) {
    Node node;
    EXPECT_EQ(describe(node, 3), "node[3]");
    node.opType = std::string("Conv");
    EXPECT_EQ(describe(node, 3), "node[3] (Conv)");
    node.name = std::string("conv1");
    node.domain = std::string("com.microsoft");
    EXPECT_EQ(describe(node, 12), "node[12] 'conv1' (com.microsoft.Conv)");
}

TEST(Model, TypesAreDescribed) {
    Type tensor;
    EXPECT_EQ(toString(tensor), "none");
    tensor.kind = Type::Kind::kTensor;
    tensor.elemType = DataType::kFloat;
    EXPECT_EQ(toString(tensor), "FLOAT[...]");
    tensor.shape = {{{}, "batch", ""}, {3, "", ""}, {{}, "", ""}};
    EXPECT_EQ(toString(tensor), "FLOAT[batch,3,?]");
    Type map;
    map.kind = Type::Kind::kMap;
    map.elemType = DataType::kInt64;
    map.element = {tensor};
    Type sequence;
    sequence.kind = Type::Kind::kSequence;
    sequence.element = {map};
    EXPECT_EQ(toString(sequence), "sequence(map(INT64, FLOAT[batch,3,?]))");
}

TEST(Model, OpsetsAreBoundInSubgraphsAndFunctions) {
    Model model;
    model.opsets = {{"", 17}};
    Node inner;
    Attribute branch;
    branch.graphs.emplace_back().nodes = {inner};
    Node outer;
    outer.attributes = {branch};
    Node custom;
    custom.domain = std::string("x");
    model.graph.nodes = {outer, custom};
    model.functions.emplace_back().nodes = {inner, custom};
    model.functions[0].opsets = {{"", 15}, {"x", 2}};
    bindOpsets(model);
    EXPECT_EQ(model.graph.nodes[0].opsetVersion, 17);
    EXPECT_EQ(model.graph.nodes[0].attributes[0].graphs[0].nodes[0].opsetVersion, 17);
    EXPECT_EQ(model.graph.nodes[1].opsetVersion, 0);
    EXPECT_EQ(model.functions[0].nodes[0].opsetVersion, 15);
    EXPECT_EQ(model.functions[0].nodes[1].opsetVersion, 2);
}

}  // namespace
}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/function_calls.h"

#include <gtest/gtest.h>

namespace lathe::onnx {
namespace {

Node call(const std::string& name) {
    Node node;
    node.opType = name;
    return node;
}

Function functionOf(const std::string& name, const std::vector<std::string>& callees) {
    Function function;
    function.name = name;
    for (const std::string& callee : callees) function.nodes.push_back(call(callee));
    return function;
}

std::string recursion(const std::vector<Function>& functions) {
    const FunctionTable table = FunctionTable::make(functions).take();
    return checkNoRecursion(functions, table).message();
}

TEST(FunctionCalls, AreFoundByDomainNameAndOverload) {
    std::vector<Function> functions(2);
    functions[0].name = functions[1].name = std::string("f");
    functions[1].overload = std::string("v2");
    const FunctionTable table = FunctionTable::make(functions).take();
    Node node = call("f");
    EXPECT_EQ(table.find(node), &functions[0]);
    node.overload = std::string("v2");
    EXPECT_EQ(table.find(node), &functions[1]);
    node.domain = std::string("other");
    EXPECT_EQ(table.find(node), nullptr);
    functions[0].overload = std::string("v2");
    EXPECT_EQ(FunctionTable::make(functions).status().message(), "function 'f:v2' is there twice");
}

TEST(FunctionCalls, RecursionIsFound) {
    EXPECT_EQ(recursion({}), "");
    EXPECT_EQ(recursion({functionOf("a", {"b", "c", "b"}), functionOf("b", {"c"}), functionOf("c", {"Relu"})}), "");
    EXPECT_EQ(recursion({functionOf("a", {"a"})}), "function 'a' calls itself");
    EXPECT_EQ(recursion({functionOf("leaf", {}), functionOf("a", {"b", "leaf"}), functionOf("b", {"b"})}),
              "function 'b' calls itself");
    const std::string found =
        recursion({functionOf("start", {"a"}), functionOf("a", {"b"}), functionOf("b", {"c"}), functionOf("c", {"a"})});
    EXPECT_TRUE(found.find("calls itself through") != std::string::npos && found.find("start") == std::string::npos)
        << found;
}

TEST(FunctionCalls, RecursionThroughSubgraphs) {
    Function function = functionOf("a", {});
    Attribute attribute;
    attribute.graphs.emplace_back().nodes.push_back(call("a"));
    Function byDefault = function;
    Node branch = call("If");
    branch.attributes.push_back(attribute);
    function.nodes.push_back(branch);
    EXPECT_EQ(recursion({function}), "function 'a' calls itself");
    byDefault.attributeDefaults.push_back(attribute);
    EXPECT_EQ(recursion({byDefault}), "function 'a' calls itself");
}

TEST(FunctionCalls, LongChainsTakeNoStack) {
    std::vector<Function> functions;
    for (int i = 0; i < 100000; ++i) functions.push_back(functionOf(std::to_string(i), {std::to_string(i + 1)}));
    EXPECT_EQ(recursion(functions), "");
    functions.push_back(functionOf("100000", {"0"}));
    EXPECT_NE(recursion(functions), "");
}

}  // namespace
}  // namespace lathe::onnx

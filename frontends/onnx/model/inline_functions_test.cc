// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/inline_functions.h"

#include <gtest/gtest.h>

#include "frontends/onnx/model/check_model.h"
#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

using testing::attribute;
using testing::function;
using testing::graph;
using testing::graphAttribute;
using testing::Message;
using testing::model;
using testing::node;
using testing::referenceAttribute;

Message call(std::string_view name, const testing::Names& inputs, const testing::Names& outputs,
             const std::vector<Message>& attributes = {}, std::string_view nodeName = "") {
    return node(name, inputs, outputs, attributes, nodeName, "local");
}

void print(const Graph& graph, std::string& out) {
    for (const Node& node : graph.nodes) {
        out += node.opType + '(';
        for (const std::string& input : node.inputs) out += input + ' ';
        for (const Attribute& attribute : node.attributes) {
            out += attribute.name + '=';
            if (attribute.type == AttributeType::kFloat) out += fmt::format("{} ", attribute.f);
            if (attribute.type == AttributeType::kInt) out += fmt::format("{} ", attribute.i);
            for (const Graph& inner : attribute.graphs) {
                out += '{';
                for (const ValueInfo& input : inner.inputs) out += input.name + ' ';
                out += ": ";
                print(inner, out);
                out += ": ";
                for (const ValueInfo& output : inner.outputs) out += output.name + ' ';
                out += "} ";
            }
        }
        if (out.back() == ' ') out.pop_back();
        out += ")>";
        for (const std::string& output : node.outputs) out += output + ' ';
        if (out.back() == ' ') out.pop_back();
        out += "; ";
    }
}

// The nodes after expansion, in a line; or the error. What came out well is checked.
std::string inlined(const Message& message, const InlineLimits& limits = {}) {
    Result<Model> read = testing::parse(message);
    if (!read.ok()) return "parse: " + read.status().message();
    const Status status = inlineFunctions(*read, limits);
    if (!status.ok()) return status.message();
    EXPECT_TRUE(read->functions.empty());
    EXPECT_EQ(checkModel(*read).message(), "");
    std::string out;
    print(read->graph, out);
    return out;
}

const Message kTwice = function({.name = "twice",
                                 .inputs = {"a"},
                                 .outputs = {"b"},
                                 .nodes = {node("Relu", {"a"}, {"t"}), node("Abs", {"t"}, {"b"}, {}, "abs")}});

TEST(InlineFunctions, CallsBecomeBodies) {
    EXPECT_EQ(inlined(model(graph({.nodes = {call("twice", {"x"}, {"m"}, {}, "first"), call("twice", {"m"}, {"y"})},
                                   .inputs = {"x"},
                                   .outputs = {"y"}}),
                            {kTwice})),
              "Relu(x)>twice.1/t; Abs(twice.1/t)>m; Relu(m)>twice.2/t; Abs(twice.2/t)>y; ");
}

TEST(InlineFunctions, NodesAreNamedAfterTheCall) {
    Model read =
        testing::parse(model(graph({.nodes = {call("twice", {"x"}, {"m"}, {}, "first"), call("twice", {"m"}, {"y"})},
                                    .inputs = {"x"}}),
                             {kTwice}))
            .take();
    ASSERT_TRUE(inlineFunctions(read).ok());
    EXPECT_EQ(read.graph.nodes[0].name, "first/Relu");
    EXPECT_EQ(read.graph.nodes[1].name, "first/abs");
    EXPECT_EQ(read.graph.nodes[2].name, "twice.2/Relu");
}

TEST(InlineFunctions, NamesThatAreTakenAreAvoided) {
    EXPECT_EQ(inlined(model(graph({.nodes = {node("Neg", {"x"}, {"twice.1/t"}), call("twice", {"x"}, {"y"}),
                                             node("Add", {"y", "twice.1/t"}, {"z"})},
                                   .inputs = {"x"}}),
                            {kTwice})),
              "Neg(x)>twice.1/t; Relu(x)>twice.1/t_; Abs(twice.1/t_)>y; Add(y twice.1/t)>z; ");
}

TEST(InlineFunctions, UnwantedOutputsAndMissingInputs) {
    const Message f = function(
        {.name = "f",
         .inputs = {"a", "min", "max"},
         .outputs = {"p", "q", "r"},
         .nodes = {node("Clip", {"a", "min", "max"}, {"p"}), node("Relu", {"a"}, {"q"}), node("Abs", {"a"}, {"r"})}});
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x", "", "x"}, {"p", "", "z"})}, .inputs = {"x"}}), {f})),
              "Clip(x  x)>p; Relu(x)>f.1/q; Abs(x)>z; ");
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x"}, {"p"})}, .inputs = {"x"}}), {f})),
              "Clip(x  )>p; Relu(x)>f.1/q; Abs(x)>f.1/r; ");
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x", "x", "x", "x"}, {"p"})}, .inputs = {"x"}}), {f})),
              "node[0] (local.f): function 'local.f': it has 3 inputs and 3 outputs, the call has 4 and 1");
}

TEST(InlineFunctions, InputsHandedThroughBecomeIdentity) {
    const Message f = function(
        {.name = "f", .inputs = {"a", "b"}, .outputs = {"b", "c", "a"}, .nodes = {node("Relu", {"a"}, {"c"})}});
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x", "w"}, {"y", "z", ""})}, .inputs = {"x", "w"}}), {f})),
              "Relu(x)>z; Identity(w)>y; ");
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x"}, {"y"})}, .inputs = {"x"}}), {f})),
              "node[0] (local.f): function 'local.f': output 'b' is an input that the call leaves out");
}

TEST(InlineFunctions, AttributesOfTheCallThenDefaultsThenNothing) {
    const Message f = function(
        {.name = "f",
         .inputs = {"a"},
         .outputs = {"b"},
         .nodes = {node("Op", {"a"}, {"b"},
                        {referenceAttribute("alpha", "k", AttributeType::kFloat),
                         referenceAttribute("n", "n", AttributeType::kInt),
                         referenceAttribute("m", "absent", AttributeType::kInt), attribute("fixed", int64_t{7})})},
         .attributes = {"k", "absent"},
         .defaults = {attribute("n", int64_t{3})}});
    const auto with = [&](const std::vector<Message>& attributes) {
        return inlined(model(graph({.nodes = {call("f", {"x"}, {"y"}, attributes)}, .inputs = {"x"}}), {f}));
    };
    EXPECT_EQ(with({attribute("k", 0.5f)}), "Op(x alpha=0.5 n=3 fixed=7)>y; ");
    EXPECT_EQ(with({attribute("n", int64_t{4}), attribute("absent", int64_t{5})}), "Op(x n=4 m=5 fixed=7)>y; ");
    EXPECT_EQ(with({attribute("k", int64_t{1})}),
              "node[0] (local.f): function 'local.f': node[0] 'f.1/Op' (Op): attribute 'alpha' of type FLOAT refers to "
              "'k', which has type INT");
    EXPECT_EQ(with({referenceAttribute("k", "z", AttributeType::kFloat)}),
              "node[0] (local.f): function 'local.f': node[0] 'f.1/Op' (Op): attribute 'k' is a reference to 'z' "
              "outside any function");
}

TEST(InlineFunctions, NestedCallsPassAttributesOn) {
    const Message inner =
        function({.name = "inner",
                  .inputs = {"a"},
                  .outputs = {"b"},
                  .nodes = {node("Elu", {"a"}, {"b"}, {referenceAttribute("alpha", "k", AttributeType::kFloat)})},
                  .attributes = {"k"}});
    const Message outer =
        function({.name = "outer",
                  .inputs = {"a"},
                  .outputs = {"b"},
                  .nodes = {call("inner", {"a"}, {"t"}, {referenceAttribute("k", "j", AttributeType::kFloat)}, "i"),
                            call("inner", {"t"}, {"b"}, {attribute("k", 9.f)})},
                  .attributes = {"j"}});
    EXPECT_EQ(inlined(model(graph({.nodes = {call("outer", {"x"}, {"y"}, {attribute("j", 2.f)})}, .inputs = {"x"}}),
                            {inner, outer})),
              "Elu(x alpha=2)>outer.1/t; Elu(outer.1/t alpha=9)>y; ");
    // Without j neither call has k.
    EXPECT_EQ(inlined(model(graph({.nodes = {call("outer", {"x"}, {"y"})}, .inputs = {"x"}}), {outer, inner})),
              "Elu(x)>outer.1/t; Elu(outer.1/t alpha=9)>y; ");
}

TEST(InlineFunctions, SubgraphsOfABodyAreRenamedByScope) {
    // The branch has its own t and reads the body's a and t2; the loop's formal input hides the function's input a.
    const Message branch = graph({.nodes = {node("Add", {"a", "t2"}, {"t"})}, .outputs = {"t"}});
    const Message body = graph(
        {.nodes = {node("Neg", {"a"}, {"u"}), node("Mul", {"u", "c"}, {"v"})}, .inputs = {"a"}, .outputs = {"v"}});
    const Message f =
        function({.name = "f",
                  .inputs = {"a", "c"},
                  .outputs = {"b", "l"},
                  .nodes = {node("Relu", {"a"}, {"t2"}), node("If", {"c"}, {"b"}, {graphAttribute("then", branch)}),
                            node("Scan", {"a"}, {"l"}, {graphAttribute("body", body)})}});
    EXPECT_EQ(inlined(model(graph({.nodes = {call("f", {"x", "x"}, {"y", "z"})}, .inputs = {"x"}}), {f})),
              "Relu(x)>f.1/t2; If(x then={: Add(x f.1/t2)>f.1/t; : f.1/t })>y; "
              "Scan(x body={f.1/a : Neg(f.1/a)>f.1/u; Mul(f.1/u x)>f.1/v; : f.1/v })>z; ");
}

TEST(InlineFunctions, CallsInSubgraphs) {
    const Message branch = graph({.nodes = {call("twice", {"x"}, {"r"})}, .outputs = {"r"}});
    EXPECT_EQ(inlined(model(
                  graph({.nodes = {node("If", {"c"}, {"y"}, {graphAttribute("then", branch)})}, .inputs = {"x", "c"}}),
                  {kTwice})),
              "If(c then={: Relu(x)>twice.1/t; Abs(twice.1/t)>r; : r })>y; ");
}

TEST(InlineFunctions, GraphsGivenByTheCallReadTheCallersValues) {
    const Message f =
        function({.name = "f",
                  .inputs = {"x"},
                  .outputs = {"b"},
                  .nodes = {node("If", {"x"}, {"b"}, {referenceAttribute("then", "g", AttributeType::kGraph)})},
                  .attributes = {"g"}});
    // x in the graph is the caller's x, not the function's.
    const Message given = graph({.nodes = {call("twice", {"x"}, {"r"})}, .outputs = {"r"}});
    EXPECT_EQ(
        inlined(model(graph({.nodes = {call("f", {"c"}, {"y"}, {graphAttribute("g", given)})}, .inputs = {"x", "c"}}),
                      {f, kTwice})),
        "If(c then={: Relu(x)>twice.2/t; Abs(twice.2/t)>r; : r })>y; ");
    // A default reads nothing around it, and is renamed.
    const Message byDefault =
        graph({.nodes = {node("Constant", {}, {"x"}, {attribute("value_int", int64_t{1})})}, .outputs = {"x"}});
    const Message g =
        function({.name = "g",
                  .inputs = {"a"},
                  .outputs = {"b"},
                  .nodes = {node("If", {"a"}, {"b"}, {referenceAttribute("then", "g", AttributeType::kGraph)})},
                  .defaults = {graphAttribute("g", byDefault)}});
    EXPECT_EQ(inlined(model(graph({.nodes = {call("g", {"x"}, {"y"})}, .inputs = {"x"}}), {g})),
              "If(x then={: Constant(value_int=1)>g.1/x; : g.1/x })>y; ");
}

TEST(InlineFunctions, OpsetsOfFunctionsStayWithTheirNodes) {
    Message f;
    f.bytes(1, "f")
        .bytes(4, "a")
        .bytes(5, "b")
        .message(7, node("Relu", {"a"}, {"b"}))
        .message(9, testing::opset("", 13))
        .message(9, testing::opset("extra", 2))
        .bytes(10, "local");
    Model read =
        testing::parse(
            model(graph({.nodes = {node("Abs", {"x"}, {"t"}), call("f", {"t"}, {"y"})}, .inputs = {"x"}}), {f}))
            .take();
    ASSERT_TRUE(inlineFunctions(read).ok());
    EXPECT_EQ(read.graph.nodes[0].opsetVersion, 20);
    EXPECT_EQ(read.graph.nodes[1].opsetVersion, 13);
    EXPECT_EQ(read.opsets.at(""), 20);
    EXPECT_EQ(read.opsets.at("extra"), 2);
}

TEST(InlineFunctions, FunctionsMayStandForStandardOps) {
    const Message relu = function(
        {.name = "Relu", .inputs = {"a"}, .outputs = {"b"}, .nodes = {node("Max", {"a", "a"}, {"b"})}, .domain = ""});
    EXPECT_EQ(inlined(model(graph({.nodes = {node("Relu", {"x"}, {"y"})}, .inputs = {"x"}}), {relu})), "Max(x x)>y; ");
}

TEST(InlineFunctions, RefusesBrokenBodies) {
    const auto with = [](const Message& f) {
        return inlined(model(graph({.nodes = {call("f", {"x"}, {"y"})}, .inputs = {"x", "zz"}}), {f}));
    };
    // Even where the main graph has such a name.
    EXPECT_EQ(
        with(function({.name = "f", .inputs = {"a"}, .outputs = {"b"}, .nodes = {node("Add", {"a", "zz"}, {"b"})}})),
        "node[0] (local.f): function 'local.f': node[0] (Add): 'zz' is defined nowhere in the function");
    EXPECT_EQ(with(function({.name = "f", .inputs = {"a"}, .outputs = {"b"}})),
              "node[0] (local.f): function 'local.f': output 'b' is computed by no node");
    EXPECT_EQ(with(function({.name = "f", .inputs = {"a", "a"}, .outputs = {"b"}})),
              "node[0] (local.f): function 'local.f': input 'a' is there twice");
    EXPECT_EQ(with(function({.name = "f",
                             .inputs = {"a"},
                             .outputs = {"b"},
                             .nodes = {node("Relu", {"a"}, {"b"}), node("Abs", {"a"}, {"b"})}})),
              "node[0] (local.f): function 'local.f': 'b' is defined twice");
    EXPECT_EQ(with(function({.name = "f", .inputs = {"a"}, .outputs = {"b"}, .nodes = {call("f", {"a"}, {"b"})}})),
              "function 'local.f' calls itself");
    const Message missing = graph({.outputs = {"o"}});
    EXPECT_EQ(with(function({.name = "f",
                             .inputs = {"a", "o"},
                             .outputs = {"b"},
                             .nodes = {node("If", {"a"}, {"b"}, {graphAttribute("then", missing)})}})),
              "node[0] (local.f): function 'local.f': node[0] 'f.1/If' (If): 'o', which a subgraph gives as output, is "
              "an input that the call leaves out");
}

// Each function calls the next one ten times.
Message exploding(int levels) {
    std::vector<Message> functions;
    for (int level = 0; level < levels; ++level) {
        std::vector<Message> nodes;
        const std::string next = level + 1 < levels ? "f" + std::to_string(level + 1) : "";
        for (int i = 0; i < 10; ++i) {
            const testing::Names outputs = {"b" + std::to_string(i)};
            nodes.push_back(next.empty() ? node("Relu", {"a"}, outputs) : call(next, {"a"}, outputs));
        }
        functions.push_back(
            function({.name = "f" + std::to_string(level), .inputs = {"a"}, .outputs = {"b0"}, .nodes = nodes}));
    }
    return model(graph({.nodes = {call("f0", {"x"}, {"y"})}, .inputs = {"x"}}), functions);
}

TEST(InlineFunctions, ExpansionIsBounded) {
    EXPECT_EQ(inlined(exploding(3)).size() > 10000, true);
    const std::string error = inlined(exploding(20), {.maxNodes = 10000});
    EXPECT_NE(error.find("the model's functions expand to more than 10000 nodes"), std::string::npos) << error;
    // A large attribute, copied often.
    const Message big =
        function({.name = "f",
                  .inputs = {"a"},
                  .outputs = {"b"},
                  .nodes = {node("Op", {"a"}, {"b"}, {attribute("n", std::vector<int64_t>(100000, 1))})}});
    std::vector<Message> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(call("f", {"x"}, {"y" + std::to_string(i)}));
    EXPECT_NE(inlined(model(graph({.nodes = calls, .inputs = {"x"}}), {big}), {.maxBytes = 8'000'000})
                  .find("or 8000000 bytes"),
              std::string::npos);
    // A long chain.
    std::vector<Message> chain;
    for (int i = 0; i < 100; ++i) {
        chain.push_back(function({.name = "c" + std::to_string(i),
                                  .inputs = {"a"},
                                  .outputs = {"b"},
                                  .nodes = {call("c" + std::to_string(i + 1), {"a"}, {"b"})}}));
    }
    EXPECT_NE(inlined(model(graph({.nodes = {call("c0", {"x"}, {"y"})}, .inputs = {"x"}}), chain))
                  .find("function calls lie more than 64 deep"),
              std::string::npos);
}

TEST(InlineFunctions, GraphDepthIsBounded) {
    // f0 holds f1 in a subgraph, which holds f2 in a subgraph, and so on.
    std::vector<Message> functions;
    for (int i = 0; i < 40; ++i) {
        Message inner =
            graph({.nodes = {i < 39 ? call("f" + std::to_string(i + 1), {"a"}, {"t"}) : node("Relu", {"a"}, {"t"})},
                   .outputs = {"t"}});
        inner = graph({.nodes = {node("If", {"a"}, {"s"}, {graphAttribute("then", inner)})}, .outputs = {"s"}});
        functions.push_back(function({.name = "f" + std::to_string(i),
                                      .inputs = {"a"},
                                      .outputs = {"b"},
                                      .nodes = {node("If", {"a"}, {"b"}, {graphAttribute("then", inner)})}}));
    }
    EXPECT_NE(inlined(model(graph({.nodes = {call("f0", {"x"}, {"y"})}, .inputs = {"x"}}), functions))
                  .find("graphs lie more than 64 deep in graphs"),
              std::string::npos);
}

}  // namespace
}  // namespace lathe::onnx

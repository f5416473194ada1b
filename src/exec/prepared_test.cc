// SPDX-License-Identifier: Apache-2.0
#include "exec/prepared.h"

#include <gtest/gtest.h>

#include <random>

#include "exec/exec_testing.h"
#include "ir/infer.h"
#include "ops/ops_testing.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

using ir::Dim;
using ir::Value;
using testing::expectSameAsInterpreter;
using testing::makeProgram;
using testing::Session;
using testing::tensorsOf;

// Ops with the shapes that the executor must cope with, small enough to see through.

// f32[n] -> the indices of its positive elements: an extent that only running tells.
class PositivesOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr PositivesOp() : OpWith("positives", kDataDependent) {}
    Status infer(ir::InferContext& c) const override {
        c.setOutput(0, {DType::kInt64, {c.dataDependentDim(0, 0, c.shape(0)[0])}});
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        const ir::Tensor& x = c.input(0);
        std::vector<int64_t> found;
        for (int64_t i = 0; i < x.count(); ++i)
            if (x.as<float>()[i] > 0) found.push_back(i);
        ir::Tensor y = TRY(c.allocateOutput(0, {static_cast<int64_t>(found.size())}));
        std::copy(found.begin(), found.end(), y.as<int64_t>());
        return {};
    }
};

// i64[k] -> f32 of that shape, counting up: a shape that the network computes.
class CountOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr CountOp() : OpWith("count", kNone) {}
    Status infer(ir::InferContext& c) const override {
        c.setOutput(0, {DType::kFloat, TRY(c.elementsOrSymbols(0))});
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        const ir::Tensor& y = c.output(0);
        for (int64_t i = 0; i < y.count(); ++i) y.as<float>()[i] = static_cast<float>(i);
        return {};
    }
};

// i64[n] -> i64[1]: n plus the sum of the elements.
class LengthOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr LengthOp() : OpWith("length", kNone) {}
    Status infer(ir::InferContext& c) const override {
        c.setOutput(0, {DType::kInt64, {1}});
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        int64_t sum = c.input(0).count();
        for (int64_t i = 0; i < c.input(0).count(); ++i) sum += c.input(0).as<int64_t>()[i];
        c.output(0).as<int64_t>()[0] = sum;
        return {};
    }
};

// f32 -> the same, flattened.
class FlatOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr FlatOp() : OpWith("flat", kView) {}
    Status infer(ir::InferContext& c) const override {
        c.setOutput(0, {c.dtype(0), {ir::volume(c.shape(0))}});
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        std::memcpy(c.output(0).data, c.input(0).data, c.input(0).byteSize());
        return {};
    }
};

// f32[n] -> f32[n + 1]: the elements and a zero.
class GrowOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr GrowOp() : OpWith("grow", kNone) {}
    Status infer(ir::InferContext& c) const override {
        c.setOutput(0, {DType::kFloat, {c.shape(0)[0] + Dim(1)}});
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        std::copy_n(c.input(0).as<float>(), c.input(0).count(), c.output(0).as<float>());
        c.output(0).as<float>()[c.input(0).count()] = 0;
        return {};
    }
};

class BranchOp final : public ir::OpWith<ir::NoAttrs> {
  public:
    constexpr BranchOp() : OpWith("branch", kRegions) {}
    Status infer(ir::InferContext& c) const override {
        for (int r = 0; r < 2; ++r) TRY(c.inferRegion(r, {}));
        for (int o = 0; o < c.outputCount(); ++o) {
            ir::TensorType a = c.node().region(0).results()[static_cast<size_t>(o)]->type();
            const ir::TensorType& b = c.node().region(1).results()[static_cast<size_t>(o)]->type();
            for (size_t d = 0; d < a.shape.size(); ++d)
                if (!(a.shape[d] == b.shape[d]))
                    a.shape[d] = c.dataDependentDim(o, static_cast<int>(d), Dim(INT64_MAX));
            c.setOutput(o, a);
        }
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        auto results = TRY(c.runRegion(c.input(0).as<bool>()[0] ? 0 : 1, {}));
        for (size_t o = 0; o < results.size(); ++o) {
            ir::Tensor y = TRY(c.allocateOutput(static_cast<int>(o), results[o].dims));
            if (y.byteSize()) std::memcpy(y.data, results[o].data, y.byteSize());
        }
        return {};
    }
};

struct RepeatAttrs : ir::AttrsOf<RepeatAttrs> {
    bool changing = false;  // extents of the carried values differ between iterations
    void fields(ir::AttrVisitor& f) { f("changing", changing); }
};
// (count i64[1], carried...) -> carried... ; the region's parameters are (iteration i64[1], carried...).
class RepeatOp final : public ir::OpWith<RepeatAttrs> {
  public:
    constexpr RepeatOp() : OpWith("repeat", kRegions) {}
    Status infer(ir::InferContext& c) const override {
        std::vector<ir::TensorType> types{{DType::kInt64, {1}}};
        ir::Graph& graph = c.node().parent()->graph();
        for (int i = 1; i < c.inputCount(); ++i) {
            types.push_back(c.input(i));
            if (!attrs(c).changing) continue;
            ir::Value* p = c.node().region(0).parameters()[static_cast<size_t>(i)];
            ir::SymbolId id = -1;
            for (size_t s = 0; s < graph.symbols().size(); ++s)
                if (graph.symbols()[s].value == p) id = static_cast<ir::SymbolId>(s);
            if (id < 0) {
                ir::SymbolInfo s;
                s.source = ir::SymbolInfo::Source::kOutputDim;
                s.value = p;
                s.upperBound = Dim(INT64_MAX);
                id = graph.addSymbol(s);
            }
            types.back().shape[0] = Dim::symbol(id);
        }
        TRY(c.inferRegion(0, types));
        for (int o = 0; o < c.outputCount(); ++o) {
            ir::TensorType t = types[static_cast<size_t>(o) + 1];
            if (attrs(c).changing) t.shape[0] = c.dataDependentDim(o, 0, Dim(INT64_MAX));
            c.setOutput(o, t);
        }
        return {};
    }
    Status reference(ir::RefContext& c) const override {
        std::vector<ir::Tensor> state;
        for (int i = 1; i < c.inputCount(); ++i) state.push_back(c.input(i));
        for (int64_t k = 0; k < c.input(0).as<int64_t>()[0]; ++k) {
            std::vector<ir::Tensor> parameters{{DType::kInt64, {1}, &k}};
            parameters.insert(parameters.end(), state.begin(), state.end());
            state = TRY(c.runRegion(0, parameters));
        }
        for (size_t o = 0; o < state.size(); ++o) {
            ir::Tensor y = TRY(c.allocateOutput(static_cast<int>(o), state[o].dims));
            if (y.byteSize()) std::memcpy(y.data, state[o].data, y.byteSize());
        }
        return {};
    }
};

constinit const PositivesOp positives{};
constinit const CountOp countUp{};
constinit const LengthOp length{};
constinit const FlatOp flat{};
constinit const GrowOp grow{};
constinit const BranchOp branch{};
constinit const RepeatOp repeat{};

Value* add(ir::Region& r, const ir::Op& op, std::vector<Value*> inputs, const char* attrs = "") {
    auto a = op.makeAttrs();
    EXPECT_TRUE(ir::parseAttrs(*a, attrs).ok()) << attrs;
    return r.append(op, std::move(a), std::move(inputs), 1, op.name())->output();
}
Value* add(ir::Region& r, const char* op, std::vector<Value*> inputs, const char* attrs = "") {
    return add(r, *ops::find(op), std::move(inputs), attrs);
}

struct Network {
    std::unique_ptr<ir::Graph> graph = std::make_unique<ir::Graph>();
    ir::Region& body() { return graph->body(); }
    Value* input(DType dtype, ir::Shape shape) {
        Value* v = body().addParameter({dtype, shape}, fmt::format("in{}", body().parameters().size()));
        // Unknown extents are symbols of their own.
        for (size_t d = 0; d < shape.size(); ++d)
            if (shape[d] == Dim(-1)) {
                ir::SymbolInfo s;
                s.value = v;
                s.index = static_cast<int64_t>(d);
                shape[d] = Dim::symbol(graph->addSymbol(s));
            }
        v->setType({dtype, shape});
        return v;
    }
    std::unique_ptr<plan::Program> program(uint64_t seed = 0) {
        Status s = ir::inferGraph(*graph);
        EXPECT_TRUE(s.ok()) << s.toString();
        return makeProgram(graph->clone(), seed);
    }
};

ops::testing::HostTensor floats(ir::Dims dims, std::vector<double> v) {
    return ops::testing::floats(std::move(dims), v);
}
ops::testing::HostTensor ints(ir::Dims dims, std::vector<double> v) { return ops::testing::ints(std::move(dims), v); }
ops::testing::HostTensor truth(bool v) { return ops::testing::tensor(DType::kBool, {1}, {v ? 1. : 0.}); }
ops::testing::HostTensor ramp(int64_t n) {
    std::vector<double> v;
    for (int64_t i = 0; i < n; ++i) v.push_back(std::sin(static_cast<double>(3 * i)));
    return floats({n}, v);
}

void check(Session& s, const ir::Graph& g, const std::vector<ir::HostTensor>& in) {
    expectSameAsInterpreter(s, g, tensorsOf(in));
}

TEST(Prepared, StaticChainAllocatesNothingWhileRunning) {
    Network n;
    Value* x = n.input(DType::kFloat, {4, 8});
    Value* y = add(n.body(), "unary", {x}, "kind=tanh");
    Value* z = add(n.body(), "binary", {y, x}, "kind=add");
    n.body().addResult(add(n.body(), "softmax", {z}));
    auto program = n.program();
    Session s(*program);
    check(s, *n.graph, testing::randomInputs(*n.graph, 1));
    EXPECT_TRUE(s.prepared().isStatic());
    EXPECT_EQ(s.scratch().taken(), 0);
}

TEST(Prepared, NewShapesArePreparedAndKnownOnesRemembered) {
    Network n;
    Value* x = n.input(DType::kFloat, {-1, 6});
    Value* w = n.graph->addConstant(ir::makeWeights<float>({6, 3}, std::vector<float>(18, 0.5f)), "w");
    n.body().addResult(add(n.body(), "unary", {add(n.body(), "matmul", {x, w})}, "kind=exp"));
    auto program = n.program();
    Session s(*program);
    for (int64_t batch : {1, 7, 1, 3, 0, 7})
        check(s, *n.graph,
              {ops::testing::floats({batch, 6}, std::vector<double>(static_cast<size_t>(batch * 6), 0.25))});
}

TEST(Prepared, ResultsThatAreInputsConstantsOrTheSameValue) {
    Network n;
    Value* x = n.input(DType::kFloat, {5});
    Value* c = n.graph->addConstant(ir::makeWeights<float>({2}, {3, 4}), "c");
    Value* y = add(n.body(), "unary", {x}, "kind=neg");
    for (Value* v : {x, c, y, y, add(n.body(), flat, {y}), add(n.body(), flat, {x})}) n.body().addResult(v);
    for (uint64_t seed : {0, 1, 2, 3}) {
        auto program = n.program(seed);
        Session s(*program);
        check(s, *n.graph, testing::randomInputs(*n.graph, 4));
    }
}

TEST(Prepared, SymbolsMustAgree) {
    Network n;
    Value* x = n.input(DType::kFloat, {-1, 4});
    Value* y = n.body().addParameter({DType::kFloat, x->shape()}, "y");
    n.body().addResult(add(n.body(), "binary", {x, y}, "kind=add"));
    auto program = n.program();
    Session s(*program);
    auto got =
        s.run(tensorsOf({floats({2, 4}, std::vector<double>(8, 1)), floats({3, 4}, std::vector<double>(12, 1))}));
    EXPECT_FALSE(got.ok());
    EXPECT_NE(got.status().message().find("'y': axis 0 is 3, but other inputs make this dimension 2"),
              std::string::npos)
        << got.status().message();
}

TEST(Prepared, WhatInferenceCouldNotSeeIsCheckedBeforeKernelsRun) {
    Network n;
    Value* x = n.input(DType::kFloat, {-1, 4});
    Value* y = n.input(DType::kFloat, {-1, 4});
    n.body().addResult(add(n.body(), "binary", {x, y}, "kind=add"));
    auto program = n.program();
    Session s(*program);
    auto make = [](int64_t rows) { return floats({rows, 4}, std::vector<double>(static_cast<size_t>(rows * 4), 1)); };
    check(s, *n.graph, {make(3), make(1)});
    check(s, *n.graph, {make(1), make(2)});
    auto got = s.run(tensorsOf({make(2), make(3)}));
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.status().code(), Code::kInvalidArgument) << got.status().toString();
    EXPECT_NE(got.status().message().find("cannot be broadcast"), std::string::npos) << got.status().message();

    Network m;
    Value* a = m.input(DType::kFloat, {2, -1});
    Value* b = m.input(DType::kFloat, {-1, 2});
    m.body().addResult(add(m.body(), "matmul", {a, b}));
    auto product = m.program();
    Session t(*product);
    got = t.run(tensorsOf({floats({2, 3}, std::vector<double>(6, 1)), floats({4, 2}, std::vector<double>(8, 1))}));
    EXPECT_EQ(got.status().code(), Code::kInvalidArgument) << got.status().toString();
}

TEST(Prepared, DataDependentExtents) {
    Network n;
    Value* x = n.input(DType::kFloat, {-1});
    Value* found = add(n.body(), positives, {x});
    Value* again = add(n.body(), flat, {found});
    Value* doubled = add(n.body(), "binary", {again, found}, "kind=add");
    Value* len = add(n.body(), length, {doubled});
    n.body().addResult(found);
    n.body().addResult(doubled);
    n.body().addResult(len);
    n.body().addResult(add(n.body(), countUp, {len}));
    n.body().addResult(add(n.body(), "unary", {x}, "kind=abs"));
    for (uint64_t seed : {0, 5, 6}) {
        auto program = n.program(seed);
        Session s(*program);
        for (int64_t size : {9, 30, 0, 1, 30}) check(s, *n.graph, {ramp(size)});
        check(s, *n.graph, {floats({4}, {-1, -2, -3, -4})});
        EXPECT_FALSE(s.prepared().isStatic());
    }
}

TEST(Prepared, ShapeFromAnInputsElements) {
    Network n;
    Value* shape = n.input(DType::kInt64, {2});
    n.body().addResult(add(n.body(), "unary", {add(n.body(), countUp, {shape})}, "kind=neg"));
    auto program = n.program();
    Session s(*program);
    check(s, *n.graph, {ints({2}, {3, 5})});
    EXPECT_TRUE(s.prepared().isStatic());
    check(s, *n.graph, {ints({2}, {4, 0})});
    check(s, *n.graph, {ints({2}, {1, 1})});
    EXPECT_FALSE(s.run(tensorsOf({ints({2}, {-1, 4})})).ok());
    EXPECT_FALSE(s.run(tensorsOf({ints({2}, {1e15, 1e15})})).ok());
}

Network branches(bool sameShape) {
    Network n;
    Value* cond = n.input(DType::kBool, {1});
    Value* x = n.input(DType::kFloat, {-1});
    Value* before = add(n.body(), "unary", {x}, "kind=sin");
    ir::Node* node = n.body().append(branch, nullptr, {cond}, 2, "branch");
    ir::Region &yes = node->addRegion(), &no = node->addRegion();
    Value* a = add(yes, "binary", {before, x}, "kind=mul");
    yes.addResult(add(yes, "unary", {a}, "kind=exp"));
    yes.addResult(sameShape ? a : add(yes, grow, {a}));
    no.addResult(before);
    no.addResult(add(no, "unary", {x}, "kind=neg"));
    n.body().addResult(node->output(0));
    n.body().addResult(add(n.body(), "unary", {node->output(1)}, "kind=abs"));
    n.body().addResult(before);
    return n;
}

TEST(Prepared, OnlyTheTakenBranchRuns) {
    for (bool sameShape : {true, false}) {
        Network n = branches(sameShape);
        auto program = n.program();
        Session s(*program);
        for (int64_t size : {4, 6, 4})
            for (bool yes : {true, false}) check(s, *n.graph, {truth(yes), ramp(size)});
        EXPECT_EQ(s.prepared().isStatic(), sameShape);
    }
}

Network loop(bool changing) {
    Network n;
    Value* count = n.input(DType::kInt64, {1});
    Value* x = n.input(DType::kFloat, {-1});
    Value* y = n.input(DType::kFloat, {3});
    Value* outside = add(n.body(), "unary", {y}, "kind=cos");
    auto attrs = std::make_unique<RepeatAttrs>();
    attrs->changing = changing;
    ir::Node* node = n.body().append(repeat, std::move(attrs), {count, x, y, outside}, 3, "repeat");
    ir::Region& body = node->addRegion();
    body.addParameter({DType::kInt64, {1}}, "iteration");
    for (int i = 0; i < 3; ++i) body.addParameter({DType::kFloat, {1}}, "carried");
    const auto& p = body.parameters();
    Value* step = add(body, "cast", {p[0]}, "to=f32");
    Value* next = add(body, "binary", {p[1], step}, "kind=add");
    if (changing) next = add(body, grow, {next});
    body.addResult(next);
    // The other two change places in each iteration, one of them passed through untouched.
    body.addResult(add(body, "binary", {p[3], outside}, "kind=add"));
    body.addResult(p[2]);
    for (int o = 0; o < 3; ++o) n.body().addResult(node->output(o));
    n.body().addResult(add(n.body(), "unary", {node->output(0)}, "kind=exp"));
    return n;
}

TEST(Prepared, Loops) {
    for (bool changing : {false, true})
        for (uint64_t seed : {0, 3}) {
            Network n = loop(changing);
            auto program = n.program(seed);
            Session s(*program);
            for (double times : {3, 0, 1, 7, 300})
                for (int64_t size : {5, 2}) check(s, *n.graph, {ints({1}, {times}), ramp(size), ramp(3)});
            EXPECT_EQ(s.prepared().isStatic(), !changing);
            EXPECT_LE(s.scratch().taken(), 4);
        }
}

TEST(Prepared, LoopInABranchInALoop) {
    Network n;
    Value* count = n.input(DType::kInt64, {1});
    Value* x = n.input(DType::kFloat, {4});
    Value* flag = n.input(DType::kBool, {1});
    ir::Node* outer = n.body().append(repeat, nullptr, {count, x}, 1, "outer");
    ir::Region& body = outer->addRegion();
    body.addParameter({DType::kInt64, {1}}, "i");
    Value* carried = body.addParameter({DType::kFloat, {4}}, "c");
    ir::Node* choice = body.append(branch, nullptr, {flag}, 1, "choice");
    ir::Region &yes = choice->addRegion(), &no = choice->addRegion();
    ir::Node* inner = yes.append(repeat, nullptr, {count, carried}, 1, "inner");
    ir::Region& innermost = inner->addRegion();
    innermost.addParameter({DType::kInt64, {1}}, "k");
    Value* p = innermost.addParameter({DType::kFloat, {4}}, "d");
    innermost.addResult(add(innermost, "binary", {p, x}, "kind=add"));
    yes.addResult(inner->output());
    no.addResult(add(no, "binary", {carried, x}, "kind=sub"));
    body.addResult(add(body, "unary", {choice->output()}, "kind=sin"));
    n.body().addResult(outer->output());
    auto program = n.program();
    Session s(*program);
    for (bool yesno : {true, false}) check(s, *n.graph, {ints({1}, {3}), ramp(4), truth(yesno)});
    EXPECT_TRUE(s.prepared().isStatic());
}

TEST(Prepared, TellsTheMemoryThatItNeedsAndWhatFitsTheLargestShapes) {
    Network n;
    Value* x = n.input(DType::kFloat, {-1});
    Value* a = add(n.body(), "unary", {x}, "kind=sin");
    Value* b = add(n.body(), "unary", {a}, "kind=cos");
    n.body().addResult(add(n.body(), "binary", {a, b}, "kind=add"));
    auto program = n.program();
    Session s(*program);
    s.reserved = 64;  // too little: what it needs is told, for the caller to decide
    check(s, *n.graph, {ramp(600)});
    EXPECT_EQ(s.prepared().arenaBytes(), 2 * 2432);
    auto at = [&](int64_t size) {
        ir::SymbolValues v(1);
        v.set(0, size);
        return v;
    };
    std::vector<ir::SymbolValues> corners{at(1), at(1000)};
    auto largest = MemoryPlan::forRange(s.flat(), corners);
    auto smaller = MemoryPlan::create(s.flat(), at(600)), larger = MemoryPlan::create(s.flat(), at(1001));
    ASSERT_TRUE(largest.ok() && smaller.ok() && larger.ok());
    EXPECT_EQ(largest->arenaBytes, 2 * 4032);
    EXPECT_TRUE(largest->fits(*smaller));
    EXPECT_FALSE(smaller->fits(*largest));
    // 1001 floats take another byte line in each buffer, not only in the caller's output.
    EXPECT_FALSE(largest->fits(*larger));
}

// A random graph of elementwise ops, products and views, with random results.
Network randomNetwork(uint32_t seed) {
    std::mt19937 random(seed);
    Network n;
    std::vector<Value*> pool{n.input(DType::kFloat, {-1, 8}), n.input(DType::kFloat, {8})};
    auto any = [&] { return pool[random() % pool.size()]; };
    for (int i = 0; i < 25; ++i) {
        Value* v = any();
        switch (random() % 5) {
            case 0: pool.push_back(add(n.body(), "unary", {v}, "kind=tanh")); break;
            case 1: pool.push_back(add(n.body(), "unary", {v}, "kind=sigmoid")); break;
            case 2: {
                Value* w = any();
                bool fits = v->rank() > 0 && w->rank() > 0 && v->shape().back() == w->shape().back();
                if (!fits) break;
                pool.push_back(add(n.body(), "binary", {v, w}, random() % 2 ? "kind=add" : "kind=mul"));
                break;
            }
            case 3: pool.push_back(add(n.body(), flat, {v})); break;
            case 4: pool.push_back(add(n.body(), "softmax", {v})); break;
        }
        Status s = ir::inferNode(*pool.back()->producer());
        EXPECT_TRUE(s.ok()) << s.toString();
    }
    for (int i = 0; i < 4; ++i) n.body().addResult(any());
    return n;
}

TEST(Prepared, RandomGraphsGiveWhatTheInterpreterGives) {
    for (uint32_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        Network n = randomNetwork(seed);
        auto program = n.program(seed);
        // Whatever may be computed in place, is.
        for (plan::Step& s : program->steps)
            if (std::string(s.binding.nodes[0]->op().name()) == "unary") s.binding.inPlace = {{0, 0}};
        Session s(*program);
        for (int64_t rows : {3, 1}) {
            ir::SymbolValues symbols(1);
            symbols.set(0, rows);
            check(s, *n.graph, testing::randomInputs(*n.graph, seed, symbols));
        }
    }
}

TEST(FlatProgram, RefusesStepsInTheWrongOrder) {
    Network n;
    Value* x = n.input(DType::kFloat, {4});
    n.body().addResult(add(n.body(), "unary", {add(n.body(), "unary", {x}, "kind=sin")}, "kind=cos"));
    auto program = n.program();
    std::swap(program->steps[0], program->steps[1]);
    EXPECT_FALSE(FlatProgram::create(*program).ok());
    program->steps.pop_back();
    EXPECT_FALSE(FlatProgram::create(*program).ok());
}

}  // namespace
}  // namespace lathe::exec

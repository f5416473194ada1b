// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_testing.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "base/version.h"
#include "ir/infer.h"
#include "ops/outside.h"
#include "ops/registry.h"
#include "plan/sections.h"
#include "plan/shape_range.h"

namespace lathe::plan::testing {
namespace {

std::vector<Step> makeSteps(const ir::Region& region, const tactics::BindContext& shapes, uint64_t& seed) {
    std::vector<Step> steps;
    for (const auto& n : region.nodes()) {
        Step step;
        step.name = n->name();
        if (!n->regions().empty()) {
            step.control = n.get();
            for (const auto& r : n->regions()) step.regions.push_back(makeSteps(*r, shapes, seed));
            steps.push_back(std::move(step));
            continue;
        }
        std::vector<tactics::Candidate> fitting;
        for (const tactics::Tactic* t : tactics::all()) {
            bool any = std::strcmp(t->anchor(), "*") == 0;
            if (!any && std::strcmp(t->anchor(), n->op().name()) != 0) continue;
            if (tactics::backendOf(*t) != shapes.target().backend) continue;
            for (tactics::Candidate& c : t->bind(*n, shapes).candidates) {
                auto linear = [](const auto& list) {
                    return std::all_of(list.begin(), list.end(),
                                       [](tactics::Layout l) { return l == tactics::Layout::kLinear; });
                };
                if (c.binding.nodes.size() != 1 || !linear(c.binding.inputLayouts) || !linear(c.binding.outputLayouts))
                    continue;
                bool reference = std::strcmp(t->id(), "cpu.any.reference.v1") == 0;
                if (seed == 0 && !reference && !ops::worksOutside(n->op())) continue;
                fitting.push_back(std::move(c));
            }
        }
        EXPECT_FALSE(fitting.empty()) << "nothing runs node '" << n->name() << "' (" << n->op().name() << ")";
        if (fitting.empty()) continue;
        size_t pick = 0;
        if (seed) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            pick = static_cast<size_t>((seed >> 33) % fitting.size());
        }
        step.binding = fitting[pick].binding;
        step.workspaceBytes = fitting[pick].workspaceBytes;
        steps.push_back(std::move(step));
    }
    return steps;
}

ProfileInput rangeOf(const ir::Graph& graph, const ir::Value& v) {
    ProfileInput p;
    for (const ir::Dim& d : v.shape()) {
        p.min.push_back(d.valueOr(1));
        p.opt.push_back(d.valueOr(4));
        p.max.push_back(d.valueOr(64));
    }
    int64_t elements = 0;
    for (const ir::SymbolInfo& s : graph.symbols())
        if (s.value == &v && s.source == ir::SymbolInfo::Source::kElement) elements = std::max(elements, s.index + 1);
    p.minValues.assign(static_cast<size_t>(elements), 1);
    p.optValues.assign(static_cast<size_t>(elements), 4);
    p.maxValues.assign(static_cast<size_t>(elements), 64);
    return p;
}

}  // namespace

std::unique_ptr<Plan> makePlan(std::unique_ptr<ir::Graph> graph, uint64_t seed) {
    auto plan = std::make_unique<Plan>();
    plan->name = graph->name;
    plan->libraryVersion = kVersion;
    auto program = std::make_shared<Program>();
    program->graph = std::move(graph);
    const ir::Region& body = program->graph->body();
    Profile profile;
    auto name = [&](const ir::Value* v, bool input, size_t i) {
        IoTensor t;
        t.name = fmt::format("{}{}", input ? "in" : "out", i);
        t.isInput = input;
        t.dtype = v->dtype();
        t.shape = v->shape();
        t.index = static_cast<int>(i);
        plan->io.push_back(std::move(t));
    };
    for (size_t i = 0; i < body.parameters().size(); ++i) {
        name(body.parameters()[i], true, i);
        profile.inputs.push_back(rangeOf(*program->graph, *body.parameters()[i]));
        plan->io.back().isShape = !profile.inputs.back().minValues.empty();
    }
    for (size_t i = 0; i < body.results().size(); ++i) name(body.results()[i], false, i);
    auto shapes = ShapeRange::create(*program->graph, plan->io, profile, program->target, program->relaxed);
    EXPECT_TRUE(shapes.ok()) << shapes.status().toString();
    if (!shapes.ok()) return plan;
    program->steps = makeSteps(body, **shapes, seed);
    plan->programs.push_back(std::move(program));
    plan->profiles.push_back(std::move(profile));
    return plan;
}

namespace {

ir::Value* add(ir::Region& r, const char* opName, std::vector<ir::Value*> inputs, const std::string& attrs = {},
               int outputs = 1) {
    const ir::Op* op = ops::find(opName);
    EXPECT_NE(op, nullptr) << opName;
    auto a = op->makeAttrs();
    EXPECT_TRUE(ir::parseAttrs(*a, attrs).ok()) << attrs;
    ir::Node* n =
        r.append(*op, std::move(a), std::move(inputs), outputs, fmt::format("{} {}", opName, r.nodes().size()));
    Status s = ir::inferNode(*n);
    EXPECT_TRUE(s.ok()) << s.toString();
    n->output()->setName(fmt::format("v{}", r.nodes().size()));
    return n->output();
}

}  // namespace

std::unique_ptr<ir::Graph> randomGraph(uint32_t seed) {
    std::mt19937 random(seed);
    auto graph = std::make_unique<ir::Graph>();
    graph->name = fmt::format("random {}", seed);
    ir::Region& body = graph->body();
    ir::Value* x = body.addParameter({}, "x");
    ir::SymbolInfo batch;
    batch.name = "batch";
    batch.value = x;
    batch.min = 1;
    batch.max = 64;
    x->setType({DType::kFloat, {ir::Dim::symbol(graph->addSymbol(batch)), 8}});
    ir::Value* y = body.addParameter({DType::kFloat, {8}}, "y");

    std::vector<float> numbers(64);
    for (float& f : numbers) f = static_cast<float>(random() % 100) / 100;
    ir::WeightsRef w = ir::makeWeights<float>({8, 8}, numbers, "dense.weight");
    ir::WeightsRef b = ir::makeWeights<float>({8}, std::vector<float>(numbers.begin(), numbers.begin() + 8));
    // Weights that are made of others: w's sine.
    auto recipe = std::make_shared<ir::Recipe>();
    recipe->graph = std::make_unique<ir::Graph>();
    ir::Value* p = recipe->graph->body().addParameter({DType::kFloat, {8, 8}}, "w");
    recipe->graph->body().addResult(add(recipe->graph->body(), "unary", {p}, "kind=sin"));
    recipe->sources = {w};
    auto derived = std::make_shared<ir::Weights>(DType::kFloat, ir::Dims{8, 8}, std::move(recipe), "");

    std::vector<ir::Value*> pool{x, y};
    auto any = [&] { return pool[random() % pool.size()]; };
    ir::Value* constants[] = {graph->addConstant(w, "w"), graph->addConstant(b, "b"),
                              graph->addConstant(derived, "sine of w")};
    for (int i = 0; i < 14; ++i) {
        ir::Value* v = any();
        bool eight = v->rank() > 0 && v->shape().back() == ir::Dim(8);
        switch (random() % 8) {
            case 0: pool.push_back(add(body, "unary", {v}, "kind=tanh")); break;
            case 1: pool.push_back(add(body, "unary", {v}, "kind=clip alpha=-0.5 beta=0.25")); break;
            case 2: pool.push_back(add(body, "softmax", {v}, "axis=-1")); break;
            case 3:
                if (eight) pool.push_back(add(body, "binary", {v, constants[1]}, "kind=add"));
                break;
            case 4:
                if (eight) pool.push_back(add(body, "matmul", {v, constants[random() % 2 ? 0 : 2]}));
                break;
            case 5:
                if (v->rank() == 2) pool.push_back(add(body, "transpose", {v}, "perm=[1, 0]"));
                break;
            case 6: pool.push_back(add(body, "flatten", {v}, "axis=0")); break;
            case 7:
                if (eight) pool.push_back(add(body, "binary", {v, y}, "kind=mul"));
                break;
        }
    }
    for (int i = 0; i < 3; ++i) {
        ir::Value* v = any();
        if (v->producer()) v->producer()->origins() = {"source a", "source b"};
        body.addResult(v);
    }
    body.addResult(constants[1]);
    return graph;
}

void fixChecksums(std::vector<std::byte>& bytes) {
    if (bytes.size() < kHeaderBytes) return;
    auto get = [&](size_t at, auto value) {
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    };
    auto put = [&](size_t at, uint64_t value) { std::memcpy(bytes.data() + at, &value, 8); };
    uint64_t count = get(12, uint32_t{}), room = (bytes.size() - kHeaderBytes) / kEntryBytes;
    if (count > room) return;
    for (uint64_t i = 0; i < count; ++i) {
        size_t entry = kHeaderBytes + i * kEntryBytes;
        uint64_t offset = get(entry + 8, uint64_t{}), size = get(entry + 16, uint64_t{});
        if (get(entry, uint32_t{}) == 1 && offset <= bytes.size() && size <= bytes.size() - offset)
            put(entry + 24, checksum(std::span(bytes).subspan(offset, size)));
    }
    put(24, checksum(std::span(bytes).subspan(kHeaderBytes, count * kEntryBytes)));
    put(56, checksum(std::span(bytes).first(56)));
}

}  // namespace lathe::plan::testing

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ir/infer.h"
#include "ir/op.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

// An output of at most this size is always folded; a larger one only when it is not much larger than its inputs.
constexpr int64_t kSmall = 1 << 20;

bool worthFolding(const ir::Node& n) {
    int64_t in = 0, out = 0;
    for (const ir::Value* v : n.inputs())
        if (v) in += static_cast<int64_t>(v->constant()->byteSize());
    for (const ir::Value* v : n.outputs()) {
        if (!ir::isConstant(v->shape())) return false;
        auto count = ir::checkedVolume(ir::constantDims(v->shape()));
        if (!count.ok()) return false;
        out += bytesOf(v->dtype(), *count);
    }
    return out <= std::max(kSmall, 2 * in);
}

// The recipe: this node over its inputs, for one of its outputs. `frozen` keeps short real inputs as constants, too.
std::shared_ptr<const ir::Recipe> recipeOf(const ir::Node& n, int output, bool frozen) {
    auto recipe = std::make_shared<ir::Recipe>();
    recipe->graph = std::make_unique<ir::Graph>();
    std::vector<ir::Value*> inputs;
    for (const ir::Value* v : n.inputs()) {
        if (!v) {
            inputs.push_back(nullptr);
            continue;
        }
        // Integer operands (axes, shapes) stay constants, since inference may need them.
        if ((frozen || !isFloating(v->dtype())) && v->constant()->count() <= ir::kMaxElements) {
            inputs.push_back(recipe->graph->addConstant(v->constant(), v->name()));
            continue;
        }
        inputs.push_back(recipe->graph->body().addParameter(v->type(), v->name()));
        recipe->sources.push_back(v->constant());
    }
    ir::Node* copy = recipe->graph->body().append(n.op(), n.anyAttrs().clone(), inputs, n.outputCount(), n.name());
    for (int i = 0; i < n.outputCount(); ++i) copy->output(i)->setType(n.output(i)->type());
    recipe->graph->body().addResult(copy->output(output));
    return recipe;
}

template <class T>
ir::WeightsRef integers(const ir::Value& v) {
    std::vector<T> values;
    for (const ir::Dim& d : *v.elements()) values.push_back(static_cast<T>(d.value()));
    auto copy = std::make_shared<std::vector<T>>(std::move(values));
    std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(copy->data()), copy->size() * sizeof(T));
    return std::make_shared<ir::Weights>(v.dtype(), ir::constantDims(v.shape()), bytes, copy, std::string());
}

// What a plan's reader infers again must not need the values of sources: scales that give an extent stay constants.
std::shared_ptr<const ir::Recipe> recipeOf(const ir::Node& n, int output) {
    auto recipe = recipeOf(n, output, false);
    return ir::inferGraph(*recipe->graph).ok() ? recipe : recipeOf(n, output, true);
}

ir::WeightsRef knownIntegers(const ir::Value& v) {
    if (!v.elements() || !ir::isConstant(v.shape()) || !ir::isConstant(*v.elements())) return nullptr;
    if (v.dtype() == DType::kInt64) return integers<int64_t>(v);
    if (v.dtype() == DType::kInt32) return integers<int32_t>(v);
    if (v.dtype() == DType::kBool) return integers<uint8_t>(v);
    return nullptr;
}

Result<bool> foldRegion(ir::Graph& graph, ir::Region& region) {
    bool changed = false;
    for (const auto& node : region.nodes()) {
        ir::Node& n = *node;
        for (const auto& r : n.regions()) changed |= TRY(foldRegion(graph, *r));
        if (n.op().is(ir::Op::kRegions) || n.op().is(ir::Op::kSideEffect) || n.op().is(ir::Op::kNondeterministic))
            continue;
        bool allConstant =
            std::all_of(n.inputs().begin(), n.inputs().end(), [](const ir::Value* v) { return !v || v->isConstant(); });
        allConstant = allConstant && !n.op().is(ir::Op::kDataDependent) && worthFolding(n);
        bool any = false;
        for (int i = 0; i < n.outputCount(); ++i) {
            ir::Value* v = n.output(i);
            if (v->uses().empty()) continue;
            ir::WeightsRef w = knownIntegers(*v);
            if (!w && allConstant)
                w = std::make_shared<ir::Weights>(v->dtype(), ir::constantDims(v->shape()), recipeOf(n, i),
                                                  std::string());
            if (!w) continue;
            v->replaceAllUsesWith(graph.addConstant(std::move(w), v->name()));
            any = true;
        }
        // Readers may know more now (elements of a folded shape).
        changed |= any;
        if (!any && changed) TRY(ir::inferNode(n));
    }
    return changed;
}

}  // namespace

Result<bool> foldConstants(ir::Graph& graph) { return foldRegion(graph, graph.body()); }

}  // namespace lathe::passes

// SPDX-License-Identifier: Apache-2.0
#include "passes/rewrite.h"

#include "ir/infer.h"
#include "ops/registry.h"
#include "passes/consulted.h"
#include "passes/passes.h"

namespace lathe::passes {

Result<ir::Value*> Rewriter::emit(const char* name, const std::string& text, std::vector<ir::Value*> inputs) {
    const ir::Op* op = ops::find(name);
    if (!op) return internalError("there is no op '{}'", name);
    auto attrs = op->makeAttrs();
    TRY(ir::parseAttrs(*attrs, text));
    return emit(*op, std::move(attrs), std::move(inputs));
}

Result<ir::Value*> Rewriter::emit(const ir::Op& op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs) {
    ir::Node* n = region_.append(op, std::move(attrs), std::move(inputs), 1, at_.name(), &at_);
    joinOrigins(*n, at_);
    for (const ir::Node* m : more_) joinOrigins(*n, *m);
    TRY(ir::inferNode(*n));
    return n->output();
}

ir::Value* Rewriter::constant(ir::WeightsRef weights) {
    std::string name = weights->name();
    return region_.graph().addConstant(std::move(weights), std::move(name));
}

ir::Value* Rewriter::scalar(DType type, double value) {
    auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(bytesOf(type, 1)));
    Status stored = dispatchAll(type, [&]<class T>() -> Status {
        T x{};
        if constexpr (std::is_integral_v<T>)
            x = static_cast<T>(static_cast<int64_t>(value));
        else
            x = T(static_cast<float>(value));
        std::memcpy(bytes->data(), &x, sizeof x);
        return {};
    });
    ASSERT(stored.ok());
    std::span<const std::byte> view(*bytes);
    return constant(std::make_shared<ir::Weights>(type, ir::Dims{}, view, bytes, std::string()));
}

ir::Value* Rewriter::integers(const std::vector<int64_t>& values) {
    return constant(ir::makeWeights<int64_t>({static_cast<int64_t>(values.size())}, values));
}

void Rewriter::replace(ir::Value& old, ir::Value& made) {
    if (made.name().empty()) made.setName(old.name());
    old.replaceAllUsesWith(&made);
}

std::optional<double> scalarOf(const ir::Value* v) {
    if (!v || !v->isConstant() || v->constant()->count() != 1) return std::nullopt;
    double out = 0;
    Status s = dispatchFloat(v->dtype(), [&]<class T>() -> Status {
        out = static_cast<float>(TRY(v->constant()->as<T>())[0]);
        return {};
    });
    if (!s.ok()) return std::nullopt;
    Consulted::look(*v->constant());
    return out;
}

namespace {

Result<bool> visitRegion(ir::Region& region, const std::function<Result<bool>(ir::Node&)>& visit) {
    bool changed = false;
    std::vector<ir::Node*> nodes;  // a snapshot: visits insert
    for (const auto& n : region.nodes()) nodes.push_back(n.get());
    for (ir::Node* n : nodes) {
        for (const auto& r : n->regions()) changed |= TRY(visitRegion(*r, visit));
        const bool here = TRY_IN(fmt::format("node '{}'", n->name()), visit(*n));
        Consulted::settle(here);
        changed |= here;
    }
    return changed;
}

}  // namespace

Result<bool> forEach(ir::Graph& graph, const std::function<Result<bool>(ir::Node&)>& visit) {
    return visitRegion(graph.body(), visit);
}

}  // namespace lathe::passes

// SPDX-License-Identifier: Apache-2.0
// f32 computations become f16 or bf16 ones. Each node is lowered when its op's own inference takes the narrow type and
// gives the same shapes; the others stay, between casts. What a graph or a region takes and gives keeps its type.
#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "ir/infer.h"
#include "ops/cast.h"
#include "ops/registry.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

// Ops whose numbers are positions, seeds or scales of integers rather than data.
constexpr const char* kKeptOps[] = {"range",
                                    "constant_of_shape",
                                    "random_normal",
                                    "random_uniform",
                                    "bernoulli",
                                    "multinomial",
                                    "cumsum",
                                    "det",
                                    "quantize_linear",
                                    "dequantize_linear",
                                    "dynamic_quantize_linear",
                                    "qlinear_conv",
                                    "qlinear_matmul",
                                    "affine_grid",
                                    "grid_sample",
                                    "nms",
                                    "roi_align",
                                    "assume",
                                    "block_quantize",
                                    "kv_cache_update"};

// Inputs from this one on are parameters of the op (scales, sizes), not data; -1: all are data.
int firstParameter(const ir::Node& n) {
    if (isOp(&n, "resize")) return 1;
    return -1;
}

class Lowering {
  public:
    Lowering(ir::Graph& graph, const PrecisionChoice& choice) : graph_(graph), choice_(choice) {}

    Result<bool> run() {
        TRY(region(graph_.body()));
        return changed_;
    }

  private:
    Status region(ir::Region& r) {
        std::vector<ir::Node*> nodes;  // a snapshot: casts are put in
        for (const auto& n : r.nodes()) nodes.push_back(n.get());
        for (ir::Node* n : nodes) TRY_IN(fmt::format("node '{}'", n->name()), visit(*n));
        for (size_t i = 0; i < r.results().size(); ++i)
            if (isLowered(*r.results()[i])) r.setResult(static_cast<int>(i), TRY(wide(*r.results()[i])));
        return {};
    }

    Status visit(ir::Node& n) {
        if (TRY(lower(n))) {
            changed_ = true;
            return {};
        }
        bool any = false;
        for (int i = 0; i < n.inputCount(); ++i)
            if (ir::Value* v = n.input(i); v && isLowered(*v)) {
                n.setInput(i, TRY(wide(*v)));
                any = true;
            }
        if (any && n.regions().empty()) TRY(ir::inferNode(n));
        for (const auto& r : n.regions()) TRY(region(*r));
        return {};
    }

    bool mayLower(const ir::Node& n) const {
        if (!n.regions().empty() || n.op().is(ir::Op::kSideEffect) || n.op().is(ir::Op::kNondeterministic))
            return false;
        if (isOp(&n, "cast") || (choice_.keep && choice_.keep(n))) return false;
        auto kept = [&](const char* name) { return isOp(&n, name); };
        if (std::any_of(std::begin(kKeptOps), std::end(kKeptOps), kept)) return false;
        auto isFloat = [](const ir::Value* v) { return v && v->dtype() == DType::kFloat; };
        auto isData = [&](const ir::Value* v) { return isFloat(v) || (v && isLowered(*v)); };
        return std::any_of(n.inputs().begin(), n.inputs().end(), isData) &&
               std::any_of(n.outputs().begin(), n.outputs().end(), isFloat);
    }

    Result<bool> lower(ir::Node& n) {
        if (!mayLower(n)) return false;
        std::vector<ir::Value*> inputs = n.inputs();
        std::vector<ir::TensorType> types;
        for (const ir::Value* v : n.outputs()) types.push_back(v->type());
        int parameters = firstParameter(n);
        for (int i = 0; i < n.inputCount(); ++i) {
            ir::Value* v = n.input(i);
            if (!v || (parameters >= 0 && i >= parameters)) continue;
            if (v->dtype() == DType::kFloat) n.setInput(i, TRY(narrow(*v)));
        }
        bool good = ir::inferNode(n).ok();
        for (int o = 0; good && o < n.outputCount(); ++o) {
            const ir::TensorType& was = types[static_cast<size_t>(o)];
            good = n.output(o)->shape() == was.shape &&
                   n.output(o)->dtype() == (was.dtype == DType::kFloat ? choice_.to : was.dtype);
        }
        if (good) {
            for (int o = 0; o < n.outputCount(); ++o)
                if (types[static_cast<size_t>(o)].dtype == DType::kFloat) lowered_.insert(n.output(o));
            return true;
        }
        for (int i = 0; i < n.inputCount(); ++i) n.setInput(i, inputs[static_cast<size_t>(i)]);
        for (int o = 0; o < n.outputCount(); ++o) n.output(o)->setType(types[static_cast<size_t>(o)]);
        return false;
    }

    bool isLowered(const ir::Value& v) const { return lowered_.contains(&v); }

    // v in the narrow type. Finite numbers beyond its range become its largest, so that a mask of the lowest f32 keeps
    // products with 0 at 0.
    Result<ir::Value*> narrow(ir::Value& v) {
        if (isLowered(v)) return &v;
        auto [at, fresh] = narrow_.try_emplace(&v);
        if (!fresh) return at->second;
        ir::Value* out = nullptr;
        if (v.isConstant())
            out = graph_.addConstant(TRY(narrowWeights(v)), v.name());
        else
            out = TRY(castAfter(v, choice_.to, choice_.to == DType::kHalf && v.producer() != nullptr));
        return narrow_[&v] = out;
    }
    Result<ir::Value*> wide(ir::Value& v) {
        auto [at, fresh] = wide_.try_emplace(&v);
        if (!fresh) return at->second;
        return wide_[&v] = TRY(castAfter(v, DType::kFloat, false));
    }

    Result<ir::WeightsRef> narrowWeights(const ir::Value& v) {
        const ir::WeightsRef& source = v.constant();
        auto recipe = std::make_shared<ir::Recipe>();
        recipe->graph = std::make_unique<ir::Graph>();
        recipe->sources = {source};
        ir::Region& body = recipe->graph->body();
        ir::Value* x = body.addParameter({DType::kFloat, ir::toShape(source->dims())}, v.name());
        if (choice_.to == DType::kHalf && TRY(passesHalf(*source))) x = TRY(append(body, "unary", kClip, x));
        body.addResult(TRY(append(body, "cast", castTo(), x)));
        return ir::WeightsRef(
            std::make_shared<ir::Weights>(choice_.to, source->dims(), std::move(recipe), std::string()));
    }

    // Whether some finite element lies beyond what f16 holds.
    static Result<bool> passesHalf(const ir::Weights& w) {
        auto all = TRY(w.as<float>());
        return std::any_of(all.begin(), all.end(), [](float x) { return std::isfinite(x) && std::abs(x) > kMostHalf; });
    }

    static Result<ir::Value*> append(ir::Region& body, const char* name, const std::string& text, ir::Value* x,
                                     ir::Node* before = nullptr, std::string as = {}) {
        const ir::Op* op = ops::find(name);
        if (!op) return internalError("there is no op '{}'", name);
        auto attrs = op->makeAttrs();
        TRY(ir::parseAttrs(*attrs, text));
        ir::Node* n = body.append(*op, std::move(attrs), {x}, 1, std::move(as), before);
        TRY(ir::inferNode(*n));
        return n->output();
    }
    std::string castTo() const { return fmt::format("to={}", toString(choice_.to)); }

    // Right behind what makes v.
    Result<ir::Value*> castAfter(ir::Value& v, DType to, bool clip) {
        ir::Node* made = v.producer();
        ir::Region& r = made ? *made->parent() : *v.parameterOf();
        size_t at = made ? static_cast<size_t>(r.indexOf(made)) + 1 : 0;
        ir::Node* before = at < r.nodes().size() ? r.nodes()[at].get() : nullptr;
        std::string name = made ? made->name() : v.name();
        ir::Value* x = &v;
        if (clip) x = TRY(append(r, "unary", kClip, x, before, name));
        ir::Value* out = TRY(append(r, "cast", fmt::format("to={}", toString(to)), x, before, name));
        if (made) {
            joinOrigins(*out->producer(), *made);
            if (clip) joinOrigins(*x->producer(), *made);
        }
        out->setName(fmt::format("{}:{}", v.name(), toString(to)));
        return out;
    }

    static constexpr float kMostHalf = 65504;
    static constexpr const char* kClip = "kind=clip alpha=-65504 beta=65504";
    ir::Graph& graph_;
    const PrecisionChoice& choice_;
    std::unordered_set<const ir::Value*> lowered_;
    std::unordered_map<const ir::Value*, ir::Value*> narrow_, wide_;
    bool changed_ = false;
};

}  // namespace

Result<bool> lowerPrecision(ir::Graph& graph, const PrecisionChoice& choice) {
    if (choice.to != DType::kHalf && choice.to != DType::kBf16)
        return internalError("computations cannot be lowered to {}", toString(choice.to));
    bool changed = TRY(Lowering(graph, choice).run());
    if (!changed) return false;
    TRY(dropNoops(graph));
    TRY(foldConstants(graph));
    TRY(removeUnused(graph));
    return true;
}

}  // namespace lathe::passes

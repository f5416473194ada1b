// SPDX-License-Identifier: Apache-2.0
#include "api/build/structured_lowering.h"

#include <algorithm>
#include <cstdlib>

#include "ir/infer.h"
#include "ops/debug.h"
#include "ops/registry.h"

namespace lathe::api {
namespace {

using Role = BoundaryCore::Role;

const std::vector<BoundaryCore*>& boundariesOf(const BoundaryCore& b) {
    return b.loop ? b.loop->boundaries : b.conditional->boundaries;
}
bool isOutput(const BoundaryCore& b) { return b.role == Role::kLoopOutput || b.role == Role::kBranchOutput; }

Status requireScalar(const ir::Value& v, std::initializer_list<DType> types, const char* what) {
    if (v.rank() == 0 && std::find(types.begin(), types.end(), v.dtype()) != types.end()) return {};
    return invalidArgument("{} is {}; expected a scalar of type {}", what, ir::toString(v.type()),
                           toString(*types.begin()));
}

bool expansionIsOn() {
    const char* set = std::getenv("LATHE_EXPAND_PLUGINS");
    return !set || std::string_view(set) != "0";
}

}  // namespace

StructuredLowering::StructuredLowering(const Network& network, bool int8)
    : GraphLowering(network, int8), expands_(expansionIsOn()) {
    root_.region = &graph_->body();
    findMembers();
}

void StructuredLowering::findMembers() {
    for (const auto& loop : network_.loops()) {
        std::vector<const Tensor*> seeds;
        for (const BoundaryCore* r : loop->recurrences) seeds.push_back(&r->output());
        for (const BoundaryCore* i : loop->iterators) seeds.push_back(&i->output());
        loopMembers_[loop.get()] = reachable(std::move(seeds), loop->boundaries);
    }
    for (const auto& c : network_.conditionals()) {
        std::vector<const Tensor*> seeds;
        for (const BoundaryCore* i : c->inputs) seeds.push_back(&i->output());
        const Layers& all = conditionalMembers_[c.get()] = reachable(std::move(seeds), c->boundaries);
        for (const BoundaryCore* o : c->outputs) {
            thenMembers_[c.get()].merge(neededBy(*o->input(0), all));
            elseMembers_[c.get()].merge(neededBy(*o->input(1), all));
        }
        placeAssertions(*c);
    }
}

// No output of a conditional needs a layer without outputs. It belongs to the branch that makes what it looks at; where
// that is neither or both, it is computed outside, whichever branch runs.
void StructuredLowering::placeAssertions(const ConditionalCore& c) {
    Layers &all = conditionalMembers_[&c], &thenLayers = thenMembers_[&c], &elseLayers = elseMembers_[&c];
    for (const auto& layer : network_.layers()) {
        if (!layer->outputs().empty() || !all.count(layer.get())) continue;
        Layers needed;
        for (const Tensor* t : layer->inputs())
            if (t) needed.merge(neededBy(*t, all));
        auto meets = [&](const Layers& branch) {
            return std::any_of(needed.begin(), needed.end(), [&](const LayerCore* l) { return branch.count(l) != 0; });
        };
        bool inThen = meets(thenLayers), inElse = meets(elseLayers);
        if (inThen == inElse) {
            all.erase(layer.get());
            for (const LayerCore* l : needed)
                if (!thenLayers.count(l) && !elseLayers.count(l)) all.erase(l);
            continue;
        }
        Layers& branch = inThen ? thenLayers : elseLayers;
        branch.insert(layer.get());
        branch.merge(needed);
    }
}

// Layers that depend on the seeds, the construct's own boundary layers left out.
StructuredLowering::Layers StructuredLowering::reachable(std::vector<const Tensor*> seeds,
                                                         const std::vector<BoundaryCore*>& own) const {
    std::set<const Tensor*> known(seeds.begin(), seeds.end());
    Layers out;
    for (bool more = true; more;) {
        more = false;
        for (const auto& layer : network_.layers()) {
            BoundaryCore* b = layer->asBoundary();
            if (out.count(layer.get()) || (b && std::find(own.begin(), own.end(), b) != own.end())) continue;
            bool depends = std::any_of(layer->inputs().begin(), layer->inputs().end(),
                                       [&](const Tensor* t) { return t && known.count(t); });
            if (b && isOutput(*b) && !depends) {
                const auto& unit = boundariesOf(*b);
                depends =
                    std::any_of(unit.begin(), unit.end(), [&](const BoundaryCore* u) { return out.count(u) != 0; });
            }
            if (!depends) continue;
            out.insert(layer.get());
            for (const auto& t : layer->outputs()) known.insert(t.get());
            more = true;
        }
    }
    return out;
}

// Of these layers, those that a tensor depends on.
StructuredLowering::Layers StructuredLowering::neededBy(const Tensor& tensor, const Layers& among) const {
    Layers out;
    std::vector<const Tensor*> open = {&tensor};
    while (!open.empty()) {
        LayerCore* layer = open.back()->producer();
        open.pop_back();
        if (!layer || !among.count(layer) || !out.insert(layer).second) continue;
        auto follow = [&](const LayerCore& l) {
            for (const Tensor* t : l.inputs())
                if (t) open.push_back(t);
        };
        follow(*layer);
        if (BoundaryCore* b = layer->asBoundary(); b && isOutput(*b))
            for (const BoundaryCore* u : boundariesOf(*b)) {
                if (among.count(u)) out.insert(u);
                follow(*u);
            }
    }
    return out;
}

// Whether the layer lies in a construct that is not around the scope.
bool StructuredLowering::insideOfOther(const LayerCore& layer, const Scope& scope) const {
    auto around = [&](const Layers& members) {
        for (const Scope* s = &scope; s; s = s->parent)
            if (s->members == &members) return true;
        return false;
    };
    for (const auto& [loop, members] : loopMembers_)
        if (members.count(&layer) && !around(members)) return true;
    for (const auto& [c, members] : conditionalMembers_)
        if (members.count(&layer) && !around(thenMembers_.at(c)) && !around(elseMembers_.at(c))) return true;
    return false;
}

StructuredLowering::Scope& StructuredLowering::home(const LayerCore& layer, Scope& scope) const {
    Scope* s = &scope;
    while (s->members && !s->members->count(&layer)) s = s->parent;
    return *s;
}

StructuredLowering::Scope& StructuredLowering::homeOfUnit(const std::vector<BoundaryCore*>& boundaries,
                                                          Scope& scope) const {
    Scope* s = &scope;
    while (s->members && std::none_of(boundaries.begin(), boundaries.end(),
                                      [&](const BoundaryCore* b) { return s->members->count(b) != 0; }))
        s = s->parent;
    return *s;
}

ir::Value* StructuredLowering::lookUp(const Tensor& tensor) {
    for (const Scope* s = scope_; s; s = s->parent)
        if (auto at = s->values.find(&tensor); at != s->values.end()) return at->second;
    return nullptr;
}

Status StructuredLowering::lowerAll() {
    for (const auto& c : network_.conditionals()) thenMembers_[c.get()], elseMembers_[c.get()];
    for (const auto& t : network_.inputs()) TRY(report(*t, lookUp(*t)));
    return fill(root_);
}

Status StructuredLowering::report(const Tensor& tensor, ir::Value* value) {
    if (!network_.isDebug(tensor)) return {};
    for (const Scope* s = scope_; s; s = s->parent)
        if (s == twice_) return {};
    auto attrs = std::make_unique<ops::DebugAttrs>();
    attrs->name = tensor.name();
    ir::Node* n = region().append(*ops::op_debug, std::move(attrs), {value}, 1, fmt::format("debug({})", tensor.name()),
                                  before());
    return ir::inferNode(*n);
}

Status StructuredLowering::lowerAndReport(LayerCore& layer) {
    TRY(lowerLayer(layer));
    for (const auto& t : layer.outputs()) TRY(report(*t, lookUp(*t)));
    return {};
}

Status StructuredLowering::fill(Scope& scope) {
    for (const auto& layer : network_.layers()) {
        if (&home(*layer, scope) != &scope || insideOfOther(*layer, scope)) continue;
        BoundaryCore* b = layer->asBoundary();
        if (b && !isOutput(*b)) continue;
        if (b && &homeOfUnit(boundariesOf(*b), scope) != &scope) continue;
        if (layer->outputs().empty()) {
            // Nothing asks for it: it is there for what it does.
            for (const Tensor* t : layer->inputs())
                if (t) TRY_IN(fmt::format("layer '{}'", layer->name()), require(*t, scope));
            TRY_IN(fmt::format("layer '{}'", layer->name()), in(scope, [&] { return lowerLayer(*layer); }));
            continue;
        }
        TRY(require(*layer->outputs()[0], scope));
    }
    return {};
}

Result<ir::Value*> StructuredLowering::require(const Tensor& tensor, Scope& scope) {
    auto find = [&] { return in(scope, [&] { return lookUp(tensor); }); };
    if (ir::Value* v = find()) return v;
    LayerCore* layer = tensor.producer();
    if (!layer) return internalError("network input '{}' is unknown", tensor.name());
    BoundaryCore* b = layer->asBoundary();
    if (b && (b->role == Role::kRecurrence || b->role == Role::kIterator))
        return invalidArgument("layer '{}': its output '{}' is used outside of loop '{}'", layer->name(), tensor.name(),
                               b->loop->getName());
    if (b && b->role == Role::kBranchInput) {
        // Outside of the branches it is what goes into them.
        ir::Value* v = TRY(require(*b->input(0), scope));
        return scope.values[&tensor] = v;
    }
    if (b) {
        TRY(b->loop ? lowerLoop(*b->loop, scope) : lowerConditional(*b->conditional, scope));
    } else {
        Scope& at = home(*layer, scope);
        if (!underway_.insert(layer).second)
            return invalidArgument("layer '{}' depends on its own output, and not by way of a recurrence",
                                   layer->name());
        for (const Tensor* t : layer->inputs())
            if (t) TRY(require(*t, at));
        underway_.erase(layer);
        TRY_IN(fmt::format("layer '{}'", layer->name()), in(at, [&] { return lowerAndReport(*layer); }));
    }
    if (ir::Value* v = find()) return v;
    return internalError("layer '{}': output '{}' was not lowered", layer->name(), tensor.name());
}

Result<ir::Value*> StructuredLowering::iteratorSlice(const IteratorCore& iterator, ir::Value* iteration,
                                                     ir::Value* count, Scope& home) {
    ir::Value* data = TRY(require(*iterator.input(0), home));
    ir::Value* index = iteration;
    if (iterator.reverse) {
        if (!count) return invalidArgument("iterator '{}' is reversed, which needs a trip count", iterator.name());
        index = TRY(emit("binary", "kind=sub", {TRY(emit("binary", "kind=sub", {count, TRY(integer(1))})), iteration}));
    }
    return TRY_IN(fmt::format("iterator '{}'", iterator.name()),
                  emit("gather", fmt::format("axis={}", iterator.axis), {data, index}));
}

Result<ir::Value*> StructuredLowering::whileCondition(const LoopCore& loop, Scope& scope) {
    const Scope* outer = std::exchange(twice_, &scope);
    auto condition = whileConditionIn(loop, scope);
    twice_ = outer;
    return condition;
}

Result<ir::Value*> StructuredLowering::whileConditionIn(const LoopCore& loop, Scope& scope) {
    for (const TripLimitCore* l : loop.limits) {
        if (l->kind != nvinfer1::TripLimit::kWHILE) continue;
        ir::Value* c = TRY(require(*l->input(0), scope));
        TRY(requireScalar(*c, {DType::kBool}, "the condition"));
        return c;
    }
    return nullptr;
}

Status StructuredLowering::lowerLoop(const LoopCore& loop, Scope& scope) {
    if (!underway_.insert(&loop).second) return invalidArgument("loop '{}' depends on its own output", loop.getName());
    Scope& at = homeOfUnit(loop.boundaries, scope);
    Status s = in(at, [&]() -> Status {
        if (loop.limits.empty()) return makeStatus(Code::kInvalidState, "it has no trip limit");
        ir::Value* count = nullptr;
        for (const TripLimitCore* l : loop.limits) {
            if (l->kind != nvinfer1::TripLimit::kCOUNT) continue;
            count = TRY(require(*l->input(0), at));
            TRY(requireScalar(*count, {DType::kInt64, DType::kInt32}, "the trip count"));
            count = TRY(asType(count, DType::kInt64));
        }
        std::vector<ir::Value*> initial;
        for (const BoundaryCore* r : loop.recurrences) {
            if (!r->hasInput(1))
                return makeStatus(Code::kInvalidState,
                                  "recurrence '{}' has no input 1: the value of the next iteration", r->name());
            initial.push_back(TRY(require(*r->input(0), at)));
        }
        // Tensors that the iterators slice lie outside of the body.
        for (const IteratorCore* i : loop.iterators) TRY(require(*i->input(0), at));
        const Layers& members = loopMembers_.at(&loop);

        // The condition of the first iteration.
        Scope first{at.region, at.before, &at, &members, {}};
        for (size_t i = 0; i < initial.size(); ++i) first.values[&loop.recurrences[i]->output()] = initial[i];
        bool hasWhile = std::any_of(loop.limits.begin(), loop.limits.end(),
                                    [](const auto* l) { return l->kind == nvinfer1::TripLimit::kWHILE; });
        ir::Value* condition = nullptr;
        if (hasWhile) {
            for (const IteratorCore* i : loop.iterators)
                first.values[&i->output()] = TRY(iteratorSlice(*i, TRY(integer(0)), count, at));
            condition = TRY(whileCondition(loop, first));
        }

        const ir::Op* op = ops::find("loop");
        if (!op) return unsupported("this build has no op 'loop'");
        std::vector<ir::Value*> inputs = {count, condition};
        inputs.insert(inputs.end(), initial.begin(), initial.end());
        size_t joins = std::count_if(loop.outputs.begin(), loop.outputs.end(),
                                     [](const auto* o) { return o->kind != nvinfer1::LoopOutput::kLAST_VALUE; });
        ir::Node* node = at.region->append(*op, op->makeAttrs(), inputs, static_cast<int>(initial.size() + joins),
                                           loop.getName(), at.before);
        ir::Region& body = node->addRegion();
        ir::Value* iteration = body.addParameter({DType::kInt64, {}}, "");
        body.addParameter({DType::kBool, {}}, "");
        Scope inside{&body, nullptr, &at, &members, {}};
        for (size_t i = 0; i < initial.size(); ++i)
            inside.values[&loop.recurrences[i]->output()] =
                body.addParameter(initial[i]->type(), loop.recurrences[i]->output().name());
        ir::Node* outerBefore = std::exchange(at.before, node);
        Status filled = in(inside, [&]() -> Status {
            for (const IteratorCore* i : loop.iterators)
                inside.values[&i->output()] = TRY(iteratorSlice(*i, iteration, count, at));
            for (const BoundaryCore* r : loop.recurrences) TRY(report(r->output(), inside.values[&r->output()]));
            for (const BoundaryCore* i : loop.iterators) TRY(report(i->output(), inside.values[&i->output()]));
            TRY(fill(inside));
            std::vector<ir::Value*> next, joinedValues;
            for (size_t i = 0; i < initial.size(); ++i) {
                const BoundaryCore& r = *loop.recurrences[i];
                next.push_back(TRY(require(*r.input(1), inside)));
                // An extent that is known from the start must stay, as the body's layers may have been made for it.
                const ir::TensorType &before = initial[i]->type(), &after = next[i]->type();
                bool keeps = before.dtype == after.dtype && before.shape.size() == after.shape.size();
                for (size_t d = 0; keeps && d < before.shape.size(); ++d)
                    keeps = !before.shape[d].isConstant() || before.shape[d] == after.shape[d];
                if (!keeps)
                    return unsupported(
                        "recurrence '{}' starts as {} and becomes {}; a value must keep its type, its number of "
                        "dimensions and the extents that are known",
                        r.name(), ir::toString(before), ir::toString(after));
            }
            for (const LoopOutputCore* o : loop.outputs)
                if (o->kind != nvinfer1::LoopOutput::kLAST_VALUE)
                    joinedValues.push_back(TRY(require(*o->input(0), inside)));
            ir::Value* again;
            if (hasWhile) {
                Scope following{&body, nullptr, &at, &members, {}};
                for (size_t i = 0; i < next.size(); ++i) following.values[&loop.recurrences[i]->output()] = next[i];
                ir::Value* after = TRY(emit("binary", "kind=add", {iteration, TRY(integer(1))}));
                // After the last iteration there is nothing to slice; the value does not matter then.
                if (count && !loop.iterators.empty())
                    after = TRY(
                        emit("binary", "kind=min", {after, TRY(emit("binary", "kind=sub", {count, TRY(integer(1))}))}));
                for (const IteratorCore* i : loop.iterators)
                    following.values[&i->output()] = TRY(iteratorSlice(*i, after, count, at));
                again = TRY(whileCondition(loop, following));
            } else {
                const std::byte yes{1};
                again = TRY(constant(TRY(ir::copyWeights(DType::kBool, {}, {&yes, 1}))));
            }
            std::set<const ir::Value*> taken;
            body.addResult(TRY(ownResult(again, body, taken)));
            for (ir::Value* v : next) body.addResult(TRY(ownResult(v, body, taken)));
            for (ir::Value* v : joinedValues) body.addResult(TRY(ownResult(v, body, taken)));
            return {};
        });
        at.before = outerBefore;
        TRY(filled);
        TRY(ir::inferNode(*node));
        size_t join = initial.size();
        for (const LoopOutputCore* o : loop.outputs) {
            ir::Value* v = nullptr;
            if (o->kind == nvinfer1::LoopOutput::kLAST_VALUE) {
                for (size_t i = 0; i < initial.size(); ++i)
                    if (&loop.recurrences[i]->output() == o->input(0)) v = node->output(static_cast<int>(i));
                if (!v)
                    return invalidArgument("output '{}' takes the last value of a tensor that is not a recurrence's",
                                           o->name());
            } else {
                v = TRY_IN(fmt::format("output '{}'", o->name()),
                           joined(*o, node->output(static_cast<int>(join++)), !hasWhile, at));
            }
            if (v->name().empty()) v->setName(o->output().name());
            at.values[&o->output()] = v;
            TRY(report(o->output(), v));
        }
        return {};
    });
    underway_.erase(&loop);
    s.prefix(fmt::format("loop '{}'", loop.getName()));
    return s;
}

// [trips, …] to the length that was asked for (zeros where the loop ended before), in the right order, at the right
// axis.
Result<ir::Value*> StructuredLowering::joined(const LoopOutputCore& output, ir::Value* v, bool exact, Scope& home) {
    int rank = v->rank();
    ir::Value* length = nullptr;
    bool same = true;
    // Without a length the stack is as long as the loop ran.
    if (output.hasInput(1)) {
        length = TRY(require(*output.input(1), home));
        TRY(requireScalar(*length, {DType::kInt64, DType::kInt32}, "the length"));
        same = exact && length->elements() && (*length->elements())[0] == v->shape()[0];
    }
    if (!same) {
        ir::Value* one = TRY(integers({1}));
        length = TRY(emit("reshape", "", {TRY(asType(length, DType::kInt64)), one}));
        ir::Value* missing = TRY(emit("binary", "kind=sub", {length, TRY(emit("shape", "start=0 end=1", {v}))}));
        ir::Value* pads = TRY(emit("concat", "axis=0", {TRY(integers({0})), missing}));
        v = TRY(emit("pad", "mode=constant", {v, pads, nullptr, TRY(integers({0}))}));
    }
    if (output.kind == nvinfer1::LoopOutput::kREVERSE)
        v = TRY(emit("slice", "",
                     {v, TRY(integers({-1})), TRY(integers({INT32_MIN})), TRY(integers({0})), TRY(integers({-1}))}));
    if (output.axis < 0 || output.axis >= rank)
        return invalidArgument("axis {} in {}", output.axis, ir::toString(v->shape()));
    if (output.axis == 0) return v;
    std::vector<int64_t> perm;
    for (int i = 1; i < rank; ++i) perm.push_back(i);
    perm.insert(perm.begin() + output.axis, 0);
    return emit("transpose", "perm=" + ir::toString(perm), {v});
}

Status StructuredLowering::lowerConditional(const ConditionalCore& c, Scope& scope) {
    if (!underway_.insert(&c).second) return invalidArgument("conditional '{}' depends on its own output", c.getName());
    Scope& at = homeOfUnit(c.boundaries, scope);
    Status s = in(at, [&]() -> Status {
        if (!c.condition) return makeStatus(Code::kInvalidState, "it has no condition");
        ir::Value* condition = TRY(require(*c.condition->input(0), at));
        TRY(requireScalar(*condition, {DType::kBool}, "the condition"));
        for (const BoundaryCore* i : c.inputs) TRY(require(*i->input(0), at));
        const ir::Op* op = ops::find("if");
        if (!op) return unsupported("this build has no op 'if'");
        ir::Node* node = at.region->append(*op, op->makeAttrs(), {condition}, static_cast<int>(c.outputs.size()),
                                           c.getName(), at.before);
        ir::Node* outerBefore = std::exchange(at.before, node);
        Status filled;
        for (int branch = 0; branch < 2 && filled.ok(); ++branch) {
            ir::Region& region = node->addRegion();
            Scope inside{&region, nullptr, &at, branch == 0 ? &thenMembers_.at(&c) : &elseMembers_.at(&c), {}};
            filled = in(inside, [&]() -> Status {
                for (const BoundaryCore* i : c.inputs) {
                    inside.values[&i->output()] = lookUp(*i->input(0));
                    TRY(report(i->output(), inside.values[&i->output()]));
                }
                TRY(fill(inside));
                std::set<const ir::Value*> taken;
                for (const BoundaryCore* o : c.outputs)
                    region.addResult(TRY(ownResult(TRY(require(*o->input(branch), inside)), region, taken)));
                return {};
            });
        }
        at.before = outerBefore;
        TRY(filled);
        TRY(ir::inferNode(*node));
        for (size_t i = 0; i < c.outputs.size(); ++i) {
            ir::Value* v = node->output(static_cast<int>(i));
            v->setName(c.outputs[i]->output().name());
            at.values[&c.outputs[i]->output()] = v;
            TRY(report(c.outputs[i]->output(), v));
        }
        return {};
    });
    underway_.erase(&c);
    s.prefix(fmt::format("conditional '{}'", c.getName()));
    return s;
}

Result<ir::Value*> StructuredLowering::ownResult(ir::Value* value, ir::Region& region,
                                                 std::set<const ir::Value*>& taken) {
    if (value->producer() && value->producer()->parent() == &region && taken.insert(value).second) return value;
    ir::Value* copy = TRY(emit("identity", "", {value}));
    taken.insert(copy);
    return copy;
}

Result<const ir::Value*> StructuredLowering::addResult(const Tensor& tensor) {
    ir::Value* v = TRY(require(tensor, root_));
    v = TRY(ownResult(v, graph_->body(), results_));
    graph_->body().addResult(v);
    return v;
}

}  // namespace lathe::api

// SPDX-License-Identifier: Apache-2.0
#include "plan/read_graph.h"

#include "ir/infer.h"
#include "ops/registry.h"

namespace lathe::plan {
namespace {

class GraphReader {
  public:
    GraphReader(const fb::Graph& in, std::span<const ir::WeightsRef> weights, Budget& budget)
        : in_(in), weights_(weights), budget_(budget), values_(items(in.values())) {}

    Result<LoadedGraph> run() {
        out_.graph = std::make_unique<ir::Graph>();
        out_.graph->name = TRY(budget_.text(in_.name()));
        out_.values.resize(values_.size());
        visible_.resize(values_.size());
        auto symbols = items(in_.symbols());
        symbolCount_ = static_cast<int64_t>(symbols.size());
        for (const fb::Symbol* s : symbols) TRY(symbol(*s));
        TRY(constants());
        if (!in_.body()) return invalidArgument("graph '{}' has no body", out_.graph->name);
        TRY(region(*in_.body(), out_.graph->body()));
        for (size_t i = 0; i < symbols.size(); ++i)
            TRY_IN(fmt::format("symbol {}", i), bindSymbol(*symbols[i], out_.graph->symbols()[i]));
        TRY(checkTypes());
        return std::move(out_);
    }

  private:
    Result<std::vector<ir::Dim>> dims(const fb::Dims* d, int64_t most) {
        std::vector<ir::Dim> out;
        if (!d || !d->values()) return out;
        if (d->values()->size() > most)
            return invalidArgument("a list of {} dimensions, at most {} are allowed", d->values()->size(), most);
        bool symbolic = d->exprs() && d->exprs()->size() > 0;
        if (symbolic && d->exprs()->size() != d->values()->size())
            return invalidArgument("a list of dimensions with too few or too many expressions");
        TRY(budget_.charge(d->values()->size() * sizeof(ir::Dim)));
        TRY(Budget::checkAligned(*d->values()));
        for (uint32_t i = 0; i < d->values()->size(); ++i) {
            const flatbuffers::String* e = symbolic ? d->exprs()->Get(i) : nullptr;
            out.push_back(e && e->size() ? TRY(expression(e)) : ir::Dim(d->values()->Get(i)));
        }
        return out;
    }

    Result<ir::Dim> expression(const flatbuffers::String* text) {
        if (text->size() > kLongestExpression)
            return invalidArgument("a dimension's expression has {} characters", text->size());
        std::string copy = TRY(budget_.text(text));
        ir::Dim d = TRY(ir::Dim::parse(copy));
        bool exist = true;
        d.forEachSymbol([&](ir::SymbolId id) { exist = exist && id >= 0 && id < symbolCount_; });
        if (!exist) return invalidArgument("the dimension {} has a symbol that does not exist", d.toString());
        return d;
    }

    Status symbol(const fb::Symbol& s) {
        ir::SymbolInfo info;
        info.name = TRY(budget_.text(s.name()));
        if (s.source() < 0 || s.source() > static_cast<int>(ir::SymbolInfo::Source::kOutputDim))
            return invalidArgument("symbol '{}' has the unknown source {}", info.name, static_cast<int>(s.source()));
        info.source = static_cast<ir::SymbolInfo::Source>(s.source());
        info.index = s.index();
        info.min = s.min();
        info.max = s.max();
        if (s.upper_bound() && s.upper_bound()->size()) info.upperBound = TRY(expression(s.upper_bound()));
        out_.graph->addSymbol(std::move(info));
        return {};
    }

    Status bindSymbol(const fb::Symbol& s, ir::SymbolInfo& info) {
        if (s.value() == -1) return {};  // nobody uses it any more; whoever does would find it without a value
        ir::Value* v = TRY(known(s.value()));
        info.value = v;
        using Source = ir::SymbolInfo::Source;
        bool integer = v->dtype() == DType::kInt64 || v->dtype() == DType::kInt32 || v->dtype() == DType::kBool ||
                       v->dtype() == DType::kInt8 || v->dtype() == DType::kUint8;
        if (v->isConstant()) return invalidArgument("it comes from the constant '{}'", v->name());
        if (info.source == Source::kElement) {
            if (!integer || info.index < 0 || info.index >= ir::kMaxElements)
                return invalidArgument("it is element {} of '{}', which has none such", info.index, v->name());
        } else if (info.index < 0 || info.index >= v->rank()) {
            return invalidArgument("it is axis {} of '{}', which has {}", info.index, v->name(), v->rank());
        }
        if (info.source == Source::kInputDim && v->parameterOf() != &out_.graph->body())
            return invalidArgument("it is an extent of the input '{}', which is no input", v->name());
        return {};
    }

    Status constants() {
        for (size_t i = 0; i < values_.size(); ++i) {
            int w = values_[i]->weights();
            if (w == -1) continue;
            if (w < 0 || w >= static_cast<int64_t>(weights_.size()))
                return invalidArgument("value {} has weights {}, which do not exist", i, w);
            std::string name = TRY(budget_.text(values_[i]->name()));
            out_.values[i] = out_.graph->addConstant(weights_[static_cast<size_t>(w)], name);
            visible_[i] = true;
        }
        return {};
    }

    Result<ir::TensorType> typeOf(const fb::Value& v) {
        ir::TensorType t;
        t.dtype = TRY(readDType(v.dtype()));
        t.shape = TRY(dims(v.shape(), ir::kMaxRank));
        for (const ir::Dim& d : t.shape)
            if (d.isConstant() && d.value() < 0)
                return invalidArgument("a shape has the negative extent {}", d.value());
        return t;
    }

    // A value that is about to be made; ids are made once.
    Status fresh(int id) {
        if (id < 0 || id >= static_cast<int64_t>(values_.size()) || out_.values[static_cast<size_t>(id)])
            return invalidArgument("value {} is made twice, or does not exist", id);
        return {};
    }
    Result<ir::Value*> known(int id) {
        if (id < 0 || id >= static_cast<int64_t>(values_.size()) || !out_.values[static_cast<size_t>(id)])
            return invalidArgument("value {} does not exist", id);
        return out_.values[static_cast<size_t>(id)];
    }
    Result<ir::Value*> readable(int id) {
        ir::Value* v = TRY(known(id));
        if (!visible_[static_cast<size_t>(id)])
            return invalidArgument("value '{}' is read outside of its region", v->name());
        return v;
    }

    Status region(const fb::Region& in, ir::Region& out) {
        std::vector<int> own;
        std::vector<int> parameters = TRY(budget_.list(in.parameters())), results = TRY(budget_.list(in.results()));
        for (int id : parameters) {
            TRY(fresh(id));
            const fb::Value& v = *values_[static_cast<size_t>(id)];
            std::string name = TRY(budget_.text(v.name()));
            ir::TensorType type = TRY_IN(fmt::format("value '{}'", name), typeOf(v));
            ir::Value* p = out.addParameter(std::move(type), name);
            if (v.elements()) p->setElements(TRY(dims(v.elements(), ir::kMaxElements)));
            out_.values[static_cast<size_t>(id)] = p;
            own.push_back(id);
            visible_[static_cast<size_t>(id)] = true;
        }
        for (const fb::Node* n : items(in.nodes())) TRY(node(*n, out, own));
        for (int id : results) out.addResult(TRY(readable(id)));
        for (int id : own) visible_[static_cast<size_t>(id)] = false;
        return {};
    }

    Status node(const fb::Node& in, ir::Region& region, std::vector<int>& own) {
        std::string opName = TRY(budget_.text(in.op())), name = TRY(budget_.text(in.name()));
        const ir::Op* op = ops::find(opName);
        if (!op) return unsupported("node '{}' is a '{}', which this library does not know", name, opName);
        auto attrs = op->makeAttrs();
        std::string text = TRY(budget_.text(in.attrs()));
        TRY_IN(fmt::format("node '{}' ({})", name, opName), ir::parseAttrs(*attrs, text));
        std::vector<ir::Value*> inputs;
        std::vector<int> inputIds = TRY(budget_.list(in.inputs())), outputs = TRY(budget_.list(in.outputs()));
        for (int id : inputIds)
            inputs.push_back(id == -1 ? nullptr : TRY_IN(fmt::format("node '{}'", name), readable(id)));
        auto nested = items(in.regions());
        if (op->is(ir::Op::kRegions) == nested.empty())
            return invalidArgument("node '{}' ({}) has {} regions", name, opName, nested.size());
        ir::Node* n = region.append(*op, std::move(attrs), std::move(inputs), static_cast<int>(outputs.size()), name);
        n->origins() = TRY(budget_.texts(in.origins()));
        out_.nodes.push_back(n);
        // Nested regions see neither this node's outputs nor, afterwards, are they seen.
        for (const fb::Region* r : nested) TRY_IN(fmt::format("node '{}'", name), this->region(*r, n->addRegion()));
        for (size_t o = 0; o < outputs.size(); ++o) {
            int id = outputs[o];
            TRY_IN(fmt::format("node '{}'", name), fresh(id));
            ir::Value* v = n->output(static_cast<int>(o));
            const fb::Value& from = *values_[static_cast<size_t>(id)];
            v->setName(TRY(budget_.text(from.name())));
            v->setType(TRY_IN(fmt::format("value '{}'", v->name()), typeOf(from)));
            out_.values[static_cast<size_t>(id)] = v;
            own.push_back(id);
            visible_[static_cast<size_t>(id)] = true;
        }
        return {};
    }

    // What the file says of types must be what inference says; elements come from there.
    Status checkTypes() {
        std::vector<ir::TensorType> stored(out_.values.size());
        for (size_t i = 0; i < out_.values.size(); ++i) {
            if (!out_.values[i]) return invalidArgument("value {} is made by nobody", i);
            stored[i] = out_.values[i]->type();
        }
        TRY(ir::inferGraph(*out_.graph));
        if (static_cast<int64_t>(out_.graph->symbols().size()) != symbolCount_)
            return invalidArgument("graph '{}' lacks symbols for some unknown dimensions", out_.graph->name);
        for (size_t i = 0; i < out_.values.size(); ++i)
            if (!(out_.values[i]->type() == stored[i]))
                return invalidArgument("value '{}' has the type {}, but inference says {}", out_.values[i]->name(),
                                       ir::toString(stored[i]), ir::toString(out_.values[i]->type()));
        return {};
    }

    static constexpr uint32_t kLongestExpression = 1 << 16;
    const fb::Graph& in_;
    std::span<const ir::WeightsRef> weights_;
    Budget& budget_;
    std::vector<const fb::Value*> values_;
    std::vector<bool> visible_;  // by value id
    int64_t symbolCount_ = 0;
    LoadedGraph out_;
};

Result<ir::WeightsRef> readDerived(const fb::Weights& in, DType dtype, const ir::Dims& dims, std::string name,
                                   std::span<const ir::WeightsRef> earlier, Budget& budget) {
    auto recipe = std::make_shared<ir::Recipe>();
    std::vector<int> sources = TRY(budget.list(in.sources()));
    for (int s : sources) {
        if (s < 0 || s >= static_cast<int64_t>(earlier.size()))
            return invalidArgument("their recipe needs weights {}, which do not come before them", s);
        recipe->sources.push_back(earlier[static_cast<size_t>(s)]);
    }
    LoadedGraph loaded = TRY(readGraph(in.recipe(), earlier, budget));
    recipe->graph = std::move(loaded.graph);
    const ir::Region& body = recipe->graph->body();
    if (body.parameters().size() != recipe->sources.size() || body.results().size() != 1)
        return invalidArgument("their recipe has {} parameters for {} sources, and {} results",
                               body.parameters().size(), recipe->sources.size(), body.results().size());
    for (size_t i = 0; i < recipe->sources.size(); ++i) {
        const ir::Weights& w = *recipe->sources[i];
        if (!(body.parameters()[i]->type() == ir::TensorType{w.dtype(), ir::toShape(w.dims())}))
            return invalidArgument("their recipe's parameter {} does not have its source's type", i);
    }
    if (!(body.results()[0]->type() == ir::TensorType{dtype, ir::toShape(dims)}))
        return invalidArgument("their recipe makes {}, not {}{}", ir::toString(body.results()[0]->type()),
                               toString(dtype), ir::toString(dims));
    return ir::WeightsRef(
        std::make_shared<ir::Weights>(dtype, dims, std::move(recipe), std::move(name), in.content_hash()));
}

}  // namespace

Result<DType> readDType(int value) {
    if (value < 0 || value >= kDTypeCount) return invalidArgument("there is no element type {}", value);
    return static_cast<DType>(value);
}

Result<LoadedGraph> readGraph(const fb::Graph* graph, std::span<const ir::WeightsRef> weights, Budget& budget) {
    if (!graph) return invalidArgument("a graph is missing");
    return GraphReader(*graph, weights, budget).run();
}

Result<std::vector<ir::WeightsRef>> readWeights(const flatbuffers::Vector<flatbuffers::Offset<fb::Weights>>* list,
                                                const std::map<uint32_t, Section>& sections,
                                                std::span<const std::byte> bytes,
                                                const std::shared_ptr<const void>& owner, Budget& budget) {
    std::vector<ir::WeightsRef> out;
    for (const fb::Weights* in : items(list)) {
        std::string name = TRY(budget.text(in->name()));
        auto read = [&]() -> Result<ir::WeightsRef> {
            DType dtype = TRY(readDType(in->dtype()));
            ir::Dims dims = TRY(budget.list(in->dims()));
            if (dims.size() > static_cast<size_t>(ir::kMaxRank))
                return invalidArgument("they have {} dimensions", dims.size());
            int64_t count = TRY(ir::checkedVolume(dims));
            if (count > (INT64_MAX >> 7)) return invalidArgument("they have {} elements", count);
            if (in->recipe()) return readDerived(*in, dtype, dims, name, out, budget);
            if (in->content_hash() == 0) return invalidArgument("they have no checksum");
            auto at = sections.find(static_cast<uint32_t>(out.size()));
            if (at == sections.end()) return ir::Weights::missing(dtype, std::move(dims), name, in->content_hash());
            const Section& s = at->second;
            if (s.size != static_cast<uint64_t>(bytesOf(dtype, count)))
                return invalidArgument("{}{} takes {} bytes, their section has {}", toString(dtype), ir::toString(dims),
                                       bytesOf(dtype, count), s.size);
            if (s.checksum != in->content_hash()) return invalidArgument("their section belongs to other weights");
            return ir::Weights::unverified(dtype, std::move(dims), bytes.subspan(s.offset, s.size), owner, name,
                                           s.checksum);
        };
        out.push_back(TRY_IN(fmt::format("weights {} '{}'", out.size(), name), read()));
    }
    return out;
}

}  // namespace lathe::plan

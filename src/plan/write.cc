// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/version.h"
#include "ir/op.h"
#include "plan/format.h"
#include "plan/io_format.h"
#include "plan/needed.h"
#include "plan/plan_generated.h"
#include "plan/sections.h"

namespace lathe::plan {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

// Ids of one graph's values and nodes, in the order of a walk over it.
struct Numbering {
    std::unordered_map<const ir::Value*, int> values;
    std::unordered_map<const ir::Node*, int> nodes;
    std::vector<const ir::Value*> order;

    explicit Numbering(const ir::Graph& graph) { region(graph.body()); }
    int of(const ir::Value* v) const {
        auto at = values.find(v);
        return at == values.end() ? -1 : at->second;
    }

  private:
    void add(const ir::Value* v) {
        if (v && values.try_emplace(v, static_cast<int>(order.size())).second) order.push_back(v);
    }
    void region(const ir::Region& r) {
        for (const ir::Value* v : r.parameters()) add(v);
        for (const auto& n : r.nodes()) {
            nodes.emplace(n.get(), static_cast<int>(nodes.size()));
            for (const ir::Value* v : n->inputs()) add(v);
            for (const ir::Value* v : n->outputs()) add(v);
            for (const auto& nested : n->regions()) region(*nested);
        }
        for (const ir::Value* v : r.results()) add(v);
    }
};

class Writer {
  public:
    Writer(const Plan& plan, const WriteOptions& options) : plan_(plan), options_(options) {}

    Status run(const Sink& sink, const std::function<Status(uint64_t)>& reserve) {
        compact_ = options_.compact && options_.withWeights && options_.withPacked;
        if (compact_) needed_ = TRY(weightsReadAsTheyAre(plan_));
        TRY(structure());
        std::vector<Section> sections{{SectionKind::kStructure, 0, 0, b_.GetSize(), 0}};
        std::vector<std::span<const std::byte>> contents{
            {reinterpret_cast<const std::byte*>(b_.GetBufferPointer()), b_.GetSize()}};
        sections[0].checksum = checksum(contents[0]);
        for (size_t i = 0; i < weights_.size(); ++i) {
            const ir::Weights& w = *weights_[i];
            if (compact_ ? !needed_.contains(&w) : w.recipe() != nullptr) continue;
            if (w.isMissing() || isStripped(w)) continue;
            contents.push_back(TRY(w.bytes()));
            sections.push_back(
                {SectionKind::kWeights, static_cast<uint32_t>(i), 0, contents.back().size(), TRY(w.contentHash())});
        }
        // False where the sum that is known of the bytes (0: none) is another one.
        auto addSummed = [&](SectionKind kind, size_t i, std::span<const std::byte> bytes, uint64_t known) {
            uint64_t sum = checksum(bytes);
            if (known && known != sum) return false;
            contents.push_back(bytes);
            sections.push_back({kind, static_cast<uint32_t>(i), 0, bytes.size(), sum});
            return true;
        };
        if (options_.withPacked)
            for (size_t i = 0; i < plan_.packed.size(); ++i) {
                const Plan::PackedBlob& p = plan_.packed[i];
                if (!addSummed(SectionKind::kPacked, i, p.bytes, p.checksum))
                    return invalidArgument("packed weights '{}' are damaged: their checksum is wrong", p.key);
            }
        for (size_t i = 0; i < plan_.libraries.size(); ++i) {
            const Plan::Library& l = plan_.libraries[i];
            if (!addSummed(SectionKind::kLibrary, i, l.bytes, l.checksum))
                return invalidArgument("plugin library '{}' is damaged: its checksum is wrong", l.name);
        }
        uint64_t total = 0;
        std::vector<std::byte> head = layOut(sections, total);
        if (reserve) TRY(reserve(total));
        uint64_t at = 0;
        auto emit = [&](std::span<const std::byte> bytes) -> Status {
            at += bytes.size();
            return bytes.empty() ? Status() : sink(bytes);
        };
        static constexpr std::array<std::byte, kSectionAlignment> zeros{};
        TRY(emit(head));
        for (size_t i = 0; i < sections.size(); ++i) {
            TRY(emit(std::span(zeros).first(sections[i].offset - at)));
            TRY(emit(contents[i]));
        }
        return at == total ? Status() : internalError("{} bytes of a plan of {} were written", at, total);
    }

  private:
    Offset<flatbuffers::String> text(const std::string& s) { return s.empty() ? 0 : b_.CreateString(s); }
    template <class T>
    Offset<Vector<T>> list(const std::vector<T>& v) {
        return v.empty() ? 0 : b_.CreateVector(v);
    }
    template <class T>
    Offset<Vector<Offset<T>>> tables(const std::vector<Offset<T>>& v) {
        return v.empty() ? 0 : b_.CreateVector(v);
    }
    Offset<Vector<Offset<flatbuffers::String>>> texts(const std::vector<std::string>& v) {
        return v.empty() ? 0 : b_.CreateVectorOfStrings(v);
    }

    Offset<fb::Dims> dims(const std::vector<ir::Dim>& d) {
        std::vector<int64_t> values;
        std::vector<std::string> exprs;
        for (const ir::Dim& x : d) {
            values.push_back(x.valueOr(0));
            exprs.push_back(x.isConstant() ? std::string() : x.toString());
        }
        if (ir::isConstant(d)) exprs.clear();
        auto v = list(values);
        auto e = texts(exprs);
        return fb::CreateDims(b_, v, e);
    }

    // What a refit can bring back, and inference does not look at.
    bool isStripped(const ir::Weights& w) const {
        if (options_.withWeights || w.recipe() || w.name().empty() || w.count() <= 16) return false;
        // What could not come back stays.
        auto listed = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), w.name()) != names.end();
        };
        if (listed(plan_.fixedWeights)) return false;
        if (plan_.refit == Plan::Refit::kIndividual && !listed(plan_.markedWeights)) return false;
        bool integer = w.dtype() == DType::kInt32 || w.dtype() == DType::kInt64 || w.dtype() == DType::kBool;
        return !(integer && w.count() <= ir::kMaxElements);
    }

    Result<int> weightsId(const ir::WeightsRef& w) {
        if (auto at = weightsIds_.find(w.get()); at != weightsIds_.end()) return at->second;
        // What a recipe needs comes before it.
        std::vector<int> sources;
        Offset<fb::Graph> recipe = 0;
        if (w->recipe() && !compact_) {
            for (const ir::WeightsRef& s : w->recipe()->sources) sources.push_back(TRY(weightsId(s)));
            recipe = TRY(graph(*w->recipe()->graph, Numbering(*w->recipe()->graph)));
        }
        auto d = list(w->dims());
        auto n = text(w->name());
        auto s = list(sources);
        uint64_t hash = TRY(w->contentHash());
        weightsTables_.push_back(fb::CreateWeights(b_, static_cast<int8_t>(w->dtype()), d, n, hash, recipe, s));
        int id = static_cast<int>(weights_.size());
        weights_.push_back(w);
        weightsIds_[w.get()] = id;
        return id;
    }

    Offset<fb::Region> region(const ir::Region& r, const Numbering& ids) {
        auto numbers = [&](const std::vector<ir::Value*>& values) {
            std::vector<int> out;
            for (const ir::Value* v : values) out.push_back(ids.of(v));
            return list(out);
        };
        std::vector<Offset<fb::Node>> nodes;
        for (const auto& n : r.nodes()) {
            std::vector<Offset<fb::Region>> nested;
            for (const auto& inner : n->regions()) nested.push_back(region(*inner, ids));
            auto defaults = n->op().makeAttrs();
            auto op = text(n->op().name()), attrs = text(ir::printAttrs(n->anyAttrs(), defaults.get())),
                 name = text(n->name());
            auto origins = texts(n->origins());
            auto in = numbers(n->inputs()), out = numbers(n->outputs());
            auto regions = tables(nested);
            nodes.push_back(fb::CreateNode(b_, op, attrs, name, origins, in, out, regions));
        }
        auto p = numbers(r.parameters()), q = numbers(r.results());
        auto list = tables(nodes);
        return fb::CreateRegion(b_, p, q, list);
    }

    Result<Offset<fb::Graph>> graph(const ir::Graph& g, const Numbering& ids) {
        std::vector<Offset<fb::Value>> values;
        for (const ir::Value* v : ids.order) {
            int weights = v->isConstant() ? TRY(weightsId(v->constant())) : -1;
            Offset<fb::Dims> shape = v->isConstant() ? Offset<fb::Dims>(0) : dims(v->shape());
            // Elements of other values come out of inference.
            Offset<fb::Dims> elements = v->parameterOf() && v->elements() ? dims(*v->elements()) : Offset<fb::Dims>(0);
            auto name = text(v->name());
            values.push_back(fb::CreateValue(b_, static_cast<int8_t>(v->dtype()), shape, name, weights, elements));
        }
        std::vector<Offset<fb::Symbol>> symbols;
        for (const ir::SymbolInfo& s : g.symbols()) {
            auto name = text(s.name), bound = text(s.upperBound.toString());
            symbols.push_back(fb::CreateSymbol(b_, name, static_cast<int8_t>(s.source), s.value ? ids.of(s.value) : -1,
                                               s.index, s.min, s.max, bound));
        }
        auto body = region(g.body(), ids);
        auto name = text(g.name);
        auto v = tables(values);
        auto s = tables(symbols);
        return fb::CreateGraph(b_, name, v, s, body);
    }

    Result<Offset<Vector<Offset<fb::Step>>>> steps(const std::vector<Step>& list, const Numbering& ids) {
        std::vector<Offset<fb::Step>> out;
        for (const Step& s : list) out.push_back(TRY(step(s, ids)));
        return tables(out);
    }

    Result<Offset<fb::Step>> step(const Step& s, const Numbering& ids) {
        if (s.control) {
            std::vector<Offset<fb::StepList>> regions;
            for (const auto& r : s.regions) regions.push_back(fb::CreateStepList(b_, TRY(steps(r, ids))));
            auto name = text(s.name);
            auto nested = tables(regions);
            fb::StepBuilder t(b_);
            t.add_name(name);
            t.add_control(ids.nodes.at(s.control));
            t.add_regions(nested);
            t.add_seconds(s.seconds);
            return t.Finish();
        }
        const tactics::Binding& b = s.binding;
        auto numbers = [&](const std::vector<const ir::Value*>& values) {
            std::vector<int> v;
            for (const ir::Value* x : values) v.push_back(ids.of(x));
            return list(v);
        };
        auto pairs = [&](const std::vector<std::pair<int, int>>& p) {
            std::vector<int> v;
            for (auto [o, i] : p) v.insert(v.end(), {o, i});
            return list(v);
        };
        auto layouts = [&](const std::vector<tactics::Layout>& l) {
            std::vector<int8_t> v;
            for (tactics::Layout x : l) v.push_back(static_cast<int8_t>(x));
            return list(v);
        };
        std::vector<int> nodes;
        for (const ir::Node* n : b.nodes) nodes.push_back(ids.nodes.at(n));
        std::vector<Offset<fb::Packed>> packed;
        for (const tactics::PackedWeights& p : b.packed) {
            auto sources = numbers(p.sources);
            auto kind = text(p.kind);
            packed.push_back(fb::CreatePacked(b_, sources, kind, p.bytes));
        }
        auto name = text(s.name), tactic = text(b.tactic->id());
        auto n = list(nodes);
        auto in = numbers(b.inputs), out = numbers(b.outputs);
        auto li = layouts(b.inputLayouts), lo = layouts(b.outputLayouts);
        auto pk = tables(packed);
        auto params = list(b.params);
        auto inPlace = pairs(b.inPlace), aliases = pairs(b.aliases);
        return fb::CreateStep(b_, name, -1, tactic, n, in, out, li, lo, pk, params, inPlace, aliases, 0, s.seconds,
                              static_cast<uint8_t>(s.stream));
    }

    Status structure() {
        std::vector<Offset<fb::Program>> programs;
        for (const auto& p : plan_.programs) {
            Numbering ids(*p->graph);
            // A flatbuffer ends at 2 GiB.
            if (ids.order.size() + ids.nodes.size() > kMostItems)
                return unsupported("the network has {} nodes and {} values, too many for a plan", ids.nodes.size(),
                                   ids.order.size());
            auto g = TRY(graph(*p->graph, ids));
            auto s = TRY(steps(p->steps, ids));
            auto model = text(p->target.model), onednn = text(p->target.onednn), cublasLt = text(p->target.cublasLt),
                 cudnn = text(p->target.cudnn);
            programs.push_back(fb::CreateProgram(b_, g, s, static_cast<int8_t>(p->target.isa), p->target.threads, model,
                                                 p->relaxed, onednn, static_cast<int8_t>(p->target.backend),
                                                 p->target.sm, p->target.smCount, p->target.sharedPerBlock, cublasLt,
                                                 cudnn, static_cast<int8_t>(p->target.reach)));
        }
        std::vector<Offset<fb::Profile>> profiles;
        for (const Profile& p : plan_.profiles) {
            std::vector<Offset<fb::ProfileInput>> inputs;
            for (const ProfileInput& i : p.inputs) {
                auto a = list(i.min), o = list(i.opt), z = list(i.max);
                auto av = list(i.minValues), ov = list(i.optValues), zv = list(i.maxValues);
                inputs.push_back(fb::CreateProfileInput(b_, a, o, z, av, ov, zv));
            }
            auto v = tables(inputs);
            auto others = list(p.others);
            profiles.push_back(fb::CreateProfile(b_, v, p.program, others));
        }
        std::vector<Offset<fb::IoTensor>> io;
        uint32_t features = 0;
        for (const IoTensor& t : plan_.io) {
            auto name = text(t.name);
            auto dimNames = texts(t.dimNames);
            io.push_back(
                fb::CreateIoTensor(b_, name, t.isInput, t.isShape, dimNames, t.index, static_cast<int8_t>(t.format)));
            if (t.format) features |= kIoFormats;
        }
        std::vector<Offset<fb::Fate>> fates;
        for (const NodeFate& f : plan_.fates) {
            auto node = text(f.node), fate = text(f.fate), detail = text(f.detail);
            fates.push_back(fb::CreateFate(b_, node, fate, detail));
        }
        std::vector<std::string> keys;
        if (options_.withPacked)
            for (const auto& p : plan_.packed) keys.push_back(p.key);
        bool stripped = plan_.stripped;
        for (const auto& w : weights_) stripped = stripped || isStripped(*w);
        auto library = text(kVersion), name = text(plan_.name);
        auto p = tables(programs);
        auto f = tables(profiles);
        auto i = tables(io);
        auto ft = tables(fates);
        auto w = tables(weightsTables_);
        auto k = texts(keys);
        std::vector<Offset<fb::Role>> roles;
        for (const Plan::Role& role : plan_.roles) {
            auto layer = text(role.layer), weights = text(role.weights);
            roles.push_back(fb::CreateRole(b_, layer, static_cast<int8_t>(role.role), weights, role.named));
        }
        auto r = tables(roles);
        auto fixed = texts(plan_.fixedWeights), marked = texts(plan_.markedWeights);
        std::vector<std::string> names;
        for (const Plan::Library& l : plan_.libraries) names.push_back(l.name);
        auto libraries = texts(names);
        b_.Finish(fb::CreatePlan(b_, features, library, name, p, f, i, ft, w, k, plan_.refittable, stripped,
                                 plan_.profilingVerbosity, static_cast<int8_t>(plan_.refit), r, fixed, marked,
                                 plan_.debugUnfused, libraries));
        return {};
    }

    static constexpr size_t kMostItems = 2'000'000;
    const Plan& plan_;
    const WriteOptions& options_;
    bool compact_ = false;  // no recipes, and of the weights only needed_
    std::unordered_set<const ir::Weights*> needed_;
    FlatBufferBuilder b_{1 << 16};
    std::vector<ir::WeightsRef> weights_;
    std::vector<Offset<fb::Weights>> weightsTables_;
    std::unordered_map<const ir::Weights*, int> weightsIds_;
};

}  // namespace

Status write(const Plan& plan, const WriteOptions& options, const Sink& sink,
             const std::function<Status(uint64_t)>& reserve) {
    return Writer(plan, options).run(sink, reserve);
}

Result<std::vector<std::byte>> write(const Plan& plan, const WriteOptions& options) {
    std::vector<std::byte> out;
    auto append = [&](std::span<const std::byte> piece) -> Status {
        out.insert(out.end(), piece.begin(), piece.end());
        return {};
    };
    TRY(write(plan, options, append, [&](uint64_t total) -> Status {
        out.reserve(total);
        return {};
    }));
    return out;
}

Result<std::shared_ptr<Block>> writeBlock(const Plan& plan, const WriteOptions& options) {
    std::shared_ptr<Block> block;
    size_t at = 0;
    auto append = [&](std::span<const std::byte> piece) -> Status {
        std::memcpy(block->bytes().data() + at, piece.data(), piece.size());
        at += piece.size();
        return {};
    };
    TRY(write(plan, options, append, [&](uint64_t total) -> Status {
        block = TRY(Block::create(total));
        return {};
    }));
    return block;
}

}  // namespace lathe::plan

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unordered_set>

#include "base/version.h"
#include "plan/format.h"
#include "plan/io_format.h"
#include "plan/needed.h"
#include "plan/placement.h"
#include "plan/read_graph.h"
#include "plan/shape_range.h"

namespace lathe::plan {
namespace {

// Bits of Plan.requires that this reader knows.
constexpr uint32_t kKnownFeatures = kIoFormats;
constexpr int kMaxDepth = 200;  // of nested tables

bool samePacked(const tactics::PackedWeights& a, const tactics::PackedWeights& b) {
    return a.sources == b.sources && a.kind == b.kind && a.bytes == b.bytes;
}

bool sameBinding(const tactics::Binding& a, const tactics::Binding& b) {
    return a.tactic == b.tactic && a.nodes == b.nodes && a.inputs == b.inputs && a.outputs == b.outputs &&
           a.inputLayouts == b.inputLayouts && a.outputLayouts == b.outputLayouts && a.params == b.params &&
           a.inPlace == b.inPlace && a.aliases == b.aliases &&
           std::equal(a.packed.begin(), a.packed.end(), b.packed.begin(), b.packed.end(), samePacked);
}

class Reader {
  public:
    Reader(std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
        : bytes_(bytes), owner_(std::move(owner)), budget_(0) {}

    Result<std::unique_ptr<Plan>> run() {
        const fb::Plan* root = TRY(structure());
        if (root->requires_() & ~kKnownFeatures)
            return unsupported("the plan needs features that this library does not have (0x{:x})",
                               root->requires_() & ~kKnownFeatures);
        plan_->libraryVersion = TRY(budget_.text(root->library()));
        plan_->name = TRY(budget_.text(root->name()));
        plan_->refittable = root->refittable();
        plan_->stripped = root->stripped();
        plan_->profilingVerbosity = root->profiling_verbosity();
        plan_->debugUnfused = root->debug_unfused();
        if (root->refit() < 0 || root->refit() > static_cast<int>(Plan::Refit::kIndividual))
            return invalidArgument("the plan is to be refitted in an unknown way ({})",
                                   static_cast<int>(root->refit()));
        plan_->refit = static_cast<Plan::Refit>(root->refit());
        for (const fb::Role* r : items(root->roles()))
            plan_->roles.push_back(
                {TRY(budget_.text(r->layer())), r->role(), TRY(budget_.text(r->weights())), r->named()});
        plan_->fixedWeights = TRY(budget_.texts(root->fixed_weights()));
        plan_->markedWeights = TRY(budget_.texts(root->marked_weights()));
        weights_ = TRY(readWeights(root->weights(), weightSections_, bytes_, owner_, budget_));

        auto programs = items(root->programs());
        if (programs.empty()) return invalidArgument("the plan has no program");
        for (const fb::Program* p : programs) TRY(program(*p));
        TRY(tensors(items(root->io())));
        for (const fb::Profile* p : items(root->profiles()))
            TRY_IN(fmt::format("profile {}", plan_->profiles.size()), profile(*p));
        if (plan_->profiles.empty()) return invalidArgument("the plan has no optimization profile");
        for (size_t i = 0; i < programs.size(); ++i)
            TRY_IN(fmt::format("program {}", i), allSteps(*programs[i], static_cast<int>(i)));
        for (const fb::Fate* f : items(root->fates())) {
            NodeFate& fate = plan_->fates.emplace_back();
            fate.node = TRY(budget_.text(f->node()));
            fate.fate = TRY(budget_.text(f->fate()));
            fate.detail = TRY(budget_.text(f->detail()));
        }
        TRY(packed(TRY(budget_.texts(root->packed_keys()))));
        TRY(libraries(TRY(budget_.texts(root->libraries()))));
        TRY(allIsThere());
        return std::move(plan_);
    }

    // REQUIRES: run() has succeeded.
    Status verifyAll(const Plan& plan) const {
        for (const ir::WeightsRef& w : weights_)
            if (!w->recipe() && !w->isMissing()) TRY(w->bytes());
        for (const Plan::PackedBlob& p : plan.packed)
            if (p.checksum && checksum(p.bytes) != p.checksum)
                return invalidArgument("packed weights '{}' are damaged: their checksum is wrong", p.key);
        for (const Plan::Library& l : plan.libraries)
            if (checksum(l.bytes) != l.checksum)
                return invalidArgument("plugin library '{}' is damaged: its checksum is wrong", l.name);
        return {};
    }

  private:
    std::span<const std::byte> contents(const Section& s) const { return bytes_.subspan(s.offset, s.size); }

    Result<const fb::Plan*> structure() {
        const Section* found = nullptr;
        auto sections = TRY(readTable(bytes_));
        for (const Section& s : sections) {
            std::map<uint32_t, Section>* list = s.kind == SectionKind::kWeights   ? &weightSections_
                                                : s.kind == SectionKind::kPacked  ? &packedSections_
                                                : s.kind == SectionKind::kLibrary ? &librarySections_
                                                                                  : nullptr;
            if (list && !list->emplace(s.id, s).second)
                return invalidArgument("the plan is damaged: two sections are the same");
            if (s.kind != SectionKind::kStructure) continue;
            if (found) return invalidArgument("the plan is damaged: it has two structure sections");
            found = &s;
        }
        if (!found) return invalidArgument("the plan is damaged: it has no structure section");
        // A copy, so that what is checked stays as it was checked, whatever happens to a mapped file.
        structure_.assign(contents(*found).begin(), contents(*found).end());
        std::span<const std::byte> data = structure_;
        if (checksum(data) != found->checksum)
            return invalidArgument("the plan is damaged: its structure's checksum is wrong");
        // Every table takes at least 4 bytes, unless parts are shared on purpose to make the whole large.
        flatbuffers::Verifier verifier(
            reinterpret_cast<const uint8_t*>(data.data()), data.size(), kMaxDepth,
            static_cast<flatbuffers::uoffset_t>(std::min<size_t>(data.size() / 4 + 1, UINT32_MAX)));
        if (data.size() < 8 || data.size() >= FLATBUFFERS_MAX_BUFFER_SIZE || !fb::VerifyPlanBuffer(verifier))
            return invalidArgument("the plan is damaged: its structure is malformed");
        budget_ = Budget(data.size());
        return fb::GetPlan(data.data());
    }

    Status program(const fb::Program& in) {
        auto p = std::make_shared<Program>();
        LoadedGraph g =
            TRY_IN(fmt::format("program {}", plan_->programs.size()), readGraph(in.graph(), weights_, budget_));
        p->graph = std::move(g.graph);
        if (in.isa() < 0 || in.isa() > static_cast<int>(tactics::Target::Isa::kAvx512))
            return unsupported("the plan is for a processor kind that this library does not know ({})",
                               static_cast<int>(in.isa()));
        p->target.isa = static_cast<tactics::Target::Isa>(in.isa());
        if (in.threads() < 1 || in.threads() > 65536)
            return invalidArgument("the plan is for {} threads", in.threads());
        p->target.threads = in.threads();
        p->target.model = TRY(budget_.text(in.model()));
        p->target.onednn = TRY(budget_.text(in.onednn()));
        if (in.backend() < 0 || in.backend() > static_cast<int>(tactics::Target::Backend::kCuda))
            return unsupported("the plan is for a kind of device that this library does not know ({})",
                               static_cast<int>(in.backend()));
        p->target.backend = static_cast<tactics::Target::Backend>(in.backend());
        p->target.sm = in.sm();
        p->target.smCount = in.sm_count();
        p->target.sharedPerBlock = in.shared_per_block();
        p->target.cublasLt = TRY(budget_.text(in.cublaslt()));
        p->target.cudnn = TRY(budget_.text(in.cudnn()));
        if (in.reach() < 0 || in.reach() > static_cast<int>(tactics::Target::Reach::kSameArchitecture))
            return unsupported("the plan is for a set of devices that this library does not know ({})",
                               static_cast<int>(in.reach()));
        p->target.reach = static_cast<tactics::Target::Reach>(in.reach());
        if (p->target.isCuda() &&
            (in.sm() < 50 || in.sm() > 999 || in.sm_count() < 1 || in.sm_count() > 65536 || in.shared_per_block() < 0))
            return invalidArgument("the plan is for a GPU of compute capability {} with {} multiprocessors", in.sm(),
                                   in.sm_count());
        p->relaxed = in.relaxed();
        plan_->programs.push_back(std::move(p));
        loaded_.push_back(std::move(g));
        return {};
    }

    // Inputs first, then outputs; each parameter and result once; the same types in every program.
    Status tensors(const std::vector<const fb::IoTensor*>& list) {
        const ir::Region& first = plan_->programs[0]->graph->body();
        for (const auto& p : plan_->programs) {
            const ir::Region& body = p->graph->body();
            auto same = [](const ir::Value* a, const ir::Value* b) {
                return a->dtype() == b->dtype() && a->rank() == b->rank();
            };
            if (!std::equal(body.parameters().begin(), body.parameters().end(), first.parameters().begin(),
                            first.parameters().end(), same) ||
                !std::equal(body.results().begin(), body.results().end(), first.results().begin(),
                            first.results().end(), same))
                return invalidArgument("the plan's programs differ in their inputs or outputs");
        }
        if (list.size() != first.parameters().size() + first.results().size())
            return invalidArgument("the plan names {} tensors, its programs have {}", list.size(),
                                   first.parameters().size() + first.results().size());
        std::unordered_set<std::string> names;
        for (size_t i = 0; i < list.size(); ++i) {
            const fb::IoTensor& in = *list[i];
            bool isInput = i < first.parameters().size();
            IoTensor t;
            t.name = TRY(budget_.text(in.name()));
            t.isInput = in.is_input();
            t.isShape = in.is_shape();
            t.dimNames = TRY(budget_.texts(in.dim_names()));
            t.index = in.index();
            const auto& values = isInput ? first.parameters() : first.results();
            size_t expected = isInput ? i : i - first.parameters().size();
            if (t.isInput != isInput || t.index != static_cast<int>(expected))
                return invalidArgument("I/O tensor {} '{}' is out of order", i, t.name);
            if (!names.insert(t.name).second) return invalidArgument("two I/O tensors are named '{}'", t.name);
            t.dtype = values[expected]->dtype();
            t.shape = values[expected]->shape();
            if (!t.dimNames.empty() && t.dimNames.size() != t.shape.size())
                return invalidArgument("I/O tensor '{}' has {} names for {} dimensions", t.name, t.dimNames.size(),
                                       t.shape.size());
            t.format = in.format();
            TRY_IN(fmt::format("I/O tensor '{}'", t.name), checkFormat(t));
            plan_->io.push_back(std::move(t));
        }
        for (const auto& p : plan_->programs) placeIo(*p, plan_->io);
        return {};
    }

    Status profile(const fb::Profile& in) {
        Profile p;
        p.program = in.program();
        p.others = TRY(budget_.list(in.others()));
        std::vector<int> programs = p.others;
        programs.push_back(p.program);
        for (int program : programs)
            if (program < 0 || program >= static_cast<int>(plan_->programs.size()))
                return invalidArgument("there is no program {}", program);
        for (const fb::ProfileInput* i : items(in.inputs())) {
            ProfileInput input;
            input.min = TRY(budget_.list(i->min()));
            input.opt = TRY(budget_.list(i->opt()));
            input.max = TRY(budget_.list(i->max()));
            input.minValues = TRY(budget_.list(i->min_values()));
            input.optValues = TRY(budget_.list(i->opt_values()));
            input.maxValues = TRY(budget_.list(i->max_values()));
            if (input.optValues.size() != input.minValues.size() || input.maxValues.size() != input.minValues.size())
                return invalidArgument("the ranges of input {}'s elements differ in length", p.inputs.size());
            p.inputs.push_back(std::move(input));
        }
        // The rest is what a builder must check too.
        for (int i : programs) {
            const Program& program = *plan_->programs[static_cast<size_t>(i)];
            TRY(ShapeRange::create(*program.graph, plan_->io, p, program.target, program.relaxed));
        }
        plan_->profiles.push_back(std::move(p));
        return {};
    }

    Status allSteps(const fb::Program& in, int index) {
        auto profile = std::find_if(plan_->profiles.begin(), plan_->profiles.end(), [&](const Profile& p) {
            return p.program == index || std::find(p.others.begin(), p.others.end(), index) != p.others.end();
        });
        if (profile == plan_->profiles.end()) return invalidArgument("no profile uses it");
        Program& program = *plan_->programs[static_cast<size_t>(index)];
        auto shapes = TRY(ShapeRange::create(*program.graph, plan_->io, *profile, program.target, program.relaxed));
        covered_.clear();
        program.steps =
            TRY(steps(items(in.steps()), program.graph->body(), loaded_[static_cast<size_t>(index)], *shapes));
        return {};
    }

    Result<std::vector<Step>> steps(const std::vector<const fb::Step*>& list, const ir::Region& region,
                                    const LoadedGraph& g, const ShapeRange& shapes) {
        std::vector<Step> out;
        for (const fb::Step* s : list) {
            Step step;
            step.name = TRY(budget_.text(s->name()));
            step.seconds = s->seconds();
            // Which steps may be in another stream than the caller's is seen when an engine is made of the plan.
            step.stream = s->stream();
            if (step.stream >= kMostStreams)
                return invalidArgument("step '{}' is in stream {}; there are at most {}", step.name, step.stream,
                                       kMostStreams);
            TRY_IN(fmt::format("step '{}'", step.name),
                   s->control() >= 0 ? control(*s, region, g, shapes, step) : kernel(*s, region, g, shapes, step));
            out.push_back(std::move(step));
        }
        return out;
    }

    // A node of this region that no other step has.
    Result<ir::Node*> take(int id, const ir::Region& region, const LoadedGraph& g) {
        if (id < 0 || id >= static_cast<int64_t>(g.nodes.size())) return invalidArgument("there is no node {}", id);
        ir::Node* n = g.nodes[static_cast<size_t>(id)];
        if (n->parent() != &region) return invalidArgument("node '{}' is in another region", n->name());
        if (!covered_.insert(n).second) return invalidArgument("node '{}' is run twice", n->name());
        return n;
    }

    Status control(const fb::Step& in, const ir::Region& region, const LoadedGraph& g, const ShapeRange& shapes,
                   Step& step) {
        const ir::Node* n = TRY(take(in.control(), region, g));
        auto lists = items(in.regions());
        if (n->regions().empty() || lists.size() != n->regions().size())
            return invalidArgument("it has {} step lists for the {} regions of node '{}'", lists.size(),
                                   n->regions().size(), n->name());
        step.control = n;
        for (size_t r = 0; r < lists.size(); ++r)
            step.regions.push_back(TRY(steps(items(lists[r]->steps()), n->region(static_cast<int>(r)), g, shapes)));
        return {};
    }

    Result<std::vector<const ir::Value*>> values(const flatbuffers::Vector<int32_t>* ids, const LoadedGraph& g) {
        std::vector<const ir::Value*> out;
        std::vector<int> list = TRY(budget_.list(ids));
        for (int id : list) {
            if (id < 0 || id >= static_cast<int64_t>(g.values.size()))
                return invalidArgument("there is no value {}", id);
            out.push_back(g.values[static_cast<size_t>(id)]);
        }
        return out;
    }

    Result<std::vector<tactics::Layout>> layouts(const flatbuffers::Vector<int8_t>* list) {
        std::vector<tactics::Layout> out;
        std::vector<int8_t> numbers = TRY(budget_.list(list));
        for (int8_t l : numbers) {
            if (l < 0 || l >= tactics::kLayoutCount)
                return invalidArgument("there is no layout {}", static_cast<int>(l));
            out.push_back(static_cast<tactics::Layout>(l));
        }
        return out;
    }

    Result<std::vector<std::pair<int, int>>> pairs(const flatbuffers::Vector<int32_t>* list) {
        auto flat = TRY(budget_.list(list));
        if (flat.size() % 2) return invalidArgument("a list of pairs has an odd length");
        std::vector<std::pair<int, int>> out;
        for (size_t i = 0; i < flat.size(); i += 2) out.push_back({flat[i], flat[i + 1]});
        return out;
    }

    Status kernel(const fb::Step& in, const ir::Region& region, const LoadedGraph& g, const ShapeRange& shapes,
                  Step& step) {
        tactics::Binding b;
        std::string id = TRY(budget_.text(in.tactic()));
        b.tactic = tactics::find(id);
        if (!b.tactic)
            return unsupported(
                "tactic '{}' is not part of this library (version {}; the plan was written by {}): build the engine "
                "again",
                id, kVersion, plan_->libraryVersion);
        std::vector<int> nodes = TRY(budget_.list(in.nodes()));
        for (int n : nodes) {
            b.nodes.push_back(TRY(take(n, region, g)));
            if (!b.nodes.back()->regions().empty())
                return invalidArgument("node '{}' is control flow, which no tactic runs", b.nodes.back()->name());
        }
        b.inputs = TRY(values(in.inputs(), g));
        b.outputs = TRY(values(in.outputs(), g));
        b.inputLayouts = TRY(layouts(in.input_layouts()));
        b.outputLayouts = TRY(layouts(in.output_layouts()));
        for (const fb::Packed* p : items(in.packed())) {
            tactics::PackedWeights& w = b.packed.emplace_back();
            w.sources = TRY(values(p->sources(), g));
            w.kind = TRY(budget_.text(p->kind()));
            w.bytes = p->bytes();
        }
        b.params = TRY(budget_.list(in.params()));
        b.inPlace = TRY(pairs(in.in_place()));
        b.aliases = TRY(pairs(in.aliases()));
        // The stored binding only chooses among what the tactic itself offers here; what is offered is what runs.
        std::string refusals;
        for (const ir::Node* anchor : b.nodes) {
            bool any = std::strcmp(b.tactic->anchor(), "*") == 0;
            if (!any && std::strcmp(b.tactic->anchor(), anchor->op().name()) != 0) continue;
            tactics::BindResult offered = b.tactic->bind(*anchor, shapes);
            bool host = shapes.target().isCuda() && tactics::backendOf(*b.tactic) == tactics::Target::Backend::kCpu;
            for (tactics::Candidate& c : offered.candidates)
                if ((!host || moveToHost(c.binding)) && sameBinding(c.binding, b)) {
                    step.binding = std::move(c.binding);
                    step.workspaceBytes = c.workspaceBytes;
                    return {};
                }
            for (const std::string& r : offered.refusals) refusals += (refusals.empty() ? ": " : "; ") + r;
        }
        return unsupported(
            "tactic '{}' does not offer the stored binding{} (this is version {}; the plan was written by {}): build "
            "the engine again",
            id, refusals, kVersion, plan_->libraryVersion);
    }

    // A cache: of use only to the version that wrote it.
    Status packed(const std::vector<std::string>& keys) {
        for (const auto& [id, s] : packedSections_) {
            if (id >= keys.size()) return invalidArgument("the plan is damaged: packed weights {} have no key", id);
            if (plan_->libraryVersion != kVersion) continue;
            plan_->packed.push_back({keys[id], owner_, contents(s), s.checksum ? s.checksum : 1});
        }
        return {};
    }

    // All of them: without one the plan is not what was built.
    Status libraries(const std::vector<std::string>& names) {
        if (names.size() != librarySections_.size())
            return invalidArgument("the plan is damaged: it names {} plugin libraries and holds {}", names.size(),
                                   librarySections_.size());
        for (const auto& [id, s] : librarySections_) {
            if (id >= names.size()) return invalidArgument("the plan is damaged: plugin library {} has no name", id);
            plan_->libraries.push_back({names[id], owner_, contents(s), s.checksum ? s.checksum : 1});
        }
        return {};
    }

    // Weights may be left out where packed ones take their place, which only the writing version knows how to read.
    Status allIsThere() {
        auto missing = [](const ir::WeightsRef& w) { return w->isMissing(); };
        if (plan_->stripped || std::none_of(weights_.begin(), weights_.end(), missing)) return {};
        std::vector<const ir::Weights*> list;
        for (const ir::Weights* w : TRY(weightsReadAsTheyAre(*plan_))) list.push_back(w);
        std::unordered_set<const ir::Weights*> seen(list.begin(), list.end());
        for (size_t i = 0; i < list.size(); ++i) {
            const ir::Weights& w = *list[i];
            if (w.isMissing() && plan_->libraryVersion != kVersion)
                return unsupported(
                    "the plan was written by version {} and holds weights '{}' only as that version's kernels read "
                    "them; this is version {}: build the engine again (with BuilderFlag::kVERSION_COMPATIBLE a plan "
                    "keeps all weights)",
                    plan_->libraryVersion, w.name(), kVersion);
            if (w.isMissing()) return invalidArgument("the plan is damaged: weights '{}' are not in it", w.name());
            if (!w.recipe()) continue;
            for (const ir::WeightsRef& source : w.recipe()->sources)
                if (seen.insert(source.get()).second) list.push_back(source.get());
        }
        return {};
    }

    std::span<const std::byte> bytes_;
    std::shared_ptr<const void> owner_;
    std::vector<std::byte> structure_;
    Budget budget_;
    std::map<uint32_t, Section> weightSections_, packedSections_, librarySections_;
    std::vector<ir::WeightsRef> weights_;
    std::vector<LoadedGraph> loaded_;
    std::unordered_set<const ir::Node*> covered_;
    std::unique_ptr<Plan> plan_ = std::make_unique<Plan>();
};

}  // namespace

Result<std::unique_ptr<Plan>> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                   const ReadOptions& options) {
    TRY(formatVersion(bytes));
    if (reinterpret_cast<uintptr_t>(bytes.data()) % 16 != 0) {
        void* copy = std::aligned_alloc(kSectionAlignment, alignSection(bytes.size()));
        if (!copy) return makeStatus(Code::kFailedAllocation, "out of memory for a plan of {} bytes", bytes.size());
        owner = std::shared_ptr<const void>(copy, [](const void* p) { std::free(const_cast<void*>(p)); });
        std::memcpy(copy, bytes.data(), bytes.size());
        bytes = {static_cast<const std::byte*>(copy), bytes.size()};
    }
    Reader reader(bytes, std::move(owner));
    auto plan = TRY(reader.run());
    if (options.verifyAll) TRY(reader.verifyAll(*plan));
    return plan;
}

}  // namespace lathe::plan

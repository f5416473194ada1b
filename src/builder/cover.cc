// SPDX-License-Identifier: Apache-2.0
#include "builder/cover.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace lathe::builder {
namespace {

using tactics::Layout;

// Masks of layouts: bit i is Layout i.
using Layouts = uint16_t;
static_assert(tactics::kLayoutCount <= 16);
Layouts bitOf(Layout l) { return static_cast<Layouts>(1u << static_cast<int>(l)); }

struct Live {
    int value;          // id
    Layouts available;  // layouts that exist; 0 while its producer isn't chosen
    Layouts required;   // layouts asked for before the producer was chosen
    int readers;        // uses by nodes not covered yet
    bool operator<(const Live& o) const { return value < o.value; }
};

// A partial solution. Steps form a linked list through `choices`, shared between states.
struct State {
    double seconds = 0;
    std::vector<Live> live;  // sorted by value
    std::vector<int> ahead;  // sorted positions of nodes already covered beyond the cursor
    int last = -1;           // into choices

    std::string key() const {
        std::string k;
        k.reserve(live.size() * 8 + ahead.size() * 4);
        for (const Live& l : live) {
            k.append(reinterpret_cast<const char*>(&l.value), 4);
            k.append(reinterpret_cast<const char*>(&l.available), sizeof(Layouts));
            k.append(reinterpret_cast<const char*>(&l.required), sizeof(Layouts));
        }
        k += '|';
        for (int a : ahead) k.append(reinterpret_cast<const char*>(&a), 4);
        return k;
    }
};

struct Choice {
    const TimedCandidate* candidate;
    int before;
};

class Search {
  public:
    Search(const ir::Region& region, const std::vector<TimedCandidate>& candidates, const ReorderCost& reorder,
           const plan::Placement& placement, int width)
        : region_(region), reorder_(reorder), placement_(placement), width_(width) {
        for (size_t i = 0; i < region.nodes().size(); ++i) position_[region.nodes()[i].get()] = static_cast<int>(i);
        byFirst_.resize(region.nodes().size());
        for (const TimedCandidate& c : candidates) {
            int first = INT32_MAX;
            for (const ir::Node* n : c.candidate.binding.nodes) first = std::min(first, position_.at(n));
            byFirst_[first].push_back(&c);
        }
    }

    Result<Cover> run() {
        std::vector<State> beam(1);
        for (size_t at = 0; at < region_.nodes().size(); ++at) {
            std::unordered_map<std::string, State> next;
            auto keep = [&](State&& s) {
                auto [slot, fresh] = next.try_emplace(s.key());
                if (fresh || s.seconds < slot->second.seconds) slot->second = std::move(s);
            };
            for (State& s : beam) {
                if (!s.ahead.empty() && s.ahead[0] == static_cast<int>(at)) {
                    s.ahead.erase(s.ahead.begin());
                    keep(std::move(s));
                    continue;
                }
                for (const TimedCandidate* c : byFirst_[at]) {
                    State t;
                    if (extend(s, *c, static_cast<int>(at), t)) keep(std::move(t));
                }
            }
            if (next.empty()) {
                const ir::Node& n = *region_.nodes()[at];
                return unsupported("no combination of tactics covers node '{}' ({})", n.name(), n.op().name());
            }
            beam.clear();
            for (auto& [key, s] : next) beam.push_back(std::move(s));
            // The order of a hash map must not leak into the choice: ties are broken by the key.
            std::sort(beam.begin(), beam.end(), [](const State& a, const State& b) {
                return a.seconds != b.seconds ? a.seconds < b.seconds : a.key() < b.key();
            });
            if (static_cast<int>(beam.size()) > width_) beam.resize(width_);
        }
        // What results and nested regions want of a value was asked for as it was produced, so what is left is the
        // cheapest state.
        Cover cover;
        cover.seconds = beam[0].seconds;
        for (int i = beam[0].last; i >= 0; i = choices_[i].before) cover.chosen.push_back(choices_[i].candidate);
        std::reverse(cover.chosen.begin(), cover.chosen.end());
        TRY(order(cover));
        return cover;
    }

  private:
    bool mine(const ir::Value* v) const { return v->producer() && v->producer()->parent() == &region_; }

    static Live& liveOf(State& s, int value) {
        Live l{value, 0, 0, -1};
        auto at = std::lower_bound(s.live.begin(), s.live.end(), l);
        if (at == s.live.end() || at->value != value) at = s.live.insert(at, l);
        return *at;
    }

    // The cheapest way to get layout `to` from those available.
    double reorderFrom(const ir::Value& v, Layouts available, Layout to) const {
        double best = 1e30;
        for (int i = 0; i < tactics::kLayoutCount; ++i)
            if (available & (1u << i)) best = std::min(best, reorder_(v, static_cast<Layout>(i), to));
        return best;
    }

    int countReaders(const ir::Value& v) const {
        int n = 0;
        for (const ir::Use& u : v.uses()) n += u.node && u.node->parent() == &region_;
        return n;
    }

    bool extend(const State& from, const TimedCandidate& c, int at, State& to) {
        const tactics::Binding& b = c.candidate.binding;
        for (const ir::Node* n : b.nodes) {
            int p = position_.at(n);
            if (p != at && std::binary_search(from.ahead.begin(), from.ahead.end(), p)) return false;
        }
        to = from;
        to.seconds += c.seconds;
        for (const ir::Node* n : b.nodes)
            if (int p = position_.at(n); p != at)
                to.ahead.insert(std::lower_bound(to.ahead.begin(), to.ahead.end(), p), p);
        for (size_t i = 0; i < b.inputs.size(); ++i) {
            const ir::Value& v = *b.inputs[i];
            Layouts want = bitOf(b.inputLayouts[i]);
            if (!mine(&v)) {
                // Parameters and captured values are where they are; each reader that wants otherwise pays.
                if (Layout there = placement_.of(v); there != b.inputLayouts[i])
                    to.seconds += reorder_(v, there, b.inputLayouts[i]);
                continue;
            }
            Live& l = liveOf(to, v.id());
            if (l.readers < 0) l.readers = countReaders(v);
            if (l.available == 0) {
                l.required |= want;
            } else if (!(l.available & want)) {
                to.seconds += reorderFrom(v, l.available, b.inputLayouts[i]);
                l.available |= want;
            }
        }
        for (size_t o = 0; o < b.outputs.size(); ++o) {
            const ir::Value& v = *b.outputs[o];
            Live& l = liveOf(to, v.id());
            if (l.readers < 0) l.readers = countReaders(v);
            l.available = bitOf(b.outputLayouts[o]);
            Layouts required = l.required;
            for (const ir::Use& u : v.uses()) {
                if (!u.node)
                    required |= bitOf(placement_.ofResult(*u.region, u.index));
                else if (u.node->parent() != &region_)
                    required |= bitOf(placement_.of(v));
            }
            l.required = 0;
            for (int i = 0; i < tactics::kLayoutCount; ++i)
                if ((required & (1u << i)) && !(l.available & (1u << i))) {
                    to.seconds += reorderFrom(v, bitOf(b.outputLayouts[o]), static_cast<Layout>(i));
                    l.available |= static_cast<Layouts>(1u << i);
                }
        }
        // Count down readers; a value that nobody will ask for again leaves the state.
        for (const ir::Node* n : b.nodes)
            for (const ir::Value* v : n->inputs()) {
                if (!v || !mine(v)) continue;
                auto l = std::lower_bound(to.live.begin(), to.live.end(), Live{v->id(), 0, 0, 0});
                if (l != to.live.end() && l->value == v->id()) --l->readers;
            }
        std::erase_if(to.live, [](const Live& l) { return l.readers <= 0 && l.available != 0; });
        choices_.push_back({&c, from.last});
        to.last = static_cast<int>(choices_.size()) - 1;
        return true;
    }

    // Candidates were chosen by their first node; those that cover a later node may have to wait for others.
    Status order(Cover& cover) const {
        std::unordered_map<const ir::Node*, int> owner;
        for (size_t i = 0; i < cover.chosen.size(); ++i)
            for (const ir::Node* n : cover.chosen[i]->candidate.binding.nodes) owner[n] = static_cast<int>(i);
        std::vector<int> state(cover.chosen.size(), 0);
        std::vector<const TimedCandidate*> sorted;
        std::vector<std::pair<int, size_t>> stack;  // candidate, how many of its dependencies were visited
        std::vector<std::vector<int>> needs(cover.chosen.size());
        for (size_t i = 0; i < cover.chosen.size(); ++i) {
            for (const ir::Node* n : cover.chosen[i]->candidate.binding.nodes)
                collect(*n, owner, static_cast<int>(i), needs[i]);
        }
        for (size_t root = 0; root < cover.chosen.size(); ++root) {
            if (state[root]) continue;
            stack.push_back({static_cast<int>(root), 0});
            state[root] = 1;
            while (!stack.empty()) {
                auto& [i, k] = stack.back();
                if (k < needs[i].size()) {
                    int j = needs[i][k++];
                    if (state[j] == 1) return internalError("chosen tactics depend on each other in a circle");
                    if (state[j] == 0) {
                        state[j] = 1;
                        stack.push_back({j, 0});
                    }
                    continue;
                }
                state[i] = 2;
                sorted.push_back(cover.chosen[i]);
                stack.pop_back();
            }
        }
        cover.chosen = std::move(sorted);
        return {};
    }

    // Candidates that make what a node (or anything nested in it) reads.
    void collect(const ir::Node& n, const std::unordered_map<const ir::Node*, int>& owner, int self,
                 std::vector<int>& out) const {
        for (const ir::Value* v : n.inputs()) {
            if (!v || !v->producer()) continue;
            auto at = owner.find(v->producer());
            if (at != owner.end() && at->second != self) out.push_back(at->second);
        }
        for (const auto& r : n.regions()) {
            for (const auto& m : r->nodes()) collect(*m, owner, self, out);
            for (const ir::Value* v : r->results()) {
                auto at = v->producer() ? owner.find(v->producer()) : owner.end();
                if (at != owner.end() && at->second != self) out.push_back(at->second);
            }
        }
    }

    const ir::Region& region_;
    const ReorderCost& reorder_;
    const plan::Placement& placement_;
    int width_;
    std::unordered_map<const ir::Node*, int> position_;
    std::vector<std::vector<const TimedCandidate*>> byFirst_;
    std::vector<Choice> choices_;
};

}  // namespace

Result<Cover> chooseCover(const ir::Region& region, const std::vector<TimedCandidate>& candidates,
                          const ReorderCost& reorder, const plan::Placement& placement, int beamWidth) {
    return Search(region, candidates, reorder, placement, beamWidth).run();
}

}  // namespace lathe::builder

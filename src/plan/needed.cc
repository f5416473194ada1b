// SPDX-License-Identifier: Apache-2.0
#include "plan/needed.h"

#include <algorithm>
#include <unordered_map>

namespace lathe::plan {

static_assert(kSmallWeights >= ir::kMaxElements * sizeof(int64_t));

bool isReadPackedOnly(const tactics::Binding& binding, const ir::Weights& weights) {
    if (weights.byteSize() <= kSmallWeights) return false;
    bool packed = false;
    for (const tactics::PackedWeights& p : binding.packed)
        for (const ir::Value* v : p.sources) {
            if (!v->isConstant() || v->constant().get() != &weights) continue;
            packed = true;
        }
    if (!packed) return false;
    // Another operand may be the same constant.
    int uses = 0;
    for (const ir::Node* n : binding.nodes)
        for (const ir::Value* v : n->inputs()) uses += v && v->isConstant() && v->constant().get() == &weights;
    return uses == 1;
}

namespace {

class Walk {
  public:
    explicit Walk(const Plan& plan) {
        for (const Plan::PackedBlob& b : plan.packed) sizes_[b.key] = static_cast<int64_t>(b.bytes.size());
    }

    Status steps(const std::vector<Step>& list) {
        for (const Step& s : list) {
            if (!s.control) {
                TRY(kernel(s.binding));
                continue;
            }
            add(s.control->inputs());
            for (const auto& r : s.control->regions()) add(r->results());
            for (const auto& r : s.regions) TRY(steps(r));
        }
        return {};
    }

    void add(const std::vector<ir::Value*>& values) {
        for (const ir::Value* v : values)
            if (v && v->isConstant()) needed.insert(v->constant().get());
    }

    std::unordered_set<const ir::Weights*> needed;

  private:
    Status kernel(const tactics::Binding& b) {
        bool complete = true;
        for (const tactics::PackedWeights& p : b.packed) {
            auto at = sizes_.find(TRY(packedKey(p)));
            complete = complete && at != sizes_.end() && at->second == p.bytes;
        }
        for (const ir::Node* n : b.nodes)
            for (const ir::Value* v : n->inputs())
                if (v && v->isConstant() && !(complete && isReadPackedOnly(b, *v->constant())))
                    needed.insert(v->constant().get());
        return {};
    }

    std::unordered_map<std::string, int64_t> sizes_;
};

}  // namespace

Result<std::unordered_set<const ir::Weights*>> weightsReadAsTheyAre(const Plan& plan) {
    Walk walk(plan);
    for (const auto& program : plan.programs) {
        walk.add(program->graph->body().results());
        TRY(walk.steps(program->steps));
    }
    return std::move(walk.needed);
}

}  // namespace lathe::plan

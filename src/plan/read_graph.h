// SPDX-License-Identifier: Apache-2.0
// Rebuilds graphs and weights from a plan's structure. Everything is checked; see format.h.
#pragma once

#include <map>

#include "ir/graph.h"
#include "plan/plan_generated.h"
#include "plan/sections.h"

namespace lathe::plan {

// A flatbuffer's parts may be referred to any number of times, so that a small file can name a huge structure. What is
// read is charged against a budget in proportion to the file.
class Budget {
  public:
    explicit Budget(uint64_t structureBytes) : left_(16 * structureBytes + (1 << 20)) {}
    Status charge(uint64_t bytes) {
        if (bytes > left_)
            return invalidArgument("the plan is damaged: its structure is larger than its bytes can say");
        left_ -= bytes;
        return {};
    }
    Result<std::string> text(const flatbuffers::String* s) {
        if (!s) return std::string();
        TRY(charge(s->size() + 1));
        return s->str();
    }
    // flatbuffers' verifier looks at where a vector's length lies, not at its elements.
    template <class T>
    static Status checkAligned(const flatbuffers::Vector<T>& v) {
        if (reinterpret_cast<uintptr_t>(v.Data()) % alignof(T) == 0) return {};
        return invalidArgument("the plan is damaged: a list of its structure is not aligned");
    }
    template <class T>
    Result<std::vector<T>> list(const flatbuffers::Vector<T>* v) {
        if (!v) return std::vector<T>();
        TRY(charge(v->size() * sizeof(T) + 1));
        TRY(checkAligned(*v));
        return std::vector<T>(v->begin(), v->end());
    }
    Result<std::vector<std::string>> texts(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* v) {
        std::vector<std::string> out;
        if (!v) return out;
        for (const flatbuffers::String* s : *v) out.push_back(TRY(text(s)));
        return out;
    }

  private:
    uint64_t left_;
};

template <class T>
auto items(const flatbuffers::Vector<flatbuffers::Offset<T>>* v) {
    std::vector<const T*> out;
    if (v) out.assign(v->begin(), v->end());
    return out;
}

// A graph with its ids, as the structure counts them.
struct LoadedGraph {
    std::unique_ptr<ir::Graph> graph;
    std::vector<ir::Value*> values;
    std::vector<ir::Node*> nodes;
};

Result<DType> readDType(int value);

// Types are what inference says, and what the file says; symbols refer to what exists. `weights`: those that constants
// may refer to.
Result<LoadedGraph> readGraph(const fb::Graph* graph, std::span<const ir::WeightsRef> weights, Budget& budget);

// Plan.weights. `bytes`: the whole plan; `sections`: its weight sections by id.
Result<std::vector<ir::WeightsRef>> readWeights(const flatbuffers::Vector<flatbuffers::Offset<fb::Weights>>* list,
                                                const std::map<uint32_t, Section>& sections,
                                                std::span<const std::byte> bytes,
                                                const std::shared_ptr<const void>& owner, Budget& budget);

}  // namespace lathe::plan

// SPDX-License-Identifier: Apache-2.0
// Helpers for passes that replace nodes by others.
#pragma once

#include <cstring>
#include <string>

#include "ir/graph.h"
#include "ir/op.h"

namespace lathe::passes {

// Makes nodes right before `at`, named after it and counted as coming from it.
class Rewriter {
  public:
    explicit Rewriter(ir::Node& at) : at_(at), region_(*at.parent()) {}

    // One-output node of the op with this name; attributes in printAttrs's form.
    Result<ir::Value*> emit(const char* op, const std::string& attrs, std::vector<ir::Value*> inputs);
    Result<ir::Value*> emit(const ir::Op& op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs);
    ir::Value* constant(ir::WeightsRef weights);
    ir::Value* scalar(DType type, double value);
    ir::Value* integers(const std::vector<int64_t>& values);
    // Adds another source of what is made from now on.
    void alsoFrom(const ir::Node& node) { more_.push_back(&node); }
    // Readers of `old` read `made` instead; the name and the origins go over.
    static void replace(ir::Value& old, ir::Value& made);

  private:
    ir::Node& at_;
    ir::Region& region_;
    std::vector<const ir::Node*> more_;
};

inline bool isOp(const ir::Node* n, const char* name) { return n && std::strcmp(n->op().name(), name) == 0; }
// The node that makes v, if it is of this op; v may be null.
inline ir::Node* madeBy(const ir::Value* v, const char* op) {
    return v && isOp(v->producer(), op) ? v->producer() : nullptr;
}
// The one value of a constant of one floating-point element, else nothing.
std::optional<double> scalarOf(const ir::Value* v);
// Visits every node of the graph, nested ones too, in order; a visit may insert before its node and stop using it, not
// erase. Collects whether any visit changed something.
Result<bool> forEach(ir::Graph& graph, const std::function<Result<bool>(ir::Node&)>& visit);

}  // namespace lathe::passes

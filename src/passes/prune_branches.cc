// SPDX-License-Identifier: Apache-2.0
#include "ir/infer.h"
#include "ops/assume.h"
#include "ops/identity.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

// The node's condition becomes the constant that chooses the other branch, behind a check that it would have; the
// branch is emptied.
Status decide(ir::Node& n, int bad, const std::string& why) {
    Rewriter r(n);
    const std::byte taken{bad == 1};
    ir::Value* choice = r.constant(TRY(ir::copyWeights(DType::kBool, {}, {&taken, 1})));
    auto attrs = std::make_unique<ops::AssumeAttrs>();
    attrs->expected = bad == 1;
    attrs->message = fmt::format(
        "the condition chooses the {} branch, which does not suit the shapes that the engine was built for: {}",
        bad == 0 ? "first" : "second", why);
    n.setInput(0, TRY(r.emit(*ops::op_assume, std::move(attrs), {choice, n.input(0)})));
    ir::Region& region = n.region(bad);
    for (size_t i = 0; i < region.results().size(); ++i) {
        ir::Node* nothing =
            region.append(*ops::op_identity, std::make_unique<ops::IdentityAttrs>(), {choice}, 1, n.name());
        TRY(ir::inferNode(*nothing));
        region.setResult(static_cast<int>(i), nothing->output());
    }
    for (size_t i = region.nodes().size() - region.results().size(); i-- > 0;) region.erase(region.nodes()[i].get());
    return {};
}

Status inferRegion(ir::Region& region, bool& changed) {
    for (size_t i = 0; i < region.nodes().size(); ++i) {
        ir::Node& n = *region.nodes()[i];
        const auto* condition = isOp(&n, "if") ? n.input(0)->elements() : nullptr;
        if (!isOp(&n, "if") || (condition && ir::isConstant(*condition))) {
            TRY(ir::inferNode(n));
            continue;
        }
        Status branch[2] = {inferRegion(n.region(0), changed), inferRegion(n.region(1), changed)};
        const auto wrong = [](const Status& s) {
            return s.code() == Code::kInvalidArgument || s.code() == Code::kUnsupported;
        };
        for (int b = 0; b < 2; ++b) {
            if (!wrong(branch[b]) || !branch[1 - b].ok()) continue;
            TRY(decide(n, b, branch[b].message()));
            changed = true;
            ++i;  // the check stands before the node
            break;
        }
        TRY(ir::inferNode(n));
    }
    return {};
}

}  // namespace

Result<bool> pruneBranches(ir::Graph& graph) {
    bool changed = false;
    TRY(inferRegion(graph.body(), changed));
    return changed;
}

}  // namespace lathe::passes

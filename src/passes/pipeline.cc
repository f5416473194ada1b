// SPDX-License-Identifier: Apache-2.0
#include "passes/pipeline.h"

#include <algorithm>
#include <chrono>

#include "ir/verify.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

// The order matters: what is folded or merged early is not looked at again.
constexpr Pass kPipeline[] = {
    {"split_affine", splitAffine},
    {"fold_constants", foldConstants},
    {"remove_unused_early", removeUnused},
    {"fold_scale", foldScale},
    {"merge_equal_nodes", mergeEqualNodes},
    {"drop_noops", dropNoops},
    {"recognize_activations", recognizeActivations},
    {"recognize_norms", recognizeNorms},
    {"settle_movements", settleMovements},
    {"recognize_attention", recognizeAttention},
    {"settle_masks", settleMasks},
    {"merge_projections", mergeProjections},
    {"settle_movements_late", settleMovements},
    {"fold_constants_late", foldConstants},
    {"remove_unused", removeUnused},
};

}  // namespace

std::vector<const Pass*> all() {
    std::vector<const Pass*> out;
    for (const Pass& p : kPipeline) out.push_back(&p);
    return out;
}

const Pass* find(std::string_view name) {
    for (const Pass& p : kPipeline)
        if (name == p.name) return &p;
    return nullptr;
}

Result<std::vector<PassReport>> canonicalize(ir::Graph& graph, const Options& options) {
    for (const std::string& name : options.disabled)
        if (!find(name)) return invalidArgument("there is no pass '{}'", name);
    std::vector<PassReport> reports;
    for (const Pass& p : kPipeline) {
        PassReport report;
        report.name = p.name;
        if (std::find(options.disabled.begin(), options.disabled.end(), p.name) == options.disabled.end()) {
            auto start = std::chrono::steady_clock::now();
            report.changed = TRY_IN(fmt::format("pass {}", p.name), p.run(graph));
            report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            if (report.changed && options.verify) TRY_IN(fmt::format("after pass {}", p.name), ir::verify(graph));
            if (report.changed && options.dump) options.dump(p.name, graph);
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace lathe::passes

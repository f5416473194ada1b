// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status checkCounts(NodeImport& c, const Graph& then, const Graph& otherwise) {
    for (const Graph* branch : {&then, &otherwise}) {
        if (branch->outputs.size() < static_cast<size_t>(c.outputCount())) {
            return c.invalid("a branch gives {} outputs; the node has {}", branch->outputs.size(), c.outputCount());
        }
    }
    return {};
}

// Only one branch, and that the condition must choose it. It lies in the graph around the node.
Status importChosen(NodeImport& c, const Graph& branch, bool expected) {
    ITensor* condition = TRY(c.input(0));
    const TensorList results = TRY(c.importBody(branch, {}));
    const std::string message = fmt::format(
        "node {} (If) was imported with its {} branch, as the graph allows no other, but its condition is {}",
        inQuotes(c.label()), expected ? "then" : "else", !expected);
    for (int i = 0; i < c.outputCount(); ++i) {
        ITensor* y = TRY(c.op("assume", {results[static_cast<size_t>(i)], condition},
                              Fields()("expected", expected)("message", message)));
        TRY(c.output(i, y));
    }
    c.session().warn(
        fmt::format("ONNX parser: node {} (If): its branches give different numbers of dimensions; only the {} branch "
                    "is imported, and "
                    "running the engine fails where the condition chooses the other",
                    inQuotes(c.label()), expected ? "then" : "else"));
    return {};
}

Status importIf(NodeImport& c) {
    const Graph* then = TRY(c.graphAttr("then_branch"));
    const Graph* otherwise = TRY(c.graphAttr("else_branch"));
    TRY(checkCounts(c, *then, *otherwise));
    if (const auto known = TRY(c.knownInts(0))) {
        if (known->size() != 1) return c.invalid("the condition has {} elements", known->size());
        return c.outputs(TRY(c.importBody((*known)[0] ? *then : *otherwise, {})));
    }
    if (const auto* choices = c.session().choices; choices && choices->count(&c.node())) {
        const bool first = choices->at(&c.node()) == 0;
        return importChosen(c, first ? *then : *otherwise, first);
    }
    ITensor* condition = TRY(c.input(0));
    if (c.type(condition) != ApiType::kBOOL) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "the condition has element type {}; it must be bool",
                      typeName(c.type(condition)));
    }
    if (c.rank(condition) > 0) condition = TRY(c.reshape(condition, Ints{}));
    nvinfer1::IIfConditional* layer = c.network().addIfConditional();
    if (!layer) return c.refusal("addIfConditional");
    layer->setName(c.session().uniqueName(c.label()).c_str());
    TRY(c.made(layer->setCondition(*condition), "condition"));
    // What a branch reads from around it goes through an input of the conditional: that makes its layers the branch's.
    const auto branch = [&](const Graph& graph) -> Result<TensorList> {
        Status failed;
        auto results = c.importBody(graph, {}, [&](ITensor& outer) -> ITensor* {
            auto made = c.made(layer->addInput(outer), "input");
            if (!made.ok()) failed = made.status();
            return made.ok() ? (*made)->getOutput(0) : nullptr;
        });
        TRY(failed);
        return results;
    };
    const TensorList yes = TRY(branch(*then));
    const TensorList no = TRY(branch(*otherwise));
    for (int i = 0; i < c.outputCount(); ++i) {
        const auto at = static_cast<size_t>(i);
        if (c.rank(yes[at]) == c.rank(no[at])) continue;
        if (c.session().seeking) {
            if (!c.session().open) c.session().open = &c.node();
            return c.leaveOpen();
        }
        return c.notSupported(
            "which branch runs is only known while running, and they give different numbers of dimensions for output "
            "{} "
            "({}): {} and {}",
            i, inQuotes(c.node().outputs[at]), toString(c.dims(yes[at])), toString(c.dims(no[at])));
    }
    for (int i = 0; i < c.outputCount(); ++i) {
        const auto at = static_cast<size_t>(i);
        TRY(c.output(i, TRY(c.layer(layer->addOutput(*yes[at], *no[at]), "if", i == 0))));
    }
    return {};
}

}  // namespace

LATHE_ONNX_OP(if, "If", importIf)

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// A value that a branch only hands on gets a layer in the branch.
Result<ITensor*> inside(NodeImport& c, ITensor* value, const TensorList& outer) {
    if (std::find(outer.begin(), outer.end(), value) == outer.end() && !value->isNetworkInput()) return value;
    return c.layer(c.network().addIdentity(*value), "identity");
}

Status importIf(NodeImport& c) {
    const Graph* then = TRY(c.graphAttr("then_branch"));
    const Graph* otherwise = TRY(c.graphAttr("else_branch"));
    for (const Graph* branch : {then, otherwise}) {
        if (branch->outputs.size() < static_cast<size_t>(c.outputCount())) {
            return c.invalid("a branch gives {} outputs; the node has {}", branch->outputs.size(), c.outputCount());
        }
    }
    if (const auto known = TRY(c.knownInts(0))) {
        if (known->size() != 1) return c.invalid("the condition has {} elements", known->size());
        return c.outputs(TRY(c.importBody((*known)[0] ? *then : *otherwise, {})));
    }
    ITensor* condition = TRY(c.input(0));
    if (c.rank(condition) > 0) condition = TRY(c.reshape(condition, Ints{}));
    nvinfer1::IIfConditional* layer = c.network().addIfConditional();
    if (!layer) return c.refusal("addIfConditional");
    layer->setName(c.session().uniqueName(c.label()).c_str());
    TRY(c.made(layer->setCondition(*condition), "condition"));
    // What was there before the branches is outside of them.
    TensorList outer;
    for (int i = 0; i < c.network().getNbLayers(); ++i) {
        nvinfer1::ILayer* one = c.network().getLayer(i);
        for (int o = 0; o < one->getNbOutputs(); ++o) outer.push_back(one->getOutput(o));
    }
    const TensorList yes = TRY(c.importBody(*then, {}));
    const TensorList no = TRY(c.importBody(*otherwise, {}));
    for (int i = 0; i < c.outputCount(); ++i) {
        const auto at = static_cast<size_t>(i);
        ITensor* y = TRY(inside(c, yes[at], outer));
        ITensor* n = TRY(inside(c, no[at], outer));
        TRY(c.output(i, TRY(c.layer(layer->addOutput(*y, *n), "if", i == 0))));
    }
    return {};
}

}  // namespace

LATHE_ONNX_OP(if, "If", importIf)

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
#include "builder/problem.h"

#include <algorithm>

#include "base/version.h"
#include "ops/plugin.h"

namespace lathe::builder {

std::string problemKey(const tactics::Binding& binding, const tactics::BindContext& shapes) {
    const tactics::Target& t = shapes.target();
    std::string key =
        fmt::format("{}|{}|{}|{}|{}|{}|", kVersion, t.name(), t.threads, t.model, t.onednn, binding.tactic->id());
    for (const std::string& library : {t.cublasLt, t.cudnn})
        if (!library.empty()) key += library + "|";
    for (int64_t p : binding.params) key += fmt::format("{},", p);
    auto typeText = [&](const ir::Value& v) {
        return fmt::format("{}{}", toString(v.dtype()), ir::toString(shapes.optDims(v)));
    };
    for (size_t n = 0; n < binding.nodes.size(); ++n) {
        const ir::Node& node = *binding.nodes[n];
        auto defaults = node.op().makeAttrs();
        std::optional<std::string> text = ir::printAttrs(node.anyAttrs(), defaults.get());
        if (&node.op() == ops::op_plugin) text = ops::pluginTimingText(node);
        if (!text) return {};
        key += fmt::format("|{}{{{}}}(", node.op().name(), *text);
        for (const ir::Value* v : node.inputs()) {
            if (!v) {
                key += "-;";
                continue;
            }
            auto input = std::find(binding.inputs.begin(), binding.inputs.end(), v);
            auto inner = std::find_if(binding.nodes.begin(), binding.nodes.end(),
                                      [&](const ir::Node* m) { return v->producer() == m; });
            if (input != binding.inputs.end())
                key += fmt::format("i{}:{}:{};", input - binding.inputs.begin(), typeText(*v),
                                   tactics::toString(binding.inputLayouts[input - binding.inputs.begin()]));
            else if (inner != binding.nodes.end())
                key += fmt::format("n{}.{};", inner - binding.nodes.begin(), v->outputIndex());
            else
                key += fmt::format("w:{};", typeText(*v));
        }
        key += ")->";
        for (const ir::Value* v : node.outputs()) {
            auto output = std::find(binding.outputs.begin(), binding.outputs.end(), v);
            key += typeText(*v);
            if (output != binding.outputs.end())
                key += fmt::format(":{}", tactics::toString(binding.outputLayouts[output - binding.outputs.begin()]));
            key += ";";
        }
    }
    return key;
}

}  // namespace lathe::builder

// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/function_calls.h"

#include <set>

namespace lathe::onnx {
namespace {

void collectCallees(const std::vector<Node>& nodes, const FunctionTable& table, std::set<const Function*>& callees) {
    for (const Node& node : nodes) {
        if (const Function* callee = table.find(node)) callees.insert(callee);
        for (const Attribute& attribute : node.attributes) {
            for (const Graph& graph : attribute.graphs) collectCallees(graph.nodes, table, callees);
        }
    }
}

}  // namespace

Result<FunctionTable> FunctionTable::make(const std::vector<Function>& functions) {
    FunctionTable table;
    for (const Function& function : functions) {
        if (!table.functions_.try_emplace({function.domain, function.name, function.overload}, &function).second) {
            return invalidArgument("{} is there twice", describe(function));
        }
    }
    return table;
}

const Function* FunctionTable::find(const Node& node) const {
    const auto found = functions_.find({node.domain, node.opType, node.overload});
    return found == functions_.end() ? nullptr : found->second;
}

std::string describe(const Function& function) {
    std::string text = function.domain.empty() ? function.name : function.domain + '.' + function.name;
    if (!function.overload.empty()) text += ':' + function.overload;
    return "function " + inQuotes(text);
}

// Takes away, again and again, functions that call nothing that is left; what stays calls in a circle. Without
// recursion of its own, since a chain of calls is as long as a file wants it.
Status checkNoRecursion(const std::vector<Function>& functions, const FunctionTable& table) {
    std::map<const Function*, std::set<const Function*>> callees;
    std::map<const Function*, std::vector<const Function*>> callers;
    std::vector<const Function*> done;
    for (const Function& function : functions) {
        std::set<const Function*>& mine = callees[&function];
        collectCallees(function.nodes, table, mine);
        for (const Attribute& attribute : function.attributeDefaults) {
            for (const Graph& graph : attribute.graphs) collectCallees(graph.nodes, table, mine);
        }
        for (const Function* callee : mine) callers[callee].push_back(&function);
        if (mine.empty()) done.push_back(&function);
    }
    size_t count = 0;
    while (!done.empty()) {
        const Function* function = done.back();
        done.pop_back();
        ++count;
        for (const Function* caller : callers[function]) {
            callees[caller].erase(function);
            if (callees[caller].empty()) done.push_back(caller);
        }
    }
    if (count == functions.size()) return {};
    const Function* at = &functions[0];
    while (callees[at].empty()) ++at;
    for (size_t i = 0; i < functions.size(); ++i) at = *callees[at].begin();
    const Function* next = *callees[at].begin();
    if (next == at) return invalidArgument("{} calls itself", describe(*at));
    return invalidArgument("{} calls itself through {}", describe(*at), describe(*next));
}

}  // namespace lathe::onnx

// SPDX-License-Identifier: Apache-2.0
// Passes bring a graph into canonical form; they commit to no fusion. pipeline.cc is the ordered list.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace lathe::passes {

// Answers whether it changed anything.
struct Pass {
    const char* name;
    Result<bool> (*run)(ir::Graph& graph);
};

struct PassReport {
    std::string name;
    bool changed = false;
    double seconds = 0;
};

struct Options {
    std::vector<std::string> disabled;
    bool verify = true;
    // Called with the graph after each pass that changed it.
    std::function<void(const char* pass, const ir::Graph& graph)> dump;
};

std::vector<const Pass*> all();
const Pass* find(std::string_view name);
// Runs the list; a failure names the pass.
Result<std::vector<PassReport>> canonicalize(ir::Graph& graph, const Options& options);

}  // namespace lathe::passes

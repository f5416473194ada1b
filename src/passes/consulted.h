// SPDX-License-Identifier: Apache-2.0
// Which constants a rewrite depends on by their values: those of an engine cannot be changed afterwards.
#pragma once

#include <set>
#include <string>

#include "ir/graph.h"

namespace lathe::passes {

// While it lives, rewrites in this thread note the named source weights whose values decided them (scalarOf() in a
// visit of forEach() that changed something).
class Consulted {
  public:
    Consulted();
    ~Consulted();
    Consulted(const Consulted&) = delete;
    const std::set<std::string>& names() const { return names_; }

    // For rewrite.cc: a value was looked at; what was looked at since the last call took part in a rewrite, or did not.
    static void look(const ir::Weights& weights);
    static void settle(bool changed);

  private:
    std::set<std::string> names_, pending_;
    Consulted* outer_;
};

// Adds the names of the sources of weights, however derived.
void addSourceNames(const ir::Weights& weights, std::set<std::string>& names);

}  // namespace lathe::passes

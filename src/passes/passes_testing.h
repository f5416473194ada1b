// SPDX-License-Identifier: Apache-2.0
// A pass is tested by files testdata/<pass>.ir: cases of `; name`, the graph before, a line `---`, the graph after, and
// a line `===` between cases. The graph before must also give the same answers as the graph after, on random inputs.
#pragma once

#include <string>

#include "ir/graph.h"

namespace lathe::passes::testing {

// Runs every case of src/passes/testdata/<pass>.ir.
void runCases(const char* pass);

// Both graphs give the same on seeded inputs.
void expectSameAnswers(const ir::Graph& before, const ir::Graph& after);

}  // namespace lathe::passes::testing

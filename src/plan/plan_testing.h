// SPDX-License-Identifier: Apache-2.0
// Makes plans without a builder, for tests.
#pragma once

#include <gtest/gtest.h>

#include "plan/format.h"

namespace lathe::plan::testing {

// A plan of one program over the graph: every node alone, by a tactic with row-major operands that `seed` picks (0: the
// reference wherever it can). The profile allows 1 to 64 (optimum 4) for every unknown extent or element of an input.
std::unique_ptr<Plan> makePlan(std::unique_ptr<ir::Graph> graph, uint64_t seed = 0);

// A graph of varied ops with constants, derived weights, symbols and several results; different for each seed.
std::unique_ptr<ir::Graph> randomGraph(uint32_t seed);

// Makes header, table and structure checksums of a plan's bytes right again, after they were tampered with. Leaves
// bytes alone whose table is not where the header says.
void fixChecksums(std::vector<std::byte>& bytes);

}  // namespace lathe::plan::testing

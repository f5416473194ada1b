// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "passes/passes_testing.h"

TEST(Passes, MergeProjections) { lathe::passes::testing::runCases("merge_projections"); }

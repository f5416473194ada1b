// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "passes/passes_testing.h"

TEST(Passes, RemoveUnused) { lathe::passes::testing::runCases("remove_unused"); }

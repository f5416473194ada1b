// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "passes/passes_testing.h"

TEST(Passes, SettleMasks) { lathe::passes::testing::runCases("settle_masks"); }

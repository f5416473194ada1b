// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "passes/passes_testing.h"

TEST(Passes, RecognizeNorms) { lathe::passes::testing::runCases("recognize_norms"); }

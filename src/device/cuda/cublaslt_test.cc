// SPDX-License-Identifier: Apache-2.0
// Products are compared with the reference in tests/cuda, through their tactics.
#include "device/cuda/cublaslt.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lathe::cuda {
namespace {

TEST(CublasLt, IsThereWithAVersionOrSaysWhatIsMissing) {
    Result<const CublasLt*> lt = CublasLt::get();
    if (lt.ok()) {
        EXPECT_EQ(std::count((*lt)->version().begin(), (*lt)->version().end(), '.'), 2) << (*lt)->version();
    } else {
        EXPECT_NE(lt.status().message().find("cublasLt"), std::string::npos) << lt.status().message();
    }
    // The same answer every time.
    EXPECT_EQ(CublasLt::get().ok(), lt.ok());
}

}  // namespace
}  // namespace lathe::cuda
